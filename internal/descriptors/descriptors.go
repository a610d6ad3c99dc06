// Package descriptors counts the open files of a process, for tests and for the benchmark,
// which look for leaks.
//
// It has descriptors.go only.
package descriptors

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Count returns how many descriptors a process has, without those of cells' cgroups:
// hotcell keeps files open of more and more of them, up to a number. What is open of a
// cgroup that was removed counts.
func Count(pid int) int {
	open, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/fd/*")
	count := 0
	for _, fd := range open {
		path, err := os.Readlink(fd)
		if err != nil { // closed meanwhile
			continue
		}
		if _, err := os.Stat(path); err != nil || !strings.Contains(path, "/cell-") {
			count++
		}
	}
	return count
}
