package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker: by make from git's tags, and for the container's
// image, which is built without the repository.
var version string

// Version returns the linker's version, else what Go recorded: the git tag, a
// pseudo-version with the commit, or the version that go install took.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}

// VersionLine returns the version of the program and of Go, and the system.
func VersionLine(program string) string {
	return fmt.Sprintf("%s %s %s %s/%s\n", program, Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
