package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"

	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/top"
)

// What a user reads stands in this file. Standard output is for results and for
// help that was asked for; everything else goes to standard error. An error is
// one line that begins with "hotcell: ", and where there is something to do
// about it, a line "hint: " follows.

// Exit statuses. execHelp tells the same.
const (
	exitOK          = 0
	exitScript      = 1   // the script raised, or has no result that counts
	exitUsage       = 2   // what was asked for is wrong: command line, configuration, script
	exitTimeout     = 124 // as timeout(1) has it
	exitFailed      = 125 // we have failed, not the script
	exitSignaled    = 128 // and the signal's number
	exitInterrupted = 130 // we were told to stop
	exitMemory      = 137 // as after an out-of-memory kill
)

const execHelp = `usage: hotcell exec [flags] FILE

Runs the script in FILE, or on standard input if FILE is -, in a jail of its own.
What it prints goes where it prints it, and what main returns goes to standard
output after that, as a line of JSON.

  --arg JSON          a positional argument of main; may be repeated
  --kwarg NAME=JSON   a keyword argument of main; may be repeated
  --env NAME=VALUE    a variable of the script's environment; may be repeated
  --stdin FILE        what the script reads on its standard input
  --profile NAME      one of the configuration file's profiles
  --json              print the whole answer as JSON, as POST /execute gives it

and the settings of "hotcell serve --help" that concern cells and limits, such as
--limits-default-wall 2s.

exit status:
  0    main returned, and its result was printed
  1    the script raised, returned no JSON, or printed or returned too much
  2    wrong command line or configuration; a script that does not compile or has no main
  124  its wall clock or CPU time ran out
  125  hotcell itself has failed
  130  hotcell was told to stop
  137  its memory ran out
  128+n  signal n killed it
  n    the script ended by itself, with sys.exit(n) or os._exit(n)
`

func printUsage(w io.Writer) {
	fmt.Fprintf(w, "hotcell runs Python scripts in jails that are warm before they are asked for.\n\nusage: hotcell COMMAND\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.summary)
	}
	fmt.Fprintf(w, "\nhotcell COMMAND --help tells more.\n")
}

// help is of everything, or of one command.
func help(args []string) int {
	name, _ := leading(args)
	c, ok := commandNamed(name)
	switch {
	case name == "" || name == "help":
		printUsage(os.Stdout)
		return exitOK
	case !ok:
		complain(unknownCommand(name))
		return exitUsage
	}
	return c.run([]string{"--help"})
}

