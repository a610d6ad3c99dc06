package seccomp

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write deploy/seccomp.json and docs/syscalls.md anew")

// It has amd64's names, which include arm64's.
func TestTheEngineProfileInDeployIsTheTables(t *testing.T) {
	const file = "../../deploy/seccomp.json"
	if *update {
		if err := os.WriteFile(file, EngineProfile(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(text, EngineProfile()) {
		t.Errorf("%s is not what the table gives (%v); run go test ./nsjail/seccomp -run EngineProfile -update", file, err)
	}
}
