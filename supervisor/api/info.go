package api

import (
	"github.com/hotcell/hotcell/nsjail/uids"
	"github.com/hotcell/hotcell/protocol"
)

// Info is the answer of GET /info.
type Info struct {
	Version        string    `json:"version"`
	Go             string    `json:"go"`
	DefaultProfile string    `json:"default_profile"`
	UIDs           uids.Mode `json:"uids"` // range or single
	// LandlockABI is the version of Landlock that restricts cells; 0 if there is
	// none.
	LandlockABI int                    `json:"landlock_abi"`
	Profiles    map[string]ProfileInfo `json:"profiles"`
	Connections Connections            `json:"connections"`
	Memory      Memory                 `json:"memory"`
}

// ProfileInfo describes one profile.
type ProfileInfo struct {
	Python    string            `json:"python"`
	Packages  map[string]string `json:"packages"`
	Preload   []string          `json:"preload"`
	SpawnMode protocol.Mode     `json:"spawn_mode"`
	// Zygotes is how many interpreters cells are forked from now. See the setting zygotes.
	Zygotes int `json:"zygotes"`
	// Isolation says for each layer whether the self-test found it in force.
	Isolation map[string]bool `json:"isolation"`
	// SharedCounts names what one cell can use up so that the others have none until
	// it ends: see docs/shared-uid.md.
	SharedCounts     []string `json:"shared_counts"`
	DiskReadsLimited bool     `json:"disk_reads_limited"`
	// Shortcuts says for each shortcut whether it is taken: see docs/performance.md.
	Shortcuts map[string]bool `json:"shortcuts"`
	Limits    struct {
		Default map[string]int64 `json:"default"`
		Max     map[string]int64 `json:"max"`
	} `json:"limits"`
}

// Connections says how many connections clients may have.
type Connections struct {
	Max           int    `json:"max"`
	MaxPerAddress int    `json:"max_per_address"`
	Descriptors   uint64 `json:"descriptors"` // RLIMIT_NOFILE
}

// Memory is the memory that the service's own process uses for clients, in bytes: at
// most Max. Of that, bodies of waiting and running requests may use MaxBodies, and
// their answers MaxAnswers.
type Memory struct {
	Max        int64 `json:"max_bytes"`
	MaxBodies  int64 `json:"max_bodies_bytes"`
	MaxAnswers int64 `json:"max_answers_bytes"`
}

// Capacity is the answer of GET /capacity.
type Capacity struct {
	Profiles map[string]CapacityProfile `json:"profiles"`
	Running  int                        `json:"running"` // requests that have a place, of all clients
	Waiting  int                        `json:"waiting"` // in line for one; a batch counts as one
	// MaxRunning is how many requests of this client may run at a time.
	MaxRunning int `json:"max_running"`
	// SuggestedConcurrency is how many requests this client should have in flight: as
	// many as keep the processors busy, without those of others that run now.
	SuggestedConcurrency int `json:"suggested_concurrency"`
	// Fleet is the same for all nodes; nil: there is only this one.
	Fleet *FleetCapacity `json:"fleet,omitempty"`
}

// FleetCapacity sums what the nodes have told that take something new.
type FleetCapacity struct {
	Nodes                int                        `json:"nodes"`
	Profiles             map[string]CapacityProfile `json:"profiles"`
	Running              int                        `json:"running"`
	Waiting              int                        `json:"waiting"`
	MaxRunning           int                        `json:"max_running"`
	SuggestedConcurrency int                        `json:"suggested_concurrency"`
}

// CapacityProfile says how many cells of a profile are warm, and how many should be.
type CapacityProfile struct {
	Ready  int `json:"ready"`
	Target int `json:"target"`
}
