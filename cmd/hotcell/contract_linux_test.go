package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// Schemathesis generates valid and invalid requests from openapi.yaml, and checks the
// answers.
//
// Excluded are /mcp, which uses another protocol; /tty, which is not plain HTTP; and
// the check that requests that match the schema are accepted: only the server knows
// the names of profiles, the maxima of limits, and which sessions live.
func TestSchemathesisFindsNoFault(t *testing.T) {
	s := startServing(t, "--pool-size", "8")
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	// One worker: CPython 3.11 cannot parse in two threads at once.
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
