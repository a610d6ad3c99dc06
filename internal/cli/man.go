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
			if err := doc.GenManTree(cmd.Root(), &doc.GenManHeader{Section: "1", Source: "hotcell " + Version(), Manual: "hotcell"}, args[0]); err != nil {
				return Exit(ExitUsage, err)
			}
			return nil
		},
	}
}
