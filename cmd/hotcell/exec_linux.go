package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor"
	"github.com/hotcell/hotcell/supervisor/config"
)

// request is what POST /execute takes, as far as the command line can say it.
type request struct {
	Script string                     `json:"script"`
	Args   []json.RawMessage          `json:"args,omitempty"`
	Kwargs map[string]json.RawMessage `json:"kwargs,omitempty"`
	Env    map[string]string          `json:"env,omitempty"`
	Stdin  string                     `json:"stdin,omitempty"`

	Profile string `json:"profile,omitempty"`
}

// execute runs one script in one jail.
func execute(args []string) int {
	flags := flag.NewFlagSet("exec", flag.ContinueOnError)
	given := settingFlags(flags)
	request := request{Kwargs: make(map[string]json.RawMessage), Env: make(map[string]string)}
	flags.Func("arg", "", func(text string) error {
		request.Args = append(request.Args, json.RawMessage(text))
		return checkJSON(text)
	})
	flags.Func("kwarg", "", func(text string) error {
		name, value, _ := strings.Cut(text, "=")
		request.Kwargs[name] = json.RawMessage(value)
		return checkJSON(value)
	})
	flags.Func("env", "", func(text string) error {
		name, value, _ := strings.Cut(text, "=")
		request.Env[name] = value
		return nil
	})
	stdin := flags.String("stdin", "", "")
	flags.StringVar(&request.Profile, "profile", "", "")
	asJSON := flags.Bool("json", false, "")
	status, ok := parse(flags, args, func(w io.Writer) { fmt.Fprint(w, execHelp) })
	if !ok {
		return status
	}
	if flags.NArg() != 1 {
		complain(fmt.Errorf("%w: exec takes one FILE after its flags, and was given %q", errUsage, flags.Args()))
		return exitUsage
	}
	cfg, err := config.Load(given, os.Environ())
	if err == nil {
		request.Script, err = readText(flags.Arg(0))
	}
	if err == nil && *stdin != "" {
		request.Stdin, err = readText(*stdin)
	}
	if err != nil {
		complain(err)
		return exitUsage
	}
	body, err := json.Marshal(request)
	if err != nil {
		complain(err)
		return exitFailed
	}

	stop, _ := signals()
	// At info it would tell of its own coming and going.
	log := openQuietLog(cfg)
	answer, err := supervisor.Once(stop, cfg, log.Logger, body)
	log.close()
	var problem *supervisor.Problem
	switch {
	case errors.As(err, &problem) && *asJSON:
		printJSON(problem)
		return exitUsage
	case errors.As(err, &problem):
		printProblem(problem)
		return exitUsage
	case err != nil && stop.Err() != nil:
		return exitInterrupted
	case err != nil:
		complain(err)
		return exitFailed
	}
	encoded, err := answer.Encode()
	if err != nil {
		complain(err)
		return exitFailed
	}
	if *asJSON {
		_, _ = os.Stdout.Write(encoded)
	} else {
		printOutcome(answer)
	}
	return exitStatus(answer)
}

func exitStatus(answer *supervisor.Answer) int {
	switch answer.Status {
	case protocol.StatusOK:
		return exitOK
	case protocol.StatusTimeout:
		return exitTimeout
	case protocol.StatusMemoryLimit:
		return exitMemory
	case protocol.StatusExited:
		return *answer.ExitCode
	case protocol.StatusKilled:
		return exitSignaled + int(unix.SignalNum(*answer.Signal))
	default:
		return exitScript
	}
}

func readText(path string) (string, error) {
	if path == "-" {
		text, err := io.ReadAll(os.Stdin)
		return string(text), err
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

func checkJSON(text string) error {
	if !json.Valid([]byte(text)) {
		return fmt.Errorf("%q is not JSON (a string has quotes of its own: '\"text\"')", text)
	}
	return nil
}
