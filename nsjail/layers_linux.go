package nsjail

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/nsjail/kernfs"
	"github.com/hotcell/hotcell/nsjail/landlock"
	"github.com/hotcell/hotcell/protocol"
)

// The looks of the self-test, one a layer: each returns what it saw, and an
// error where the layer does not hold.

func ownNamespace(kind string) func(*evidence) (string, error) {
	return func(e *evidence) (string, error) {
		ours, err := os.Readlink("/proc/self/ns/" + kind)
		if err != nil {
			return "", err
		}
		if ours == e.one.namespaces[kind] {
			return "", fmt.Errorf("the cell is in hotcell's own %s", ours)
		}
		shared := kind == "user" || kind == "net" || kind == "cgroup" // by the cells of a zygote
		if !shared && e.one.namespaces[kind] == e.two.namespaces[kind] {
			return "", fmt.Errorf("two cells share %s", e.one.namespaces[kind])
		}
		return e.one.namespaces[kind], nil
	}
}

func readOnlyRoot(e *evidence) (string, error) {
	if found := slices.Concat(e.one.writable, e.one.within.Writable); len(found) > 0 {
		return "", fmt.Errorf("writable: %s", strings.Join(found, ", "))
	}
	return "nothing outside the box can be written", nil
}

func noProc(e *evidence) (string, error) {
	if found := e.one.within.Visible; len(found) > 0 {
		return "", fmt.Errorf("visible: %s", strings.Join(found, ", "))
	}
	return "none of them is there", nil
}

func noNetwork(e *evidence) (string, error) {
	if found := e.one.within.Network; len(found) > 0 {
		return "", fmt.Errorf("a script can make sockets of %s", strings.Join(found, ", "))
	}
	return "no socket can be made", nil
}

func ownUID(e *evidence) (string, error) {
	one, two := e.one.status["Uid"], e.two.status["Uid"]
	if one == two && !e.singleUID {
		return "", fmt.Errorf("two cells have uid %s", one)
	}
	id, _, _ := strings.Cut(one, " ")
	if id == "" || id == "0" || one != strings.Join([]string{id, id, id, id}, " ") { // real, effective, saved, file system
		return "", fmt.Errorf("its uids are %q", one)
	}
	groups := e.one.status["Groups"]
	switch {
	case e.singleUID && groups != "":
		return "uid " + id + " for all cells, with the supervisor's groups " + groups, nil
	case e.singleUID:
		return "uid " + id + " for all cells", nil
	case groups != "":
		return "", fmt.Errorf("it is in groups %s", groups)
	}
	return "uid " + id, nil
}

func noCapabilities(e *evidence) (string, error) {
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		if value := e.one.status[set]; strings.Trim(value, "0") != "" || value == "" {
			return "", fmt.Errorf("%s is %s", set, value)
		}
	}
	return "all five sets are empty", nil
}

func noNewPrivileges(e *evidence) (string, error) {
	if value := e.one.status["NoNewPrivs"]; value != "1" {
		return "", fmt.Errorf("NoNewPrivs is %q", value)
	}
	return "set", nil
}

// seccompInForce counts filters, since a cell inherits its zygote's.
func seccompInForce(e *evidence) (string, error) {
	zygote, err := filters(e.zygotePID)
	if err != nil {
		return "", err
	}
	if e.zygotePID == 0 { // spawn mode exec: the cell was its own zygote
		zygote++
	}
	return fmt.Sprintf("a filter of its own, beside %d", zygote), atLeast(e.one.status, zygote+1)
}

func zygoteSeccomp(e *evidence) (string, error) {
	ours, err := filters(0)
	if err != nil {
		return "", err
	}
	status := e.one.status
	if e.zygotePID != 0 {
		if status, err = readStatus(e.zygotePID); err != nil {
			return "", err
		}
	}
	return "a filter is in force", atLeast(status, ours+1)
}

// filters counts a process' seccomp filters; pid 0 is our own. The kernel tells
// since Linux 5.9.
func filters(pid int) (int, error) {
	if pid == 0 {
		pid = os.Getpid()
	}
	status, err := readStatus(pid)
	if err != nil {
		return 0, err
	}
	count, _ := strconv.Atoi(status["Seccomp_filters"])
	return count, nil
}

func atLeast(status map[string]string, want int) error {
	if mode := status["Seccomp"]; mode != "2" {
		return fmt.Errorf("seccomp mode is %q, not 2 (filter)", mode)
	}
	if text, told := status["Seccomp_filters"]; told {
		if count, err := strconv.Atoi(text); err != nil || count < want {
			return fmt.Errorf("%s seccomp filters, not %d", text, want)
		}
	}
	return nil
}

func landlockInForce(e *evidence) (string, error) {
	if e.landlock == 0 {
		return "", landlock.ErrUnavailable
	}
	if found := e.one.within.Unruled; len(found) > 0 {
		return "", fmt.Errorf("the kernel has ABI %d, and a script can do %s", e.landlock, strings.Join(found, ", "))
	}
	return fmt.Sprintf("ABI %d", e.landlock), nil
}

func ownDescriptors(e *evidence) (string, error) {
	if found := e.one.within.Descriptors; !slices.Equal(found, []int{0, 1, 2, 3}) {
		return "", fmt.Errorf("the script finds descriptors %v, not 0 to 3", found)
	}
	return "its own four", nil
}

func differentRandomness(e *evidence) (string, error) {
	for name, value := range e.one.within.Random {
		if value == e.two.within.Random[name] {
			return "", fmt.Errorf("%s gives two cells the same", name)
		}
	}
	return fmt.Sprintf("%d generators differ", len(e.one.within.Random)), nil
}

func singleThreaded(e *evidence) (string, error) {
	if e.zygotePID == 0 {
		return "no zygote in spawn mode exec", nil
	}
	threads, err := kernfs.Number(fmt.Sprintf("/proc/%d/status", e.zygotePID), "Threads:")
	if err == nil && threads != 1 {
		err = fmt.Errorf("it has %d threads", threads)
	}
	return "one thread", err
}

func memoryBites(e *evidence) (string, error) {
	return ended(e.verdicts["memory"], protocol.StatusMemoryLimit)
}

func wallBites(e *evidence) (string, error) { return ended(e.verdicts["wall"], protocol.StatusTimeout) }

func ended(v Verdict, want protocol.Status) (string, error) {
	if v.Status != want {
		return "", fmt.Errorf("a script that goes over it ends with %s", v.Status)
	}
	return "a script that goes over it ends with " + string(want), nil
}

func processesBite(e *evidence) (string, error) {
	if got := string(e.verdicts["processes"].Result); got != "3" {
		return "", fmt.Errorf("with 4 processes allowed a script could start %s more", got)
	}
	return "the limit of 4 held", nil
}

// cpuBites compares CPU time with the clock, while eight processes spin.
func cpuBites(e *evidence) (string, error) {
	used := e.verdicts["cpu"].Usage
	share := used.CPU.Seconds() / used.Wall.Seconds()
	if used.CPU == 0 || share > 1.5 {
		return "", fmt.Errorf("eight spinning processes used %.1f processors", share)
	}
	if runtime.NumCPU() == 1 {
		return "this machine has one processor", nil
	}
	return fmt.Sprintf("eight spinning processes used %.1f processors", share), nil
}

func diskBites(e *evidence) (string, error) {
	const enospc = "28"
	if got := string(e.verdicts["disk"].Result); got != enospc {
		return "", fmt.Errorf("writing 4 MiB to a disk of 1 MiB gave %s", got)
	}
	return "a full disk says ENOSPC", nil
}
