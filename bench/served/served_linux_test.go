package served

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
)

// A program gets the configuration by flags: what it reads is what was given.
func TestFlagsSayWhatDiffersFromTheDefaults(t *testing.T) {
	cfg := config.Default()
	if given := flags(&cfg); len(given) != 0 {
		t.Errorf("the defaults are given as %q", given)
	}
	cfg.Snapshot, cfg.Profile.PoolSize, cfg.Profile.SpawnMode, cfg.Profile.Environment = !cfg.Snapshot, 500, "exec", []string{"A=x: y # z", "B="}
	cfg.Compat, cfg.MaxBody, cfg.StateDir = nil, 32<<20, t.TempDir()
	given := make(map[string]string)
	for _, flag := range flags(&cfg) {
		name, value, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		given[name] = value
	}
	read, err := config.Load(given, nil)
	if err != nil {
		t.Fatalf("%q: %v", given, err)
	}
	for _, setting := range config.Settings {
		if got, want := setting.Value(&read), setting.Value(&cfg); got != want {
			t.Errorf("%s: %q, want %q", setting.Key, got, want)
		}
	}
}

// Nobody waits a minute for a program that has ended. It does not get the settings of the
// environment: those of the configuration may be others.
func TestAProgramThatEndsIsNotWaitedFor(t *testing.T) {
	t.Setenv("HOTCELL_POOL_SIZE", "7")
	dir := t.TempDir()
	said := filepath.Join(dir, "said")
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho \"$1 ${HOTCELL_POOL_SIZE-none}\" >"+said+"\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	service, err := Start(t.Context(), program, config.Default())
	if service != nil || err == nil || !strings.Contains(err.Error(), "ended before it was ready") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("%v %v", service, err)
	}
	if got, err := os.ReadFile(said); string(got) != "serve none\n" {
		t.Errorf("it was started with %q (%v)", got, err)
	}
}
