package snapshot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// mapping is one mapping of a process as /proc/PID/smaps shows it (proc_pid_smaps(5)).
type mapping struct {
	start, end        uint64
	read, write, exec bool
	private           bool
	name              string // of its file, "[heap]", or empty
	resident, anon    uint64 // bytes: in memory (or swapped out), and of those its own
	flags             []string
}

func (m mapping) bytes() uint64 { return m.end - m.start }

// hasOnly reports whether the mapping has no flag but these.
func (m mapping) hasOnly(flags []string) bool {
	return !slices.ContainsFunc(m.flags, func(flag string) bool { return !slices.Contains(flags, flag) })
}

// parse reads the text of /proc/PID/smaps.
func parse(smaps string) ([]mapping, error) {
	var found []mapping
	for line := range strings.Lines(smaps) {
		first, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		name, isField := strings.CutSuffix(first, ":")
		if !isField {
			m, err := parseHeader(first, rest)
			if err != nil {
				return nil, err
			}
			found = append(found, m)
			continue
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("smaps begins with %q instead of a mapping", first)
		}
		m := &found[len(found)-1]
		switch name {
		case "VmFlags":
			m.flags = strings.Fields(rest)
		case "Rss", "Swap", "Anonymous":
			kib, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 32)
			if err != nil {
				return nil, fmt.Errorf("smaps: %s of %x: %w", name, m.start, err)
			}
			if name != "Anonymous" {
				m.resident += kib << 10
			}
			if name != "Rss" {
				m.anon += kib << 10
			}
		}
	}
	for _, m := range found {
		if m.flags == nil {
			return nil, fmt.Errorf("smaps shows no VmFlags of the mapping at %x", m.start)
		}
	}
	return found, nil
}

// parseHeader reads a line such as "400000-420000 r--p 00000000 fe:00 1234   /usr/bin/python3".
func parseHeader(addresses, rest string) (mapping, error) {
	var m mapping
	fields := strings.Fields(rest)
	from, to, _ := strings.Cut(addresses, "-")
	start, err := strconv.ParseUint(from, 16, 64)
	end, err2 := strconv.ParseUint(to, 16, 64)
	if err != nil || err2 != nil || end <= start || len(fields) < 4 || len(fields[0]) != 4 {
		return m, fmt.Errorf("smaps: %.200q is no mapping", addresses+" "+rest)
	}
	m.start, m.end = start, end
	m.read, m.write, m.exec, m.private = fields[0][0] == 'r', fields[0][1] == 'w', fields[0][2] == 'x', fields[0][3] == 'p'
	m.name = strings.Join(fields[4:], " ")
	return m, nil
}
