package testkit

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Process is one line of the machine's process table.
type Process struct {
	PID, Parent int
	Name        string
	Zombie      bool
}

// Processes reads the process table. See proc_pid_stat(5).
func Processes() []Process {
	var all []Process
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range paths {
		text, _ := os.ReadFile(path) // the process may be gone
		end := strings.LastIndex(string(text), ") ")
		number, name, found := strings.Cut(string(text[:max(0, end)]), " (")
		if !found {
			continue
		}
		fields := strings.Fields(string(text[end+2:]))
		pid, err := strconv.Atoi(number)
		if err != nil || len(fields) < 2 {
			continue
		}
		parent, _ := strconv.Atoi(fields[1])
		all = append(all, Process{PID: pid, Parent: parent, Name: name, Zombie: fields[0] == "Z"})
	}
	return all
}

// Cgroups returns the directories of all instances with that state directory, and all
// directories below them.
func Cgroups(state string) []string {
	var found []string
	lists, _ := filepath.Glob(filepath.Join(state, "*", "cgroups"))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for root := range strings.Lines(string(text)) {
			_ = filepath.WalkDir(strings.TrimSpace(root), func(path string, entry fs.DirEntry, err error) error {
				if err == nil && entry.IsDir() {
					found = append(found, path)
				}
				return nil
			})
		}
	}
	return found
}
