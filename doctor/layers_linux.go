package doctor

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/nsjail/kernfs"
	"github.com/hotcell/hotcell/nsjail/landlock"
	"github.com/hotcell/hotcell/protocol"
)

// Layers returns the names of all layers, in the order in which they are checked.
// The setting allow_missing takes these names.
func Layers() []string {
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = l.name
	}
	return names
}

// CheckNames returns an error for the first name that is not the name of a layer.
func CheckNames(names []string) error {
	for _, name := range names {
		if !slices.Contains(Layers(), name) {
			return fmt.Errorf("allow_missing: %q is not a layer: use %s", name, strings.Join(Layers(), ", "))
		}
	}
	return nil
}

// layers has a function for each layer that looks at the evidence. It returns what
// it saw, or an error when the layer does not hold.
var layers = []struct {
	name   string
	look   func(*evidence) (string, error)
	remedy string
}{
	{"user-namespace", ownNamespace("user"), kernelRemedy},
	{"pid-namespace", ownNamespace("pid"), kernelRemedy},
	{"mount-namespace", ownNamespace("mnt"), kernelRemedy},
	{"network-namespace", ownNamespace("net"), kernelRemedy},
	{"ipc-namespace", ownNamespace("ipc"), kernelRemedy},
	{"uts-namespace", ownNamespace("uts"), kernelRemedy},
	{"cgroup-namespace", ownNamespace("cgroup"), kernelRemedy},
	{"read-only-root", readOnlyRoot, "find what makes the named mount writable: nsjail mounts all of them read-only"},
	{"no-proc-no-sys", noProc, "remove /proc and /sys from the root that the profile names"},
	{"no-network", noNetwork, "report this: the seccomp filter of cells refuses all sockets but Unix ones, and Landlock keeps those within the cell"},
	{"own-uid", ownUID, "free the uid range, or set another one with uid_base and uid_count"},
	{"no-capabilities", noCapabilities, "report this, with the log: the cell did not drop its capabilities"},
	{"no-new-privileges", noNewPrivileges, kernelRemedy},
	{"seccomp", seccompInForce, "use a kernel with CONFIG_SECCOMP_FILTER"},
	{"zygote-seccomp", zygoteSeccomp, "use a kernel with CONFIG_SECCOMP_FILTER"},
	{"resource-limits", resourceLimits, "report this: a cell lowers its own limits"},
	{"landlock", landlockInForce, "use Linux 6.12 or newer with landlock among its security modules; hotcell works without it"},
	{"no-foreign-descriptors", ownDescriptors, "do not preload the library that keeps a descriptor open"},
	{"randomness", differentRandomness, "do not preload the library whose generator is not reseeded, or use spawn mode exec"},
	{"single-threaded-zygote", singleThreaded, "do not preload the library that starts threads, or use spawn mode exec"},
	{cgroup.LayerMemory, memoryBites, cgroupRemedy},
	{cgroup.LayerPids, processesBite, cgroupRemedy},
	{cgroup.LayerCPU, cpuBites, cgroupRemedy},
	{"disk-limit", diskBites, "use Linux 5.2 or newer: on an older kernel the tmpfs of a cell cannot be mounted or resized"},
	{"wall-limit", wallBites, "report this: the limit does not depend on the machine"},
}

const (
	kernelRemedy = "the kernel or the seccomp profile of the container engine refuses it: see what hotcell doctor says of the machine; hotcell seccomp prints a profile"
	cgroupRemedy = "run hotcell where it may make cgroups with this controller (for example systemd-run -p Delegate=yes), or name the layer in allow_missing"
)

// The functions of the table follow, in its order.

