package environment

import "github.com/hotcell/hotcell/nsjail/program"

// Config returns the configuration of a jail that runs the worker with this environment.
// worker is the directory on the host that has the worker's package.
func (e *Environment) Config(name string, ids program.IDs, worker string) program.Config {
	return program.Config{
		Name:   name,
		IDs:    ids,
		Env:    variables,
		Mounts: append(e.Mounts[:len(e.Mounts):len(e.Mounts)], program.Mount{Target: Worker, Source: worker}),
		Argv: []string{
			Python + "/bin/python3", "-I", "-B", "-X", "utf8", "-X", "cpu_count=1", "-c", // before Python 3.13 cpu_count has no effect
			"import sys; sys.path.append('" + Worker + "'); from pyworker.init import main; main()",
		},
	}
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
