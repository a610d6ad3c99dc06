package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// uidOfACell returns the uid of a script on the machine, which it also has in its
// jail.
func (s *serving) uidOfACell() (uid int) {
	s.t.Helper()
	response, err := http.Post(s.URL+"/execute", "application/json", bytes.NewReader([]byte(`{"script":"import os\ndef main(): return os.getuid()"}`)))
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Result int }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Result == 0 {
		s.t.Fatalf("status %d, uid %d, %v", response.StatusCode, answer.Result, err)
	}
	return answer.Result
}

// The two instances have different state directories, and no file in common.
func TestTwoInstancesNeverUseTheSameUIDs(t *testing.T) {
	testkit.NeedsJails(t)
	instance := func(state string) *serving {
		return startServing(t, "--state-dir", filepath.Join(stateDir(t), state))
	}
	one, two := instance("one"), instance("two")
	first, second := make(map[int]bool), make(map[int]bool)
	for range 20 {
		first[one.uidOfACell()] = true
		second[two.uidOfACell()] = true
	}
	for uid := range first {
		if second[uid] {
			t.Errorf("both instances used uid %d", uid)
		}
	}
	for _, s := range []*serving{one, two} {
		s.stop()
	}
	_ = os.RemoveAll(stateDir(t)) // the two directories, which are empty
}

func TestAnInstanceForWhichNoUIDsAreLeftSaysWhoHasThem(t *testing.T) {
	testkit.NeedsJails(t)
	const base = "700000000"
	one := startServing(t, "--uid-base", base, "--uid-count", "100")
	status, _, stderr := testkit.Outcome(t, hotcell(t, "serve", "--listen", "127.0.0.1:0", "--uid-base", base, "--uid-count", "100"))
	for _, part := range []string{"uid_base", "uid_count", fmt.Sprintf("process %d (", one.Process.Pid), "700000000"} {
		if status == 0 || !strings.Contains(stderr, part) {
			t.Errorf("status %d, without %q:\n%s", status, part, stderr)
		}
	}
	one.stop()
	again := startServing(t, "--uid-base", base, "--uid-count", "100")
	if uid := again.uidOfACell(); uid < 700000000 || uid > 700000099 {
		t.Errorf("uid %d", uid)
	}
	again.stop()
}
