package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// SETUID, SETGID, DAC_OVERRIDE, NET_BIND_SERVICE: bits 7, 6, 1, 10.
const keptCapabilities = "00000000000004c2"

func TestAServiceKeepsOnlyTheCapabilitiesItNeeds(t *testing.T) {
	s := startServing(t)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"CapPrm", "CapEff", "CapBnd"} {
		if want := set + ":\t" + keptCapabilities; !strings.Contains(string(status), want) {
			t.Errorf("no %q in\n%s", want, status)
		}
	}
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", s.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads { // capabilities belong to threads
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/status", s.Process.Pid, thread.Name()))
		if err == nil && !strings.Contains(string(status), "CapBnd:\t"+keptCapabilities) {
			t.Errorf("thread %s:\n%s", thread.Name(), status)
		}
	}
	if !strings.Contains(s.execute("def main(): return 'works'"), `"result":"works"`) {
		t.Error("it does not answer")
	}
	s.stop()
}
