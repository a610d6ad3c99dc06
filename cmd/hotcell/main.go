// Command hotcell runs Python scripts in jails that are warm before a request
// comes.
//
// Each command has a file of its own: serve.go, exec.go, batch.go, key.go, tty_linux.go,
// top.go, doctor.go, seccomp.go, profile.go and mcp.go. The others are:
//
//   - beside_linux.go starts the programs of hotcell attack and hotcell bench
//   - exec_files.go reads the files that go into a cell, and writes what comes back
//   - profile_add.go makes a profile's environment and changes the link to it,
//     profile_try.go tries it in a jail, profile_write.go writes the configuration
//   - outcome_linux.go prints how a script ended, and has its exit status
//   - screen_linux.go holds the user's terminal, and restores it
//   - capabilities_linux.go gives up what a service started as root does not need
//
// What all three programs share is in internal/cli and internal/serverflags.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/internal/cli"
)

func main() { os.Exit(cli.Main(rootCommand())) }

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:  "hotcell",
		Long: "hotcell runs Python scripts in jails that are warm before a request comes.",
	}
	root.AddCommand(
		serveCommand(),
		execCommand(),
		batchCommand(),
		keyCommand(),
		ttyCommand(),
		topCommand(),
		doctorCommand(),
		seccompCommand(),
		profileCommand(),
		besideCommand("attack", "send hostile scripts to a server and check that it holds"),
		mcpCommand(),
		besideCommand("bench", "measure the service on this machine"),
		versionCommand(),
	)
	return root
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Long:  "Prints the version of hotcell and of Go, and the system.",
		Args:  cli.Args(0, 0, "no arguments"),
		Run:   func(cmd *cobra.Command, _ []string) { fmt.Print(cli.VersionLine(cmd.Root().Name())) },
	}
}
