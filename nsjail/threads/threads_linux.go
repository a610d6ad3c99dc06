package threads

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// Check returns an error if a zygote has more threads than one: a fork keeps only
// one, and what the others had locked stays locked in every cell. step is that of its
// start after which it first had more.
func Check(pid int, step string) error {
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return fmt.Errorf("count the zygote's threads: %w", err)
	}
	if len(tasks) == 1 {
		return nil
	}
	var others []string
	for _, task := range tasks {
		if tid, err := strconv.Atoi(task.Name()); err == nil && tid != pid {
			others = append(others, describeThread(pid, tid))
		}
	}
	slices.Sort(others)
	if step == "" {
		step = "a later step"
	}
	return fmt.Errorf("the zygote has %d threads after its imports, and a fork keeps only one: %q started %s: turn them off by a variable in the setting environment, do not preload the library that starts them, or use spawn mode exec",
		len(tasks), step, strings.Join(slices.Compact(others), ", "))
}

// describeThread returns a thread's name and the library that waits in it, if that can
// be seen.
func describeThread(pid, tid int) string {
	name, err := kernfs.Read(fmt.Sprintf("/proc/%d/task/%d/comm", pid, tid))
	if err != nil {
		return "a thread that has ended"
	}
	text := fmt.Sprintf("thread %q", strings.TrimSpace(name))
	if library := libraryOf(pid, tid); library != "" {
		text += " of " + library
	}
	return text
}

const (
	stackBytes = 64 << 10 // as much of a waiting thread's stack as is looked at
	wordBytes  = 8
)

// libraryOf looks for the innermost caller of a waiting thread that is neither of the C
// nor of the C++ runtime: the first word of its stack that points into such a library's
// code. It returns "" if the kernel shows none.
func libraryOf(pid, tid int) string {
	state, err := kernfs.Read(fmt.Sprintf("/proc/%d/task/%d/syscall", pid, tid))
	fields := strings.Fields(state)
	if err != nil || len(fields) < 2 {
		return ""
	}
	top, err := strconv.ParseUint(strings.TrimPrefix(fields[len(fields)-2], "0x"), 16, 63)
	if err != nil {
		return ""
	}
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return ""
	}
	defer memory.Close()
	stack := make([]byte, stackBytes)
	n, _ := memory.ReadAt(stack, int64(top)) // #nosec G115 -- 63 bits. It ends where the stack does
	code := codeOf(pid)
	for stack = stack[:n-n%wordBytes]; len(stack) > 0; stack = stack[wordBytes:] {
		word := binary.LittleEndian.Uint64(stack)
		for _, part := range code {
			if part.begin <= word && word < part.end {
				return part.library
			}
		}
	}
	return ""
}

// code is a mapping of a library's code.
type code struct {
	begin, end uint64
	library    string
}

// runtimes begin the names of libraries in which every thread begins and waits.
var runtimes = []string{"libc.", "libc-", "ld-", "libpthread", "libm.", "libstdc++", "libgcc_s", "[", "python3"}

// codeOf returns the code of a process' libraries, named as they are below site-packages.
func codeOf(pid int) []code {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil
	}
	var found []code
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 6 || !strings.Contains(fields[1], "x") {
			continue
		}
		path := fields[5]
		if slices.ContainsFunc(runtimes, func(prefix string) bool { return strings.HasPrefix(filepath.Base(path), prefix) }) {
			continue
		}
		if _, below, there := strings.Cut(path, "/site-packages/"); there {
			path = below
		} else {
			path = filepath.Base(path)
		}
		part := code{library: path}
		if n, err := fmt.Sscanf(fields[0], "%x-%x", &part.begin, &part.end); n == 2 && err == nil {
			found = append(found, part)
		}
	}
	return found
}
