package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
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
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			self, err := os.Executable()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			words := append(append([]string{cobra.ShellCompRequestCmd}, args...), typed)
			out, err := exec.CommandContext(cmd.Context(), filepath.Join(filepath.Dir(self), program), words...).Output() // #nosec G204 -- ours, as above
			offered, last, ok := strings.Cut(string(out), "\n:")
			if !ok { // nothing is offered
				offered, last = "", strings.TrimPrefix(string(out), ":")
			}
			directive, wrong := strconv.Atoi(strings.TrimSpace(last))
			if err != nil || wrong != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return strings.FieldsFunc(offered, func(c rune) bool { return c == '\n' }), cobra.ShellCompDirective(directive)
		},
	}
}
