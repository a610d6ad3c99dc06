package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/client"
)

// KeyEnv is the environment variable with the key of commands that are clients
// of a server.
const KeyEnv = "HOTCELL_KEY"

// URLEnv is the environment variable with the address of the server of such commands,
// and of the clients in Python and TypeScript.
const URLEnv = "HOTCELL_URL"

// URLHelp says in a command's help which server [OptionalURL] means.
const URLHelp = "Without URL, the address is that in the environment variable " + URLEnv + ",\nor " + client.DefaultURL + "."

// Key returns the key in a file, else the environment's, else "".
func Key(file string) (string, error) {
	if file == "" {
		return strings.TrimSpace(os.Getenv(KeyEnv)), nil
	}
	text, err := ReadText(file)
	key := strings.TrimSpace(text)
	if err == nil && key == "" {
		err = fmt.Errorf("%s is empty", file)
	}
	if err != nil {
		return "", Exit(ExitUsage, Hint(fmt.Errorf("--key-file: %w", err), "the file holds the key that hotcell key new printed"))
	}
	return key, nil
}

// KeyFlag gives cmd the flag --key-file, whose value is for [Key]. rights says
// which the key needs, such as the "admin" right.
func KeyFlag(cmd *cobra.Command, file *string, rights string) {
	cmd.Flags().StringVar(file, "key-file", "", "send the key in `FILE` (Authorization: Bearer), instead of that in the environment variable "+
		KeyEnv+"; it needs "+rights)
}

// ReadText reads a file, or standard input where path is "-".
func ReadText(path string) (string, error) {
	if path == "-" {
		text, err := io.ReadAll(os.Stdin)
		return string(text), err
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

// Args checks how many arguments a command was given; what says which it takes,
// such as "one URL".
func Args(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			name := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
			return Usagef("%s takes %s, and was given %q", name, what, args)
		}
		return nil
	}
}

// OptionalURL returns the one argument, else the environment's URL, else [client.DefaultURL].
func OptionalURL(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return cmp.Or(os.Getenv(URLEnv), client.DefaultURL)
}
