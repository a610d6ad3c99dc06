package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/internal/serverflags"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/once"
	"github.com/hotcell/hotcell/supervisor/preflight"
)

func execCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:        "exec [flags] FILE [-- ARG…]",
		SuggestFor: []string{"run", "python"},
		Short:      "run one script in one jail",
		Long: `Runs the script in FILE, or on standard input if FILE is -, in a jail of its own.
What it prints goes where it prints it. The result of its main function follows on
standard output, as a line of JSON. With --mode program the script is what
python FILE ARG… would run, and has no result. With --mode cell it is a cell
of a notebook: what it shows follows, and the value of its last expression.

It also takes those settings of hotcell serve that concern cells and limits, such
as --limits-default-wall 2s.

exit status:

    0    main returned, and its result was printed; a program ended with 0
    1    the script raised, returned something that is not JSON, or printed or returned too much;
         a file could not be written to the directory of --collect
    2    invalid command line or configuration; a script that does not compile or has no main
    124  its wall clock or CPU time ran out
    125  hotcell itself failed
    130  hotcell was told to stop
    137  its memory ran out
    128+n  signal n killed it
    n    the script ended by itself, with sys.exit(n) or os._exit(n)`,
		Args: cli.Args(1, math.MaxInt, "one FILE"),
	}
	request := client.Request{Kwargs: make(map[string]any), Env: make(map[string]string)}
	var stdin string
	var out shown
	given, flags := serverflags.Add(cmd), cmd.Flags()
	flags.Func("arg", "a positional argument of main, as `JSON`; may be repeated", func(text string) error {
		request.Args = append(request.Args, json.RawMessage(text))
		return checkJSON(text)
	})
	flags.Func("kwarg", "a keyword argument of main, as `NAME=JSON`; may be repeated", func(text string) error {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return errors.New("use NAME=JSON, such as n=1")
		}
		request.Kwargs[name] = json.RawMessage(value)
		return checkJSON(value)
	})
	envFlag(cmd, request.Env)
	flags.StringVar(&stdin, "stdin", "", "a `FILE` that the script reads on its standard input")
	flags.StringVar(&request.Mode, "mode", "", "the `MODE` of the script: function (default), with a main that is called; program; or cell, as of a notebook")
	cli.Choices(cmd, "mode", "function", "program", "cell")
	flags.BoolVar(&request.LastExpression, "last-expression", false, "the script needs no main: the value of its last expression is the result")
	flags.BoolVar(&request.Display, "display", false, "show what the script shows: text below its output, pictures in the directory of --collect")
	flags.Func("file", "a file to send along, as `PATH`; may be repeated; it keeps a path below this directory", func(name string) error {
		file, err := readFile(name)
		request.Files = append(request.Files, file)
		return err
	})
	flags.StringVar(&out.dir, "collect", "", "write the files that the script makes or changes to `DIR`, which is made where it is missing")
	flags.StringVar(&request.Profile, "profile", "", "the `NAME` of one of the configuration file's profiles")
	flags.BoolVar(&out.json, "json", false, "print the whole answer as JSON, as POST /execute gives it")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if err := programArgs(&request, args[1:]); err != nil {
			return err
		}
		if out.dir != "" {
			request.Collect = []string{"**"}
		}
		cfg, err := given.Load()
		if err != nil {
			return err
		}
		request.Script, err = cli.ReadText(args[0])
		if err == nil && stdin != "" {
			request.Stdin, err = cli.ReadText(stdin)
		}
		if err != nil {
			return cli.Exit(cli.ExitUsage, err)
		}
		return execute(cfg, request, out)
	}
	return cmd
}

// programArgs gives a program its arguments. A main has others.
func programArgs(request *client.Request, args []string) error {
	switch program := request.Mode == "program"; {
	case program && len(request.Args) > 0:
		return cli.Usagef("--arg is for main: write the arguments of a program after --, as in FILE -- %s", request.Args[0])
	case program && len(request.Kwargs) > 0:
		return cli.Usagef("--kwarg is for main, which --mode program does not call")
	case !program && len(args) > 0:
		return cli.Usagef("exec takes one FILE, and was given %q after it: for the arguments of main use --arg, for those of a program --mode program", args)
	}
	for _, arg := range args {
		request.Args = append(request.Args, arg)
	}
	return nil
}

// shown says how a command shows an answer.
type shown struct {
	json bool   // whole
	dir  string // that gets the files; empty: none
}

// execute runs one script in one jail, and shows what came of it.
func execute(cfg config.Config, request client.Request, out shown) error {
	var dir collection
	if out.dir != "" { // before the script runs for nothing
		var err error
		if dir, err = openCollection(out.dir); err != nil {
			return cli.Exit(cli.ExitUsage, fmt.Errorf("--collect: %w", err))
		}
		defer dir.Close()
	}
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	stop, _ := cli.Signals()
	// Its own start and end are not worth a line at level info.
	log := cli.OpenQuietLog(cfg.LogLevel, cfg.LogFormat)
	reply, err := once.Run(stop, cfg, log.Logger, body)
	log.Close()
	var problem *api.Problem
	switch {
	case errors.As(err, &problem):
		if out.json {
			cli.PrintJSON(problem)
			return cli.Exit(cli.ExitUsage, nil)
		}
		return ownRefusal(problem)
	case err != nil && stop.Err() != nil:
		return cli.Exit(cli.ExitInterrupted, nil)
	case errors.Is(err, config.ErrDescriptors), err != nil && preflight.Environments(cfg) != nil:
		return cli.Exit(cli.ExitUsage, serverflags.Hint(err))
	case err != nil:
		return serverflags.Hint(err)
	}
	encoded := reply.Encode()
	var told client.Answer
	if err := json.Unmarshal(encoded, &told); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if out.dir != "" {
		err = errors.Join(dir.files(told.Files, request.Files), dir.pictures(&told))
	}
	if out.json {
		_, _ = os.Stdout.Write(append(encoded, '\n'))
	} else {
		printAnswer(&told, request.Mode)
	}
	if err != nil {
		return cli.Exit(max(exitStatus(told.Ending), cli.ExitNegative), fmt.Errorf("--collect: %w", err))
	}
	return cli.Exit(exitStatus(told.Ending), nil)
}

// ownRefusal tells of a refusal of this program's own supervisor as of that of a
// server.
func ownRefusal(problem *api.Problem) error {
	encoded, err := json.Marshal(problem)
	var told client.Problem
	if err == nil {
		err = json.Unmarshal(encoded, &told)
	}
	if err != nil {
		return fmt.Errorf("read the refusal: %w", err)
	}
	return refusal(&told)
}

// envFlag gives cmd the flag --env, which fills env.
func envFlag(cmd *cobra.Command, env map[string]string) {
	cmd.Flags().Func("env", "a variable of the script's environment, as `NAME=VALUE`; may be repeated", func(text string) error {
		name, value, _ := strings.Cut(text, "=")
		env[name] = value
		return nil
	})
}

func checkJSON(text string) error {
	if !json.Valid([]byte(text)) {
		return fmt.Errorf("%q is not JSON: a string needs quotes of its own, as in '\"text\"'", text)
	}
	return nil
}
