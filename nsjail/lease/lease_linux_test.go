package lease_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail/lease"
)

// The tests use uids far from those of real instances.
const base = 900_000_000

func take(t *testing.T, first, total, count int) *lease.Lease {
	t.Helper()
	taken, err := lease.Take(first, total, count)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(taken.Close)
	return taken
}

func TestLeasesNeverOverlap(t *testing.T) {
	var mu sync.Mutex
	owner := make(map[int]int)
	var instances sync.WaitGroup
	for instance := range 12 {
		instances.Add(1)
		go func() {
			defer instances.Done()
			// Each has different settings, and all overlap.
			taken, err := lease.Take(base+instance*17, 40_000, 600+instance*50)
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(taken.Close)
			mu.Lock()
			defer mu.Unlock()
			for id := taken.First; id < taken.First+taken.Count; id++ {
				if other, ok := owner[id]; ok {
					t.Errorf("instances %d and %d both have uid %d", other, instance, id)
					return
				}
				owner[id] = instance
			}
		}()
	}
	instances.Wait()
}

func TestALeaseThatWasGivenBackIsTakenAgain(t *testing.T) {
	const first = base + 100_000
	for range 3 {
		taken := take(t, first, 500, 500)
		if taken.First != first || taken.Count != 500 {
			t.Errorf("%+v", taken)
		}
		taken.Close()
	}
}

func TestARefusalNamesWhoHasTheUIDs(t *testing.T) {
	const first = base + 200_000
	take(t, first, 1000, 500)
	take(t, first, 1000, 500)
	_, err := lease.Take(first, 1000, 500)
	want := fmt.Sprintf("process %d (", os.Getpid())
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), fmt.Sprintf("has %d to %d", first, first+999)) {
		t.Errorf("%v does not contain %q", err, want)
	}
}

func TestUIDsThatAProcessHasAreNotLeased(t *testing.T) {
	testkit.NeedsRoot(t, "it starts a process of another user")
	const first = base + 300_000
	other := exec.Command("setpriv", "--regid", fmt.Sprint(first+7), "--clear-groups", "sleep", "60")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	for { // until it has become sleep, with its new gid
		if name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", other.Process.Pid)); string(name) == "sleep\n" {
			break
		}
	}
	if taken := take(t, first, 1000, 500); taken.First != first+250 {
		t.Errorf("leased from %d on", taken.First)
	}
	if _, err := lease.Take(first, 250, 250); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d (sleep) has %d", other.Process.Pid, first+7)) {
		t.Error(err)
	}
}

func TestAProcessThatEndsGivesItsLeaseBack(t *testing.T) {
	const first = base + 400_000
	if os.Getenv("HOTCELL_TEST_LEASE") != "" {
		if _, err := lease.Take(first, 250, 250); err != nil {
			t.Fatal(err)
		}
		fmt.Println("taken")
		time.Sleep(time.Hour)
	}
	other := exec.Command(os.Args[0], "-test.run=^TestAProcessThatEndsGivesItsLeaseBack$")
	other.Env = append(os.Environ(), "HOTCELL_TEST_LEASE=yes")
	out, err := other.StdoutPipe()
	if err == nil {
		err = other.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	word := make([]byte, 6)
	if _, err := out.Read(word); err != nil || string(word) != "taken\n" {
		t.Fatalf("%q %v", word, err)
	}
	if _, err := lease.Take(first, 250, 250); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d (", other.Process.Pid)) {
		t.Error(err)
	}
	_ = other.Process.Kill()
	_ = other.Wait()
	take(t, first, 250, 250)
}
