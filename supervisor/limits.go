package supervisor

import (
	"time"

	"github.com/hotcell/hotcell/nsjail"
)

// limit is one row of the table of limits: what a request may ask for, what can
// be configured, and what /info tells come from it.
type limit struct {
	key  string // in the configuration
	wire string // in a request and in /info
	help string
	// least is the smallest amount that makes sense, in the unit of the wire.
	least int64
	of    func(*nsjail.Limits) field
	// amount and give read and write it in the unit of the wire.
	amount func(*nsjail.Limits) int64
	give   func(*nsjail.Limits, int64)
}

var limits = []limit{
	durationLimit("wall", "wall_ms", "wall clock time", func(l *nsjail.Limits) *time.Duration { return &l.Wall }),
	durationLimit("cpu", "cpu_ms", "CPU time of all its processes together", func(l *nsjail.Limits) *time.Duration { return &l.CPU }),
	bytesLimit("memory", "memory_bytes", "memory of all its processes, its disk included", leastMemory, func(l *nsjail.Limits) *int64 { return &l.MemoryBytes }),
	bytesLimit("output", "output_bytes", "stdout and stderr, each", 1, func(l *nsjail.Limits) *int64 { return &l.OutputBytes }),
	bytesLimit("result", "result_bytes", "the result as JSON", 1, func(l *nsjail.Limits) *int64 { return &l.ResultBytes }),
	bytesLimit("files", "files_bytes", "the files that are collected, together", 1, func(l *nsjail.Limits) *int64 { return &l.FilesBytes }),
	bytesLimit("disk", "disk_bytes", "working directory and /tmp together", leastDisk, func(l *nsjail.Limits) *int64 { return &l.DiskBytes }),
	{
		key: "processes", wire: "processes", help: "processes and threads at a time", least: 1,
		of:     func(l *nsjail.Limits) field { return count(&l.Processes, 1, 1<<15) },
		amount: func(l *nsjail.Limits) int64 { return int64(l.Processes) },
		give:   func(l *nsjail.Limits, n int64) { l.Processes = int(n) },
	},
}

const (
	leastMemory = 16 << 20 // a cell that has rehearsed holds a few MiB already
	leastDisk   = 64 << 10 // a few pages of the cell's own are on it
	mostBytes   = 1 << 40
)

func durationLimit(key, wire, help string, p func(*nsjail.Limits) *time.Duration) limit {
	return limit{
		key: key, wire: wire, help: help, least: 1,
		of:     func(l *nsjail.Limits) field { return duration(p(l), time.Millisecond, 24*time.Hour) },
		amount: func(l *nsjail.Limits) int64 { return p(l).Milliseconds() },
		give:   func(l *nsjail.Limits, n int64) { *p(l) = time.Duration(n) * time.Millisecond },
	}
}

func bytesLimit(key, wire, help string, least int64, p func(*nsjail.Limits) *int64) limit {
	return limit{
		key: key, wire: wire, help: help, least: least,
		of:     func(l *nsjail.Limits) field { return size((*ByteSize)(p(l)), ByteSize(least), mostBytes) },
		amount: func(l *nsjail.Limits) int64 { return *p(l) },
		give:   func(l *nsjail.Limits, n int64) { *p(l) = n },
	}
}

// limitsJSON is how limits stand in a request and in /info.
func limitsJSON(l nsjail.Limits) map[string]int64 {
	table := make(map[string]int64, len(limits))
	for _, limit := range limits {
		table[limit.wire] = limit.amount(&l)
	}
	return table
}