func ownNamespace(kind string) func(*evidence) (string, error) {
	return func(e *evidence) (string, error) {
		ours, err := os.Readlink("/proc/self/ns/" + kind)
		if err != nil {
			return "", err
		}
		if ours == e.one.namespaces[kind] {
			return "", fmt.Errorf("the cell is in hotcell's own %s", ours)
		}
		shared := kind == "user" || kind == "net" || kind == "cgroup" // the cells of one zygote share it
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
	return "only the cell's own disk is writable", nil
}

func noProc(e *evidence) (string, error) {
	if found := e.one.within.Visible; len(found) > 0 {
		return "", fmt.Errorf("visible: %s", strings.Join(found, ", "))
	}
	return "neither is visible: a script sees a few ordinary files in their places", nil
}

func noNetwork(e *evidence) (string, error) {
	if found := e.one.within.Network; len(found) > 0 {
		return "", fmt.Errorf("a script can make sockets of %s", strings.Join(found, ", "))
	}
	if found := e.two.within.Sibling; found != "none" {
		return "", errors.New("a script can reach a sibling's socket by its abstract name")
	}
	if e.unixSockets {
		return "only Unix sockets can be made, and no sibling's is to be reached", nil
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
		return "", fmt.Errorf("the cell has uids %q", one)
	}
	groups := e.one.status["Groups"]
	switch {
	case e.singleUID && groups != "":
		return "uid " + id + " for all cells, with the supervisor's groups " + groups, nil
	case e.singleUID:
		return "uid " + id + " for all cells", nil
	case groups != "":
		return "", fmt.Errorf("the cell is in groups %s", groups)
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

// seccompInForce counts filters: a cell also has those of its zygote.
func seccompInForce(e *evidence) (string, error) {
	zygote, err := filters(e.zygotePID)
	if err != nil {
		return "", err
	}
	if e.zygotePID == 0 { // spawn mode exec: the cell was its own zygote
		zygote++
	}
	return fmt.Sprintf("a filter of its own and %d inherited", zygote), atLeast(e.one.status, zygote+1)
}

func zygoteSeccomp(e *evidence) (string, error) {
	ours, err := filters(0)
	if err != nil {
		return "", err
	}
	status := e.one.status
	if e.zygotePID != 0 {
		if status, err = kernfs.Fields(fmt.Sprintf("/proc/%d/status", e.zygotePID)); err != nil {
			return "", err
		}
	}
	return "a filter is in force", atLeast(status, ours+e.ownFilters)
}

// filters returns how many seccomp filters a process has; pid 0 is this process.
// The kernel shows the number since Linux 5.9.
func filters(pid int) (int, error) {
	if pid == 0 {
		pid = os.Getpid()
	}
	status, err := kernfs.Fields(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	count, _ := strconv.Atoi(status["Seccomp_filters"])
	return count, nil
}

func atLeast(status map[string]string, want int) error {
	if mode := status["Seccomp"]; mode != "2" {
		return fmt.Errorf("seccomp mode is %q instead of 2 (filter)", mode)
	}
	if text, told := status["Seccomp_filters"]; told {
		if count, err := strconv.Atoi(text); err != nil || count < want {
			return fmt.Errorf("%s seccomp filters instead of %d", text, want)
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
		return "", fmt.Errorf("the script has descriptors %v instead of 0 to 3", found)
	}
	return "only its own four", nil
}

func differentRandomness(e *evidence) (string, error) {
	for name, value := range e.one.within.Random {
		if value == e.two.within.Random[name] {
			return "", fmt.Errorf("%s gives two cells the same value", name)
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
		err = fmt.Errorf("the zygote has %d threads", threads)
	}
	return "one thread", err
}

func memoryBites(e *evidence) (string, error) {
	return ended(e.verdicts["memory"], protocol.StatusMemoryLimit)
}

func wallBites(e *evidence) (string, error) { return ended(e.verdicts["wall"], protocol.StatusTimeout) }

func ended(v nsjail.Verdict, want protocol.Status) (string, error) {
	if v.Status != want {
		return "", fmt.Errorf("a script over the limit ends with status %s", v.Status)
	}
	return "a script over the limit ends with status " + string(want), nil
}

func processesBite(e *evidence) (string, error) {
	if got := string(e.verdicts["processes"].Result); got != strconv.Itoa(childrenOfProbe) {
		return "", fmt.Errorf("a script that may start %d processes started %s", childrenOfProbe, got)
	}
	return fmt.Sprintf("a script that may start %d processes started no more", childrenOfProbe), nil
}

// cpuBites compares CPU time with the clock while eight processes spin.
func cpuBites(e *evidence) (string, error) {
	used := e.verdicts["cpu"].Usage
	if used.CPU == nil {
		return "", errors.New("no cgroup counts CPU time")
	}
	share := used.CPU.Seconds() / used.Wall.Seconds()
	if *used.CPU == 0 || share > 1.5 {
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
		return "", fmt.Errorf("writing 4 MiB to a disk of 1 MiB gave errno %s instead of ENOSPC", got)
	}
	return "a full disk gives ENOSPC", nil
}

// resourceLimits compares a cell's limits, as /proc shows them, with what they must be.
func resourceLimits(e *evidence) (string, error) {
	var errs []error
	for name, most := range e.cellLimits {
		for _, text := range e.one.rlimits[name] {
			if n, err := strconv.Atoi(text); err != nil || n > most {
				errs = append(errs, fmt.Errorf("%s is %s: at most %d is allowed", name, text, most))
			}
		}
		if _, told := e.one.rlimits[name]; !told {
			errs = append(errs, fmt.Errorf("%s: the kernel does not show this limit", name))
		}
	}
	return fmt.Sprintf("%d limits hold; a process may have %d open files", len(e.cellLimits), nsjail.CellFiles), errors.Join(errs...)
}
