package cli

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hotcell/hotcell/internal/columns"
)

// lineWidth is the width that help is wrapped to, unless a terminal has less.
const lineWidth = 100

// textWidth is the width that descriptions are written in.
const textWidth = 85

// lineEnds are ends of lines within a paragraph.
var lineEnds = regexp.MustCompile(`([^\n])\n([^ \n])`)

// boolValue is what pflag puts behind each flag that takes no value.
const boolValue = "[=true|false]"

// PrintHelp prints the help of a command.
func PrintHelp(cmd *cobra.Command, _ []string) { WriteHelp(cmd.OutOrStdout(), cmd) }

// WriteHelp writes the help of a command. Flags that a [FlagGroup] names are not
// listed.
func WriteHelp(w io.Writer, cmd *cobra.Command) {
	usage := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		usage = cmd.CommandPath() + " COMMAND"
	}
	long, width := located(strings.TrimSpace(cmd.Long), Page), columns.Of(w)
	if width > 0 && width < textWidth { // its lines are cut anew
		long = columns.Wrap(lineEnds.ReplaceAllString(long, "$1 $2"), width, "")
	}
	fmt.Fprintf(w, "usage: %s\n\n%s\n", usage, long)
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintln(w)
		var table columns.Table
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() || c.Name() == "help" {
				table.Rows = append(table.Rows, []string{"  " + c.Name(), c.Short})
			}
		}
		_ = table.Write(w, width) // fails only when nobody reads any more
		fmt.Fprintf(w, "\n%s COMMAND --help describes a command.\n", cmd.CommandPath())
		return
	}
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	own.SortFlags = false
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if _, grouped := f.Annotations[FlagGroup]; !grouped && f.Name != "help" {
			own.AddFlag(f)
		}
	})
	if own.HasAvailableFlags() {
		flags := lineWidth
		if width > 0 {
			flags = min(flags, width)
		}
		fmt.Fprintf(w, "\nFlags:\n%s", strings.ReplaceAll(own.FlagUsagesWrapped(flags), boolValue, strings.Repeat(" ", len(boolValue))))
	}
	if cmd.Example != "" {
		fmt.Fprintf(w, "\n%s\n", columns.Wrap(strings.TrimRight(cmd.Example, "\n"), width, ""))
	}
}

// FlagGroup is the annotation of flags that [WriteHelp] leaves to the command
// itself.
const FlagGroup = "group"

// helpCommand prints the help of the program, or of one command.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "print this list, or the help of a command",
		Long:  "Prints the list of commands, or the help of one command.",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, _, err := cmd.Root().Find(args)
			switch {
			case err != nil:
				return unknownCommand(cmd.Root(), args[0])
			case found.DisableFlagParsing: // its help is another program's
				return found.RunE(found, []string{"--help"})
			}
			found.InitDefaultHelpFlag()
			found.HelpFunc()(found, nil)
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			if found, _, err := cmd.Root().Find(args); err == nil {
				for _, c := range found.Commands() {
					if c.IsAvailableCommand() {
						names = append(names, c.Name()+"\t"+c.Short)
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
