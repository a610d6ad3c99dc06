package config

import (
	"time"

	"github.com/hotcell/hotcell/nsjail"
)

// Limit is one row of the table of limits. What a request may ask for, what can be
// configured, and what /info returns come from it.
type Limit struct {
	Key  string // in the configuration
	Wire string // in a request and in /info
	Help string
	// Least is the smallest amount that makes sense, in the unit of the wire.
	Least int64
	Field func(*nsjail.Limits) Field
	// Amount and Set read and write it in the unit of the wire.
	Amount func(*nsjail.Limits) int64
	Set    func(*nsjail.Limits, int64)
}

// Limits is the table.
var Limits = []Limit{
	durationLimit("wall", "wall_ms", "wall clock time", func(l *nsjail.Limits) *time.Duration { return &l.Wall }),
	durationLimit("cpu", "cpu_ms", "CPU time of all its processes together", func(l *nsjail.Limits) *time.Duration { return &l.CPU }),
	bytesLimit("memory", "memory_bytes", "memory of all its processes, including its disk", leastMemory, func(l *nsjail.Limits) *int64 { return &l.MemoryBytes }),
	bytesLimit("output", "output_bytes", "output on stdout and on stderr, each", 1, func(l *nsjail.Limits) *int64 { return &l.OutputBytes }),
	bytesLimit("result", "result_bytes", "result, as JSON", 1, func(l *nsjail.Limits) *int64 { return &l.ResultBytes }),
	bytesLimit("files", "files_bytes", "all collected files together", 1, func(l *nsjail.Limits) *int64 { return &l.FilesBytes }),
	bytesLimit("outputs", "outputs_bytes", "what a script shows, together", 1, func(l *nsjail.Limits) *int64 { return &l.OutputsBytes }),
	bytesLimit("disk", "disk_bytes", "working directory and /tmp together", leastDisk, func(l *nsjail.Limits) *int64 { return &l.DiskBytes }),
	durationLimit("interrupt_grace", "interrupt_grace_ms", "time that a session's call may go on after it was interrupted because it went over a limit of time, or because its client is gone; then it is killed, and the session ends", func(l *nsjail.Limits) *time.Duration { return &l.InterruptGrace }),
	{
		Key: "processes", Wire: "processes", Help: "processes and threads at the same time", Least: 1,
		Field:  func(l *nsjail.Limits) Field { return Count(&l.Processes, 1, 1<<15) },
		Amount: func(l *nsjail.Limits) int64 { return int64(l.Processes) },
		Set:    func(l *nsjail.Limits, n int64) { l.Processes = int(n) },
	},
}

const (
	leastMemory = 16 << 20 // a cell that has rehearsed holds a few MiB already
	leastDisk   = 64 << 10 // it holds a few pages of the cell's own
	mostBytes   = 1 << 40
)

func durationLimit(key, wire, help string, p func(*nsjail.Limits) *time.Duration) Limit {
	return Limit{
		Key: key, Wire: wire, Help: help, Least: 1,
		Field:  func(l *nsjail.Limits) Field { return duration(p(l), time.Millisecond, 24*time.Hour) },
		Amount: func(l *nsjail.Limits) int64 { return p(l).Milliseconds() },
		Set:    func(l *nsjail.Limits, n int64) { *p(l) = time.Duration(n) * time.Millisecond },
	}
}

func bytesLimit(key, wire, help string, least int64, p func(*nsjail.Limits) *int64) Limit {
	return Limit{
		Key: key, Wire: wire, Help: help, Least: least,
		Field:  func(l *nsjail.Limits) Field { return size((*Size)(p(l)), Size(least), mostBytes) },
		Amount: func(l *nsjail.Limits) int64 { return *p(l) },
		Set:    func(l *nsjail.Limits, n int64) { *p(l) = n },
	}
}

// Amounts returns limits by their names in requests and in /info.
func Amounts(l nsjail.Limits) map[string]int64 {
	table := make(map[string]int64, len(Limits))
	for _, limit := range Limits {
		table[limit.Wire] = limit.Amount(&l)
	}
	return table
}
