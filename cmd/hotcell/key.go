package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/internal/columns"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
)

func keyCommand() *cobra.Command {
	return cli.Group(&cobra.Command{
		Use:   "key",
		Short: "make, list and revoke the keys of clients",
		Long:  "Makes keys for the clients of a server, lists those of its keys file, and revokes\nthem.",
	}, keyNewCommand(), keyListCommand(), keyRevokeCommand())
}

func keyNewCommand() *cobra.Command {
	var rights string
	var asJSON bool
	create := &cobra.Command{
		Use:   "new [flags] NAME",
		Short: "make a key and its entry for the keys file",
		Long: `Makes a key. The entry for the keys file goes to standard output. The key itself
goes to standard error: it is shown this once and stored nowhere.

    hotcell key new reports >> keys.yaml
    hotcell serve --keys keys.yaml

A running server reads a changed file by itself, or at once on SIGHUP. An entry
may also hold rates, shares, profiles and limits:
docs/keys.md`,
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
	cli.LateChoices(create, "rights", func(string) (names []string) {
		for _, right := range keys.Rights {
			names = append(names, string(right))
		}
		return names
	})
	create.Flags().BoolVar(&asJSON, "json", false, "print the key and its entry as one JSON object on standard output")
	return create
}

func keyListCommand() *cobra.Command {
	var asJSON bool
	list := &cobra.Command{
		Use:   "list [flags]",
		Short: "list the keys of a keys file",
		Long: `Lists the keys of a keys file: names, rights, shares, rates in requests a second,
profiles, and the first digits of their hashes. The keys themselves are stored
nowhere.`,
		Args: cli.Args(0, 0, "no arguments"),
	}
	load := ofKeysFile(list)
	list.Flags().BoolVar(&asJSON, "json", false, "print the keys as JSON")
	list.RunE = func(*cobra.Command, []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		listed, err := keys.List(cfg)
		if err != nil {
			return cli.Exit(cli.ExitUsage, explain(err))
		}
		if asJSON {
			cli.PrintJSON(listed)
			return nil
		}
		table := columns.Table{Heads: []string{"NAME", "RIGHTS", "SHARE", "RATE", "PROFILES", "SHA256"}}
		for _, key := range listed {
			rate, profiles := "any", "all"
			if key.Rate > 0 {
				rate = strconv.FormatFloat(key.Rate, 'f', -1, 64)
			}
			if len(key.Profiles) > 0 {
				profiles = strings.Join(key.Profiles, ",")
			}
			table.Rows = append(table.Rows, []string{key.Name, strings.Join(key.Rights, ","), strconv.Itoa(key.Share), rate, profiles, strings.Join(key.Hashes, "… ") + "…"})
		}
		_ = table.Write(os.Stdout, columns.Of(os.Stdout)) // a reader that is gone misses it
		return nil
	}
	return list
}

func keyRevokeCommand() *cobra.Command {
	revoke := &cobra.Command{
		Use:   "revoke [flags] NAME",
		Short: "remove a key from a keys file",
		Long: `Removes a key's entry from a keys file, and leaves the rest of the file as it is.
A running server notices within three seconds, or at once on SIGHUP, and ends the
key's sessions, terminals and streams. The only key of a file cannot be removed:
a server refuses a file without keys, and would go on with that key.`,
		Args: cli.Args(1, 1, "one NAME"),
	}
	load := ofKeysFile(revoke)
	revoke.RunE = func(_ *cobra.Command, args []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		if err := keys.Revoke(cfg, args[0]); err != nil {
			return cli.Exit(cli.ExitUsage, explain(err))
		}
		fmt.Fprintf(os.Stderr, "%s does not have the key %q any more\n", cfg.Keys, args[0])
		return nil
	}
	return revoke
}

// ofKeysFile gives cmd the flags that name a keys file. The result loads the configuration,
// which then has one.
func ofKeysFile(cmd *cobra.Command) func() (config.Config, error) {
	given := make(map[string]string)
	var file, path string
	cmd.Flags().StringVar(&path, "keys", "", "the keys `FILE`; if empty, the one that --config or the environment names, as for hotcell serve")
	cmd.Flags().StringVar(&file, "config", "", "the YAML `FILE` with the server's settings")
	return func() (config.Config, error) {
		for name, value := range map[string]string{"keys": path, "config": file} {
			if value != "" {
				given[name] = value
			}
		}
		cfg, err := config.Load(given, os.Environ())
		switch {
		case err != nil:
			return cfg, cli.Exit(cli.ExitUsage, err)
		case cfg.Keys == "":
			return cfg, cli.Usagef("no keys file: name it with --keys FILE, --config FILE or HOTCELL_KEYS")
		}
		return cfg, nil
	}
}
