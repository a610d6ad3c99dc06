package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/hotcell/hotcell/supervisor"
)

const keyHelp = `usage: hotcell key new NAME [flags]

Makes a key. The entry for the keys file goes to standard output, and the key
itself, which is stored nowhere and shown this once, to standard error:

  hotcell key new reports >> keys.yaml
  hotcell serve --keys keys.yaml

  --rights LIST   what it may do, of execute, sessions, admin (execute)
  --json          print key and entry as one JSON object, on standard output

A server that runs takes a changed file by itself, or at once on SIGHUP.
docs/keys.md tells what else an entry may hold: rates, shares, profiles, limits.
`

// makeKey is hotcell key new.
func makeKey(args []string) int {
	verb, args := leading(args)
	name, args := leading(args)
	flags := flag.NewFlagSet("key", flag.ContinueOnError)
	rights := flags.String("rights", "execute", "")
	asJSON := flags.Bool("json", false, "")
	if status, ok := parse(flags, args, func(w io.Writer) { fmt.Fprint(w, keyHelp) }); !ok {
		return status
	}
	if name == "" && flags.NArg() == 1 {
		name = flags.Arg(0)
	} else if name == "" || flags.NArg() > 0 || verb != "new" {
		complain(fmt.Errorf("%w: it is hotcell key new NAME", errUsage))
		return exitUsage
	}
	key, entry, err := supervisor.NewKeyEntry(name, *rights)
	switch {
	case err != nil:
		complain(err)
		return exitUsage
	case *asJSON:
		printJSON(map[string]string{"key": key, "entry": entry})
	default:
		fmt.Print(entry)
		fmt.Fprintf(os.Stderr, "the key, which is shown this once: %s\n", key)
	}
	return exitOK
}
