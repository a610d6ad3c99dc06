package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Choices has shells offer these values for a flag.
func Choices(cmd *cobra.Command, flag string, values ...string) {
	complete(cmd, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// ListChoices is Choices for a flag whose values are separated by commas: those that are
// given already are not offered again.
func ListChoices(cmd *cobra.Command, flag string, values ...string) {
	LateChoices(cmd, flag, func(string) []string { return values })
}

// LateChoices is ListChoices for values that are not made unless they are asked for. typed
// is the beginning of the last one.
func LateChoices(cmd *cobra.Command, flag string, values func(typed string) []string) {
	complete(cmd, flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		given := strings.Split(before, ",")
		var offered []string
		for _, value := range values(typed[len(before):]) {
			if !slices.Contains(given, value) {
				offered = append(offered, before+value)
			}
		}
		return offered, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
}

// NameChoices has shells offer NAME= for each name.
func NameChoices(cmd *cobra.Command, flag string, names ...string) {
	var values []string
	for _, name := range names {
		values = append(values, name+"=")
	}
	complete(cmd, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace))
}

// FileChoices has shells offer files for a flag whose help does not say FILE or the like.
func FileChoices(cmd *cobra.Command, flag string) {
	complete(cmd, flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	})
}

func complete(cmd *cobra.Command, flag string, values cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, values); err != nil {
		panic(err) // the flag does not exist, or has values already
	}
}

// ofFiles are the words of a command's usage, and of a flag's help, that stand for a path.
var ofFiles = []string{"FILE", "DIR", "DIRECTORY", "PATH", "PROGRAM", "CASES", "REQUIREMENTS"}

// offerNoFiles has shells offer files only where a command takes a path: without it they
// do wherever nothing else is offered.
func offerNoFiles(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		_, offers := cmd.GetFlagCompletionFunc(f.Name)
		if name, _ := pflag.UnquoteUsage(f); !offers && f.NoOptDefVal == "" && !slices.Contains(ofFiles, name) {
			complete(cmd, f.Name, cobra.NoFileCompletions)
		}
	})
	path := slices.ContainsFunc(strings.FieldsFunc(cmd.Use, func(c rune) bool { return c < 'A' || c > 'Z' }), func(word string) bool { return slices.Contains(ofFiles, word) })
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 && !path {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, c := range cmd.Commands() {
		offerNoFiles(c)
	}
}
