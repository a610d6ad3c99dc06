package main

import (
	"os/exec"
	"syscall"
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
	out, err := exec.Command("../../build/tools/bin/st", "--config-file", "../../tools/schemathesis.toml", "run", s.url+"/openapi.yaml", "--no-color", // #nosec G204
		"--seed", "1", "--generation-deterministic", "--max-examples", "15", "--workers", "2",
		"--exclude-path", "/mcp", "--exclude-path", "/tty", "--exclude-checks", "positive_data_acceptance",
		"--phases", "examples,coverage,fuzzing", "--suppress-health-check", "all", "--warnings", "off").CombinedOutput()
	if err != nil {
		t.Errorf("%v (make test makes the tools)\n%s", err, out)
	}
	s.signal(syscall.SIGTERM)
	if err := s.Wait(); err != nil {
		t.Errorf("%v\n%s", err, s.log)
	}
}
