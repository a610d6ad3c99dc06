package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/internal/cli"
)

// besideCommand starts the program hotcell-NAME (cmd/hotcell-NAME), which is installed
// beside this one: a program that starts as root must not contain hostile scripts and
// load generators.
func besideCommand(name, short string) *cobra.Command {
	program := "hotcell-" + name
	return &cobra.Command{
		Use:                name + " [flags]",
		Short:              short,
		Long:               "Starts " + program + ", which must be in the same directory as hotcell, with the same\narguments. Its own help describes them: " + program + " --help.",
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			self, err := os.Executable()
			if err != nil {
				return err
			}
			path := filepath.Join(filepath.Dir(self), program)
			err = syscall.Exec(path, append([]string{program}, args...), os.Environ()) // #nosec G702 -- ours, with the user's own arguments
			if errors.Is(err, os.ErrNotExist) {
				return cli.Hint(fmt.Errorf("hotcell %s needs the program %s, which is not installed", name, path),
					"make build and make deb put it beside hotcell")
			}
			return fmt.Errorf("start %s: %w", path, err)
		},
	}
}
