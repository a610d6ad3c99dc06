package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// Schemathesis makes requests from openapi.yaml, good and bad ones, and holds the
// answers to it.
//
// Left out: /mcp, which speaks another protocol, /tty, which is no plain HTTP, and
// the check that what the schema lets through is taken: names of profiles, maxima
// of limits and sessions that are over are the server's to know.
func TestSchemathesisFindsNoFault(t *testing.T) {
	s := startServing(t, "--pool-size", "8")
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	// One worker: CPython 3.11 does not parse in two threads at once.
	st := exec.Command(filepath.Join(root, "build/tools/bin/st"), "--config-file", filepath.Join(root, "tools/schemathesis.toml"), // #nosec G204
		"run", s.URL+"/openapi.yaml", "--no-color",
		"--seed", "1", "--generation-deterministic", "--max-examples", "15", "--workers", "1",
		"--exclude-path", "/mcp", "--exclude-path", "/tty", "--exclude-checks", "positive_data_acceptance",
		"--phases", "examples,coverage,fuzzing", "--suppress-health-check", "all", "--warnings", "off")
	st.Dir = t.TempDir()
	out, err := st.CombinedOutput()
	if err != nil {
		out = out[max(0, len(out)-20_000):]
		t.Errorf("%v (make test makes the tools)\n%s", err, out)
	}
	s.stop()
}
