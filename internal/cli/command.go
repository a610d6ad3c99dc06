package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Main runs the program's command line, prints the error that a command
// returns, and returns the exit status. A program that has commands is a root
// without RunE. Main adds what every program has: help, completion, man and
// --version.
func Main(root *cobra.Command) int {
	addDefaults(root)
	args := longFlags(root, os.Args[1:])
	if len(args) == 1 && (args[0] == "--version" || args[0] == "-v") {
		fmt.Print(VersionLine(root.Name())) // cobra's own way links text/template
		return ExitOK
	}
	root.SetArgs(args)
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		offerNoFiles(root)
	}
	cmd, err := root.ExecuteC()
	if _, rest, unknown := root.Find(args); unknown != nil {
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

func addDefaults(root *cobra.Command) {
	cobra.EnableCommandSorting = false
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return Usagef("%w", err) })
	root.SetHelpFunc(PrintHelp)
	root.SetHelpCommand(helpCommand())
	root.Version = Version()
	root.InitDefaultVersionFlag()
	root.Flags().Lookup("version").Usage = "print the version"

	single := root.RunE != nil // one command, whose help lists no others
	man := manCommand()
	man.Hidden, root.CompletionOptions.HiddenDefaultCmd = single, single
	root.AddCommand(man)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	describeCompletion(root)
	if !single {
		root.RunE = func(*cobra.Command, []string) error {
			WriteHelp(os.Stderr, root)
			return Exit(ExitUsage, nil)
		}
	}
	inOrder(root)
}

// inOrder has the help list flags in the order in which they were made, and show how a
// command is used as it is written: cobra would add [flags] for --help alone.
func inOrder(cmd *cobra.Command) {
	cmd.Flags().SortFlags, cmd.DisableFlagsInUseLine = false, true
	for _, c := range cmd.Commands() {
		inOrder(c)
	}
}

// describeCompletion gives cobra's command the words of our help.
func describeCompletion(root *cobra.Command) {
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	completion.Short = "print a completion script for bash, zsh or fish"
	completion.Long = "Prints a completion script for a shell. The help of each command says how to\nload it."
	Group(completion).Args = cobra.ArbitraryArgs // which that refuses
	for _, shell := range completion.Commands() {
		shell.Args = Args(0, 0, "no arguments")
		shell.Short = "print the completion script for " + shell.Name()
		shell.Hidden = shell.Name() == "powershell"
	}
}

// Group makes cmd a command that has commands only.
func Group(cmd *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(commands...)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownCommand(cmd, args[0])
		}
		return Usagef("%s needs a command", cmd.CommandPath())
	}
	return cmd
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

// unknownCommand is the error for a word that is not a command of parent.
func unknownCommand(parent *cobra.Command, word string) error {
	err := Usagef("unknown command %q", word)
	if parent.SuggestionsMinimumDistance == 0 {
		parent.SuggestionsMinimumDistance = 2
	}
	near := parent.SuggestionsFor(word)
	for _, child := range parent.Commands() {
		if slices.Contains(child.SuggestFor, word) { // rather than names that are spelled alike
			near = []string{child.Name()}
		}
	}
	if len(near) > 0 {
		return Hint(err, fmt.Sprintf("did you mean %s? %s --help lists the commands", strings.Join(near, " or "), parent.CommandPath()))
	}
	return Hint(err, parent.CommandPath()+" --help lists the commands")
}
