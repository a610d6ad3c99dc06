// Package uapi lists the constants that the kernel's headers name, for tests that
// try every command and flag of a system call. It reads them from the source of
// golang.org/x/sys/unix, which is generated from these headers, so that a newer
// version of that module brings the names of a newer kernel.
package uapi

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

var constant = regexp.MustCompile(`(?m)^\t([A-Z][A-Z0-9_]*)\s+= (-?0x[0-9a-f]+|-?[0-9]+)$`)

var directory = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "golang.org/x/sys/unix").Output()
	return strings.TrimSpace(string(out)), err
})

// Constants returns the constants whose names begin with one of the prefixes. It
// needs the go command.
func Constants(prefixes ...string) (map[string]uint64, error) {
	dir, err := directory()
	if err != nil {
		return nil, fmt.Errorf("go list golang.org/x/sys/unix: %w", err)
	}
	found := make(map[string]uint64)
	for _, name := range []string{"zerrors_linux.go", "zerrors_linux_" + runtime.GOARCH + ".go", "ztypes_linux.go", "ztypes_linux_" + runtime.GOARCH + ".go"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		for _, match := range constant.FindAllStringSubmatch(string(text), -1) {
			for _, prefix := range prefixes {
				if !strings.HasPrefix(match[1], prefix) {
					continue
				}
				if value, err := strconv.ParseInt(match[2], 0, 64); err == nil {
					found[match[1]] = uint64(value) // #nosec G115 -- negative ones are what C passes as well
				} else if value, err := strconv.ParseUint(match[2], 0, 64); err == nil {
					found[match[1]] = value
				}
			}
		}
	}
	return found, nil
}
