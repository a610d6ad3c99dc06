package environment

import (
	"slices"
	"strings"

	"github.com/hotcell/hotcell/nsjail/program"
)

// Config returns the configuration of a jail that runs the worker with this environment.
// worker is the directory on the host that has the worker's package. own are variables
// of the profile, NAME=value, which go before those that all jails have.
func (e *Environment) Config(name string, ids program.IDs, worker string, own []string) program.Config {
	return program.Config{
		Name:   name,
		IDs:    ids,
		Env:    with(own),
		Mounts: append(e.Mounts[:len(e.Mounts):len(e.Mounts)], program.Mount{Target: Worker, Source: worker}),
		Argv: []string{
			Python + "/bin/python3", "-I", "-B", "-X", "utf8", "-X", "cpu_count=1", "-c", // before Python 3.13 cpu_count has no effect
			"import sys; sys.path.append('" + Worker + "'); from pyworker.init import main; main()",
		},
	}
}

// with returns the variables of each jail, except those that own sets, and own.
func with(own []string) []string {
	names := make(map[string]bool)
	for _, variable := range own {
		name, _, _ := strings.Cut(variable, "=")
		names[name] = true
	}
	kept := slices.DeleteFunc(slices.Clone(variables), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return names[name]
	})
	return append(kept, own...)
}

// Files returns the mounts that show files of the host, or of a root of the jail's own:
// all but devices, links and file systems of the jail's own.
func Files(mounts []program.Mount) []program.Mount {
	var files []program.Mount
	for _, m := range mounts {
		if m.Source != "" && !m.Device {
			files = append(files, m)
		}
	}
	return files
}
