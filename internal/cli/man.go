package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIRECTORY",
		Short: "write man pages",
		Long: `Writes a man page for each command into DIRECTORY, from the same definitions as
the help. The Debian package has them in /usr/share/man/man1.`,
		Args: Args(1, 1, "one DIRECTORY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			pagesOnline(cmd.Root())
			if err := doc.GenManTree(cmd.Root(), &doc.GenManHeader{Section: "1", Source: "hotcell " + Version(), Manual: "hotcell"}, args[0]); err != nil {
				return Exit(ExitUsage, err)
			}
			return nil
		},
	}
}

// pagesOnline has the man pages name pages where every reader finds them: they are made on
// one machine, and read on others. They do not tell by what they were made.
func pagesOnline(cmd *cobra.Command) {
	cmd.DisableAutoGenTag = true
	cmd.Long = located(cmd.Long, func(name string) string { return online + name + ".md" })
	for _, c := range cmd.Commands() {
		pagesOnline(c)
	}
}
