package supervisor

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"

	"github.com/hotcell/hotcell/nsjail/uids"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/config"
)

// livez says that the process answers.
func (s *Service) livez(w http.ResponseWriter, _ *http.Request, _ *exchange) error {
	writeText(w, http.StatusOK, "ok\n")
	return nil
}

// readyz says whether a script would be run now, and if not, why.
func (s *Service) readyz(w http.ResponseWriter, r *http.Request, _ *exchange) error {
	status := http.StatusOK
	var verbose, reasons strings.Builder
	for _, check := range s.checks() {
		if check.err == nil {
			fmt.Fprintf(&verbose, "[+] %s: ok\n", check.name)
			continue
		}
		status = http.StatusServiceUnavailable
		fmt.Fprintf(&verbose, "[-] %s: %v\n", check.name, check.err)
		fmt.Fprintf(&reasons, "%s: %v\n", check.name, check.err)
	}
	text := "ok\n"
	switch {
	case r.URL.Query().Has("verbose"):
		text = verbose.String()
	case status != http.StatusOK:
		text = reasons.String()
	}
	writeText(w, status, text)
	return nil
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

type check struct {
	name string
	err  error // in words for everybody; the log has the details
}

func (s *Service) checks() []check {
	checks := []check{{name: "serving"}}
	if s.draining.Load() {
		checks[0].err = errDraining
	}
	for _, cfg := range s.cfg.AllProfiles() {
		p := s.profiles[cfg.Name]
		checks = append(checks,
			check{"jail " + cfg.Name, p.CheckJail()},
			check{"self-test " + cfg.Name, nil}, // else Start would have failed
			check{"cells " + cfg.Name, p.CheckCells()})
	}
	return checks
}

// Info is what GET /info answers.
type Info struct {
	Version        string    `json:"version"`
	Go             string    `json:"go"`
	DefaultProfile string    `json:"default_profile"`
	UIDs           uids.Mode `json:"uids"` // range or single
	// LandlockABI is the version of Landlock that restricts cells, 0 for none.
	LandlockABI int                    `json:"landlock_abi"`
	Profiles    map[string]ProfileInfo `json:"profiles"`
	Connections Connections            `json:"connections"`
	Memory      Memory                 `json:"memory"`
}

// ProfileInfo tells what scripts find in one profile.
type ProfileInfo struct {
	Python    string            `json:"python"`
	Packages  map[string]string `json:"packages"`
	Preload   []string          `json:"preload"`
	SpawnMode protocol.Mode     `json:"spawn_mode"`
	// Isolation says of each layer whether the self-test found it in force.
	Isolation map[string]bool `json:"isolation"`
	// SharedCounts names what one cell can use up so that others lack it until it
	// ends, see docs/shared-uid.md.
	SharedCounts     []string `json:"shared_counts"`
	DiskReadsLimited bool     `json:"disk_reads_limited"`
	Limits           struct {
		Default map[string]int64 `json:"default"`
		Max     map[string]int64 `json:"max"`
	} `json:"limits"`
}

// Connections is how many clients may have.
type Connections struct {
	Max           int    `json:"max"`
	MaxPerAddress int    `json:"max_per_address"`
	Descriptors   uint64 `json:"descriptors"` // RLIMIT_NOFILE
}

// Memory is what the service's own process takes for clients, in bytes: at most
// Max, of which bodies of requests that wait or run may take MaxBodies, and what is
// held for their answers MaxAnswers.
type Memory struct {
	Max        int64 `json:"max_bytes"`
	MaxBodies  int64 `json:"max_bodies_bytes"`
	MaxAnswers int64 `json:"max_answers_bytes"`
}

// info tells a key of the profiles that it may use, with its own limits.
func (s *Service) info(w http.ResponseWriter, _ *http.Request, x *exchange) error {
	own := x.key.Narrow(s.cfg.AllProfiles())
	info := Info{Version: s.cfg.Version, Go: runtime.Version(), DefaultProfile: own[0].Name, UIDs: s.host.UIDs(), Connections: s.connections, Memory: Memory{s.memory.Figure, s.memory.Bodies, s.memory.Answers}, LandlockABI: s.host.LandlockABI(), Profiles: make(map[string]ProfileInfo)}
	for _, cfg := range own {
		jail := s.profiles[cfg.Name].Jail()
		row := ProfileInfo{
			Python: jail.Hello.Python, Packages: jail.Hello.Packages, Preload: append([]string{}, cfg.Preload...), SpawnMode: cfg.SpawnMode,
			Isolation: make(map[string]bool), SharedCounts: append([]string{}, jail.SharedCounts...), DiskReadsLimited: jail.ReadsLimited,
		}
		for _, check := range jail.Isolation {
			row.Isolation[check.Layer] = check.Held
		}
		row.Limits.Default, row.Limits.Max = config.Amounts(cfg.Default), config.Amounts(cfg.Max)
		info.Profiles[cfg.Name] = row
	}
	body, err := encodeJSON(info)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
	return nil
}
