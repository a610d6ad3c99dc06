// Package serverflags makes command-line flags from the table of the server's
// settings, for the commands that start one: hotcell serve, exec and doctor, and
// hotcell-bench.
package serverflags

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/internal/columns"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/tracing"
)

// Given holds the settings that stand on a command line, by the flag's name.
type Given map[string]string

// Add gives cmd a flag for each setting, and --config. The result is complete
// when cmd runs.
func Add(cmd *cobra.Command) Given {
	given := make(Given)
	defaults := config.Default()
	add := func(name, usage, group, value string) {
		flag := cmd.Flags().VarPF(&setting{name, value, given}, name, "", usage)
		flag.Annotations = map[string][]string{cli.FlagGroup: {group}}
	}
	add("config", "the YAML `file` with settings and profiles", "server", "")
	cli.FileChoices(cmd, "config")
	for _, s := range config.Settings {
		add(s.Flag(), s.Help, s.Group, s.Value(&defaults))
		switch field := s.Field(); {
		case field.Path:
			cli.FileChoices(cmd, s.Flag())
		case field.List:
			cli.ListChoices(cmd, s.Flag(), field.Choices...)
		default:
			cli.Choices(cmd, s.Flag(), field.Choices...)
		}
	}
	return given
}

// Load returns the configuration: the flags given, over the environment, over
// the file, over the defaults.
func (g Given) Load() (config.Config, error) {
	cfg, err := config.Load(g, os.Environ())
	if err != nil {
		return cfg, cli.Exit(cli.ExitUsage, cli.Hint(err, "hotcell serve --help lists the settings"))
	}
	cfg.Tracing = tracing.Wanted(os.Environ())
	return cfg, nil
}

// Hint adds to an error of a server's or a jail's start what the user can do
// about it.
func Hint(err error) error {
	switch {
	case errors.Is(err, config.ErrNoPython):
		return cli.Hint(err, "make build makes one beside the program; name another with --python")
	case errors.Is(err, os.ErrPermission) && os.Geteuid() != 0 && !errors.As(err, new(*net.OpError)):
		return cli.Hint(err, "jails need rights that this user does not have: see "+cli.Page("install")+", or run it as root")
	default:
		return err
	}
}

// Describe lists the flags of cmd that [Add] made, by group, with defaults.
func Describe(w io.Writer, cmd *cobra.Command) {
	group, width := "", columns.Of(w)
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		of, ok := f.Annotations[cli.FlagGroup]
		if !ok {
			return
		}
		if of[0] != group {
			group = of[0]
			fmt.Fprintf(w, "\n%s\n", group)
		}
		value := f.DefValue
		if value != "" {
			value = " (" + value + ")"
		}
		_, usage := pflag.UnquoteUsage(f)
		fmt.Fprintf(w, "  %s\n      %s\n", columns.Wrap("--"+f.Name+value, width, "      "), columns.Wrap(usage, width, "      "))
	})
}

// setting is the value of a flag. It is checked by [Given.Load], together with
// the other sources.
type setting struct {
	name, value string
	given       Given
}

func (s *setting) String() string { return s.value }
func (s *setting) Type() string   { return "value" }

func (s *setting) Set(value string) error {
	s.value, s.given[s.name] = value, value
	return nil
}
