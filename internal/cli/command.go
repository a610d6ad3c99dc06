package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// Main runs the program's command line, prints the error that a command
// returns, and returns the exit status.
func Main(root *cobra.Command) int {
	cobra.EnableCommandSorting = false
	root.SilenceErrors, root.SilenceUsage = true, true
	root.Version = Version()
	root.SetVersionTemplate(VersionLine(root.Name()))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return Usagef("%w", err) })
	root.SetHelpFunc(PrintHelp)
	root.SetHelpCommand(helpCommand())
	args := longFlags(root, os.Args[1:])
	root.SetArgs(args)
	cmd, err := root.ExecuteC()
	if _, rest, unknown := root.Find(args); err != nil && unknown != nil {
		err = unknownCommand(root, rest[0])
	}
	if errors.As(err, new(usageError)) && hintFor(err) == "" {
		err = Hint(err, fmt.Sprintf("%s --help lists its arguments and flags", cmd.CommandPath()))
	}
	if err != nil && err.Error() != "" {
		Complain(os.Stderr, err)
	}
	return Status(err)
}

// longFlags writes -name as --name where the command has a flag of that name.
// Both have always been taken.
func longFlags(root *cobra.Command, args []string) []string {
	cmd, _, err := root.Find(args)
	if err != nil || cmd.DisableFlagParsing {
		return args
	}
	long := make([]string, len(args))
	for i, arg := range args {
		long[i] = arg
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		if arg == "--" {
			copy(long[i:], args[i:])
			break
		}
		if len(name) > 1 && arg[0] == '-' && (name == "help" || name == "version" || cmd.Flags().Lookup(name) != nil) {
			long[i] = "-" + arg
		}
	}
	return long
}

func unknownCommand(root *cobra.Command, name string) error {
	hint := fmt.Sprintf("%s help lists the commands", root.Name())
	if near := root.SuggestionsFor(name); len(near) > 0 {
		hint = fmt.Sprintf("did you mean %s? %s", strings.Join(near, " or "), hint)
	}
	return Hint(Usagef("unknown command %q", name), hint)
}
