package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/hotcell/hotcell/nsjail/seccomp"
)

const seccompHelp = `usage: hotcell seccomp [--for docker]

Prints the seccomp profile that a container engine must give hotcell's container,
made from the same table as the filter of cells: for docker, podman and
Kubernetes' localhostProfile.

  hotcell seccomp > hotcell.json
  docker run --security-opt seccomp=hotcell.json ...
`

// printSeccomp is hotcell seccomp.
func printSeccomp(args []string) int {
	flags := flag.NewFlagSet("seccomp", flag.ContinueOnError)
	engine := flags.String("for", "docker", "")
	if status, ok := parse(flags, args, func(w io.Writer) { fmt.Fprint(w, seccompHelp) }); !ok {
		return status
	}
	if flags.NArg() > 0 || *engine != "docker" {
		complain(fmt.Errorf("%w: --for %q: it is hotcell seccomp --for docker", errUsage, *engine))
		return exitUsage
	}
	if _, err := os.Stdout.Write(seccomp.EngineProfile()); err != nil {
		complain(err)
		return exitFailed
	}
	return exitOK
}