func printVersion(args []string) int {
	flags := flag.NewFlagSet("version", flag.ContinueOnError)
	status, ok := parse(flags, args, func(w io.Writer) {
		fmt.Fprint(w, "usage: hotcell version\n\nPrints the version of hotcell and of Go, and the system.\n")
	})
	switch {
	case !ok:
		return status
	case flags.NArg() > 0:
		complain(fmt.Errorf("%w: version takes nothing, and was given %q", errUsage, flags.Args()))
		return exitUsage
	}
	fmt.Printf("hotcell %s %s %s/%s\n", ownVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return exitOK
}

func printServeHelp(w io.Writer) {
	fmt.Fprint(w, `usage: hotcell serve [flags]

Serves POST /execute until it is told to stop: SIGTERM lets what runs go on for
drain_grace, a second one does not.

Every setting is a flag, an environment variable and a key of the YAML file, in
this order of precedence: --pool-size 4, HOTCELL_POOL_SIZE=4, pool_size: 4. In
the file a dot is a level: limits, below it max, below it wall. The file alone
has profiles: below profiles and a name stand settings of cells and limits, and
what is not there is as in the default profile. Traces go where OpenTelemetry's
variables say, such as OTEL_EXPORTER_OTLP_ENDPOINT: see docs/tracing.md.

  --config FILE  (HOTCELL_CONFIG)
      the YAML file
`)
	defaults := config.Default()
	group := ""
	for _, s := range config.Settings {
		if s.Group != group {
			group = s.Group
			fmt.Fprintf(w, "\n%s\n", group)
		}
		value := s.Value(&defaults)
		if value != "" {
			value = " (" + value + ")"
		}
		fmt.Fprintf(w, "  --%s%s\n      %s\n", s.Flag(), value, s.Help)
	}
}

// complain prints an error on standard error, and what can be done about it.
func complain(err error) { complainTo(os.Stderr, err) }

var errUsage = errors.New("wrong command line")

func unknownCommand(name string) error {
	return fmt.Errorf("%w: there is no command %q", errUsage, name)
}

// knows is whether name is a command that has a help of its own.
func knows(name string) bool {
	_, ok := commandNamed(name)
	return ok && name != "help"
}

func hintFor(err error) string {
	switch {
	case errors.Is(err, errUsage) && len(os.Args) > 1 && knows(os.Args[1]):
		return "hotcell " + os.Args[1] + " --help tells what it takes"
	case errors.Is(err, errUsage):
		return "hotcell help lists the commands, and hotcell COMMAND --help its flags"
	case errors.As(err, new(*config.SettingError)), errors.Is(err, config.ErrNoSetting):
		return "hotcell serve --help lists the settings"
	case errors.Is(err, supervisor.ErrOpen):
		return "make a key with hotcell key new NAME >> keys.yaml, and serve with --keys keys.yaml; or say --open-to-all yes where everybody who can reach it may run scripts"
	case errors.Is(err, supervisor.ErrKeysFile):
		return "docs/keys.md says what the file holds; hotcell key new makes an entry"
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program listens there; choose another address with --listen"
	case errors.Is(err, top.ErrKey):
		return "HOTCELL_KEY=... or --key-file FILE gives one; docs/keys.md tells how to make it"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens there; hotcell serve starts a server, and --listen says where"
	case errors.Is(err, config.ErrNoPython):
		return "make build makes one beside the executable; name another with --python"
	case errors.Is(err, os.ErrPermission) && os.Geteuid() != 0:
		return "jails need rights that this user does not have: docs/install.md, or try as root"
	default:
		return ""
	}
}

// printOutcome tells of an answer what the script itself has not printed.
func printOutcome(answer *supervisor.Answer) {
	fmt.Fprint(os.Stderr, answer.Stderr)
	fmt.Fprint(os.Stdout, answer.Stdout)
	switch {
	case answer.Status == protocol.StatusOK:
		if answer.Stdout != "" && !strings.HasSuffix(answer.Stdout, "\n") {
			fmt.Println()
		}
		fmt.Printf("%s\n", answer.Result)
	case answer.Error != nil && answer.Error.Traceback != "":
		fmt.Fprint(os.Stderr, answer.Error.Traceback)
	case answer.Error != nil:
		fmt.Fprintf(os.Stderr, "hotcell: %s: %s: %s\n", answer.Status, answer.Error.Type, answer.Error.Message)
	case answer.Limit != nil:
		fmt.Fprintf(os.Stderr, "hotcell: %s: the script reached its limit of %s\n", answer.Status, *answer.Limit)
	case answer.Signal != nil:
		fmt.Fprintf(os.Stderr, "hotcell: %s: %s\n", answer.Status, *answer.Signal)
	}
}

// printProblem tells why a script was refused, with what it printed until then.
func printProblem(p *supervisor.Problem) {
	if p.Stdout != nil {
		fmt.Fprint(os.Stdout, *p.Stdout)
		fmt.Fprint(os.Stderr, *p.Stderr)
	}
	if p.Err.Line != nil {
		fmt.Fprintf(os.Stderr, "hotcell: %s: line %d: %s\n", p.Code, *p.Err.Line, p.Detail)
		return
	}
	fmt.Fprintf(os.Stderr, "hotcell: %s: %s\n", p.Code, p.Detail)
}

func printJSON(value any) {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // a reader that is gone misses it
}

// parse reads flags; ok is false when there is nothing left to do.
func parse(flags *flag.FlagSet, args []string, printHelp func(io.Writer)) (status int, ok bool) {
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		printHelp(os.Stdout)
		return exitOK, false
	case err != nil:
		text := strings.ReplaceAll(err.Error(), "flag provided but not defined: -", "there is no flag --")
		complain(fmt.Errorf("%w: %s", errUsage, text))
		return exitUsage, false
	}
	return exitOK, true
}
