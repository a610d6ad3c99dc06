package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/nsjail/seccomp"
)

func seccompCommand() *cobra.Command {
	var engine string
	cmd := &cobra.Command{
		Use:   "seccomp [flags]",
		Short: "print the seccomp profile that a container engine needs",
		Long: `Prints the seccomp profile that a container engine must give hotcell's container.
It is made from the same table as the filter of cells, and works for docker,
podman and Kubernetes' localhostProfile.

    hotcell seccomp > hotcell.json
    docker run --security-opt seccomp=hotcell.json ...`,
		Args: cli.Args(0, 0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			if engine != "docker" {
				return cli.Usagef("--for %q: the only format is docker's: use --for docker", engine)
			}
			_, err := os.Stdout.Write(seccomp.EngineProfile())
			return err
		},
	}
	cmd.Flags().StringVar(&engine, "for", "docker", "the `ENGINE` whose format to print")
	cli.Choices(cmd, "for", "docker")
	return cmd
}
