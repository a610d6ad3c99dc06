package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/supervisor/keys"
)

func keyCommand() *cobra.Command {
	var rights string
	var asJSON bool
	create := &cobra.Command{
		Use:   "new [flags] NAME",
		Short: "make a key and its entry for the keys file",
		Long: `Makes a key. The entry for the keys file goes to standard output. The key itself
goes to standard error: it is shown this once and stored nowhere.

    hotcell key new reports >> keys.yaml
    hotcell serve --keys keys.yaml

A running server reads a changed file by itself, or at once on SIGHUP.
docs/keys.md describes what else an entry may hold: rates, shares, profiles and
limits.`,
		Args: cli.Args(1, 1, "one NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			key, entry, err := keys.NewEntry(args[0], rights)
			switch {
			case err != nil:
				return cli.Usagef("%w", err)
			case asJSON:
				cli.PrintJSON(map[string]string{"key": key, "entry": entry})
			default:
				fmt.Print(entry)
				fmt.Fprintf(os.Stderr, "the key, which is shown this once: %s\n", key)
			}
			return nil
		},
	}
	create.Flags().StringVar(&rights, "rights", "execute", "what the key may do: a `LIST` of execute, sessions and admin, separated by commas")
	create.Flags().BoolVar(&asJSON, "json", false, "print the key and its entry as one JSON object on standard output")
	return cli.Group(&cobra.Command{
		Use:   "key",
		Short: "make a key for clients",
		Long:  "Makes keys for the clients of a server.",
	}, create)
}
