package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// An ordinary user without capabilities, but with delegated cgroups, gets every
// layer. All cells have that user's uid.
func TestAnOrdinaryUserNeedsNoCapability(t *testing.T) {
	testkit.NeedsJails(t)
	s := startServingAs(t, testkit.Delegate(t))
	if !strings.Contains(s.Log.String(), "all cells share the supervisor's own uid") {
		t.Errorf("it says nothing of uids:\n%s", s.Log)
	}
	response, err := http.Get(s.URL + "/info")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var info struct {
		UIDs     string `json:"uids"`
		Profiles map[string]struct {
			Isolation    map[string]bool `json:"isolation"`
			SharedCounts []string        `json:"shared_counts"`
		} `json:"profiles"`
	}
	if err := json.NewDecoder(response.Body).Decode(&info); err != nil {
		t.Fatal(err)
	}
	if info.UIDs != "single" {
		t.Errorf("uids are %q", info.UIDs)
	}
	// Each is a row of the table.
	table, err := os.ReadFile("../../docs/shared-uid.md")
	if err != nil {
		t.Fatal(err)
	}
	shared := info.Profiles["default"].SharedCounts
	for _, count := range shared {
		if !strings.Contains(string(table), "\n| "+count+" |") {
			t.Errorf("%q is not in docs/shared-uid.md", count)
		}
	}
	if len(shared) != 3 {
		t.Errorf("cells share the counts of %q", shared)
	}
	layers := info.Profiles["default"].Isolation
	for layer, held := range layers {
		if !held {
			t.Errorf("layer %s does not hold", layer)
		}
	}
	if len(layers) < 20 {
		t.Errorf("only %d layers", len(layers))
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Process.Pid))
	if err != nil || !strings.Contains(string(status), "CapPrm:\t0000000000000000") || !strings.Contains(string(status), "CapBnd:\t0000000000000000") {
		t.Errorf("%v\n%s", err, status)
	}
	s.stop()
}

func TestARangeThatTheKernelRefusesIsSaid(t *testing.T) {
	testkit.NeedsJails(t)
	cmd := testkit.AsOrdinary(t, hotcell(t, "serve", "--listen", "127.0.0.1:0", "--uids", "range"), stateDir(t), nil)
	if status, _, stderr := testkit.Outcome(t, cmd); status == 0 || !strings.Contains(stderr, "uids 20000 to 59999") || !strings.Contains(stderr, "CAP_SETUID and CAP_SETGID") {
		t.Errorf("%d\n%s", status, stderr)
	}
	root := hotcell(t, "serve", "--listen", "127.0.0.1:0", "--uids", "single")
	if status, _, stderr := testkit.Outcome(t, root); status == 0 || !strings.Contains(stderr, "cells would have root's uid") {
		t.Errorf("%d\n%s", status, stderr)
	}
}

func startServingAs(t *testing.T, groups []string, flags ...string) *serving {
	t.Helper()
	args := append([]string{"serve", "--listen", "127.0.0.1:0"}, flags...)
	return start(t, testkit.AsOrdinary(t, hotcell(t, args...), stateDir(t), groups))
}
