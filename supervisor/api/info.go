package api

import (
	"github.com/hotcell/hotcell/nsjail/uids"
	"github.com/hotcell/hotcell/protocol"
)

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
