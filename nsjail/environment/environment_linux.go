package environment

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hotcell/hotcell/nsjail/program"
	"github.com/hotcell/hotcell/nsjail/uids"
)

// Environment is a virtual environment that the processes of a jail can reach, together
// with the interpreter that it was made with.
type Environment struct {
	Nsjail string // the path of the nsjail program
	Mounts []program.Mount
}

// Open checks that dir is a virtual environment and that the jail's user, who has no
// rights on the host, can reach it. Its interpreter and the system's libraries are those
// below root, or those of the host if root is empty. nsjail is the configured nsjail
// program, or empty (see [program.Find]).
func Open(root, dir, nsjail string, ids uids.Range) (*Environment, error) {
	root, err := absolute(root)
	if err != nil {
		return nil, fmt.Errorf("root %q: %w", root, err)
	}
	fail := func(err error) (*Environment, error) {
		return nil, fmt.Errorf("python environment %q: %w", dir, err)
	}
	resolved, err := absolute(dir)
	if err != nil {
		return fail(err)
	}
	home, err := interpreterHome(resolved)
	if err != nil {
		return fail(err)
	}
	env := &Environment{Mounts: append(systemMounts(root), program.Mount{Target: Python, Source: resolved})}
	ways := []string{resolved}
	if root != "" {
		ways = append(ways, filepath.Join(root, home, "python3"))
	} else {
		interpreter, err := filepath.EvalSymlinks(filepath.Join(resolved, "bin", "python3"))
		if err != nil {
			return fail(err)
		}
		env.Mounts = append(env.Mounts, interpreterMounts(interpreter)...)
		ways = append(ways, home, interpreter)
	}
	for _, path := range ways {
		if err := ids.Reachable(path); err != nil {
			return fail(err)
		}
	}
	if env.Nsjail, err = program.Find(nsjail, resolved); err != nil {
		return nil, NsjailError{err}
	}
	return env, nil
}

// RunNsjail returns why the nsjail program does not run on this machine, or nil.
func (e *Environment) RunNsjail() error {
	if err := program.Check(e.Nsjail); err != nil {
		return NsjailError{err}
	}
	return nil
}

// NsjailError is that the environment is good, and there is no nsjail program that runs.
type NsjailError struct{ error }

func (e NsjailError) Unwrap() error { return e.error }

// absolute returns dir as an absolute path without symbolic links. Empty stays empty.
func absolute(dir string) (string, error) {
	if dir == "" {
		return "", nil
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return dir, err
	}
	return filepath.Abs(resolved)
}

// interpreterHome returns the directory of the environment's interpreter, which
// pyvenv.cfg names (PEP 405).
func interpreterHome(dir string) (string, error) {
	file, err := os.Open(filepath.Join(dir, "pyvenv.cfg"))
	if errors.Is(err, os.ErrNotExist) {
		return "", errors.New("not a virtual environment: it has no pyvenv.cfg; make one with python3 -m venv or make build")
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if key, value, ok := strings.Cut(lines.Text(), "="); ok && strings.TrimSpace(key) == "home" {
			return strings.TrimSpace(value), nil
		}
	}
	return "", errors.New("its pyvenv.cfg has no line home")
}
