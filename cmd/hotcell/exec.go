package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/internal/serverflags"
	"github.com/hotcell/hotcell/supervisor"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

func execCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exec [flags] FILE",
		Short: "run one script in one jail",
		Long: `Runs the script in FILE, or on standard input if FILE is -, in a jail of its own.
What it prints goes where it prints it. The result of its main function follows on
standard output, as a line of JSON.

It also takes those settings of hotcell serve that concern cells and limits, such
as --limits-default-wall 2s.

exit status:

    0    main returned, and its result was printed
    1    the script raised, returned something that is not JSON, or printed or returned too much
    2    invalid command line or configuration; a script that does not compile or has no main
    124  its wall clock or CPU time ran out
    125  hotcell itself failed
    130  hotcell was told to stop
    137  its memory ran out
    128+n  signal n killed it
    n    the script ended by itself, with sys.exit(n) or os._exit(n)`,
		Args: cli.Args(1, 1, "one FILE"),
	}
	request := client.Request{Kwargs: make(map[string]any), Env: make(map[string]string)}
	var stdin string
	var asJSON bool
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
	flags.StringVar(&request.Profile, "profile", "", "the `NAME` of one of the configuration file's profiles")
	flags.BoolVar(&asJSON, "json", false, "print the whole answer as JSON, as POST /execute gives it")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
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
		return execute(cfg, request, asJSON)
	}
	return cmd
}

// execute runs one script in one jail, and prints what came of it.
func execute(cfg config.Config, request client.Request, asJSON bool) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	stop, _ := cli.Signals()
	// Its own start and end are not worth a line at level info.
	log := cli.OpenQuietLog(cfg.LogLevel, cfg.LogFormat)
	reply, err := supervisor.Once(stop, cfg, log.Logger, body)
	log.Close()
	var problem *api.Problem
	switch {
	case errors.As(err, &problem):
		if asJSON {
			cli.PrintJSON(problem)
			return cli.Exit(cli.ExitUsage, nil)
		}
		return printRefusal(problem)
	case err != nil && stop.Err() != nil:
		return cli.Exit(cli.ExitInterrupted, nil)
	case err != nil:
		return serverflags.Hint(err)
	}
	encoded := reply.Encode()
	var told client.Answer
	if err := json.Unmarshal(encoded, &told); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if asJSON {
		_, _ = os.Stdout.Write(append(encoded, '\n'))
	} else {
		printAnswer(&told)
	}
	return cli.Exit(exitStatus(told.Ending), nil)
}

// printRefusal prints a refusal of this program's own supervisor as that of a
// server.
func printRefusal(problem *api.Problem) error {
	encoded, err := json.Marshal(problem)
	var told client.Problem
	if err == nil {
		err = json.Unmarshal(encoded, &told)
	}
	if err != nil {
		return fmt.Errorf("read the refusal: %w", err)
	}
	printProblem(&told)
	return cli.Exit(cli.ExitUsage, nil)
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
