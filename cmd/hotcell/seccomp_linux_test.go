package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/nsjail/seccomp"
)

func TestTheSeccompProfileForAnEngineIsPrinted(t *testing.T) {
	status, profile, _ := outcome(t, hotcell(t, "seccomp", "--for", "docker"))
	if status != 0 || profile != string(seccomp.EngineProfile()) || !json.Valid([]byte(profile)) {
		t.Errorf("%d\n%s", status, profile)
	}
	status, profile, complaint := outcome(t, hotcell(t, "seccomp", "--for", "podmen"))
	if status != 2 || profile != "" || !strings.Contains(complaint, `"podmen"`) || !strings.Contains(complaint, "--for docker") {
		t.Errorf("%d\n%s\n%s", status, profile, complaint)
	}
}
