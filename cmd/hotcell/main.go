// Command hotcell runs Python scripts in jails that are warm before they are
// asked for.
package main

import (
	"os"
	"runtime/debug"
	"slices"
)

// version is set by the linker, in make build.
var version string

// command is one word of the command line. run returns the exit status.
type command struct {
	name    string
	summary string
	run     func(args []string) int
}

var commands []command

func init() { // not where it is declared: help reads it
	commands = []command{
		{"serve", "serve POST /execute over HTTP", serve},
		{"exec", "run one script in one jail", execute},
		{"key", "make a key for clients", makeKey},
		{"tty", "open a terminal on a server: an interactive Python, or a script", openTTY},
		{"top", "show what a server does, live", showTop},
		{"doctor", "try every layer of isolation on this machine", examine},
		{"seccomp", "print the seccomp profile that a container engine needs", printSeccomp},
		{"profile", "make the Python environment of a profile", profile},
		{"attack", "send hostile scripts to a server, and see that it stands", attackServer},
		{"mcp", "let an assistant run Python (Model Context Protocol)", serveMCP},
		{"bench", "measure the service on this machine", measure},
		{"version", "print the version", printVersion},
		{"help", "print this, or with a COMMAND what it takes", help},
	}
}

func main() {
	if len(os.Args) < 2 {
		printUsage(os.Stderr)
		os.Exit(exitUsage)
	}
	name := os.Args[1]
	switch name {
	case "-h", "-help", "--help":
		name = "help"
	case "-v", "-version", "--version":
		name = "version"
	}
	c, ok := commandNamed(name)
	if !ok {
		complain(unknownCommand(name))
		os.Exit(exitUsage)
	}
	os.Exit(c.run(os.Args[2:]))
}

func commandNamed(name string) (c command, ok bool) {
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == name })
	if i < 0 {
		return command{}, false
	}
	return commands[i], true
}

// ownVersion is the linker's, else what Go noted: a module version or a commit.
func ownVersion() string {
	info, ok := debug.ReadBuildInfo()
	switch {
	case version != "":
		return version
	case !ok:
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return info.Main.Version
}
