package snapshot

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hotcell/hotcell/nsjail/seccomp"
)

const (
	pageBytes = 4 << 10
	hugeBytes = 2 << 20 // of a huge page

	maxRegions = 8192
	maxBytes   = 2 << 30 // of a snapshot; what a profile with every library of the project's needs is a fifth

	// A mapping or library of which little is in memory is left out if it is larger: what
	// nobody reads would be copied, and stay.
	sparseMapping, sparseLibrary = 4 << 20, 512 << 10

	sparsePart = 4 // less than one in this many pages is in memory
)

// Protections of mmap(2).
const protRead, protWrite, protExec = 1, 2, 4

// Region is a part of a process' memory that moves into the file of a snapshot.
type Region struct {
	Start, Bytes uint64
	Offset       uint64 // in the file
	Protection   uint64 // PROT_*
}

// Plan says what moves where.
type Plan struct {
	Regions []Region // sorted by Start
	Bytes   uint64   // of the file, whole huge pages
}

// plain are the flags of mappings that may move. What has another one stays: memory that
// is wiped or missing after a fork (the vDSO's state of getrandom(2)!), that is locked,
// grows down, belongs to a device, must not be dropped, changed or dumped, or that the kernel
// treats in some other way that a private mapping of a file would lose.
var plain = []string{"rd", "wr", "ex", "mr", "mw", "me", "ac", "sd", "hg", "nh"}

// AlsoMoves are flags of mappings that move though they must not. Nothing but a test sets
// it, to see that the self-test of isolation notices.
var AlsoMoves []string

// NewPlan makes the plan for a process whose /proc/PID/smaps has that text.
//
// Private memory that was written moves, and what else belongs to the same libraries: a
// library's headers, code, constants and relocated constants become one executable
// mapping instead of four. Everything that it does not know stays where it is.
func NewPlan(smaps string) (Plan, error) {
	mappings, err := parse(smaps)
	if err != nil {
		return Plan{}, err
	}
	var plan Plan
	flags := slices.Concat(plain, AlsoMoves)
	libraries := judgeLibraries(mappings)
	for _, m := range mappings {
		if !m.private || !m.read || !m.hasOnly(flags) || strings.HasPrefix(m.name, "[") && m.name != "[heap]" {
			continue
		}
		library := libraries[m.name]
		protection := uint64(protRead)
		switch {
		case m.write && m.exec:
			continue // generated code: as it is
		case m.write:
			if m.name == "" && m.isSparse(sparseMapping) {
				continue
			}
			protection |= protWrite
		case library == moves:
			protection |= protExec
		case m.anon == 0:
			continue
		case m.exec:
			protection |= protExec
		}
		plan.Regions = append(plan.Regions, Region{Start: m.start, Bytes: m.bytes(), Protection: protection})
	}
	switch {
	case len(plan.Regions) == 0:
		return Plan{}, errors.New("no memory of the process can move")
	case len(plan.Regions) > maxRegions:
		return Plan{}, fmt.Errorf("%d mappings would move: at most %d can", len(plan.Regions), maxRegions)
	}
	plan.place()
	if plan.Bytes > maxBytes {
		return Plan{}, fmt.Errorf("%d MiB would move: at most %d MiB can", plan.Bytes>>20, maxBytes>>20)
	}
	return plan, nil
}

func (m mapping) isSparse(from uint64) bool {
	return m.bytes() > from && m.resident < m.bytes()/sparsePart
}

// judgment says what becomes of the parts of a file that were not written.
type judgment int

const (
	stays judgment = iota // not a library, or mostly not in memory
	moves
)

// judgeLibraries looks at each file with code, by its name.
func judgeLibraries(mappings []mapping) map[string]judgment {
	whole := make(map[string]mapping) // the unwritten parts of each file together
	judged := make(map[string]judgment)
	for _, m := range mappings {
		if !m.private || !m.read || m.write || !strings.HasPrefix(m.name, "/") {
			continue
		}
		if m.exec {
			judged[m.name] = moves
		}
		if m.anon == 0 {
			sum := whole[m.name]
			sum.end += m.bytes()
			sum.resident += m.resident
			whole[m.name] = sum
		}
	}
	for name, sum := range whole {
		if sum.isSparse(sparseLibrary) {
			judged[name] = stays
		}
	}
	return judged
}

// place gives each region its place in the file.
//
// Neighbours stay neighbours, so that the kernel joins those of the same protection. What
// has room for a huge page keeps its address' place within one, and what is small fills
// the holes that this leaves.
func (p *Plan) place() {
	slices.SortFunc(p.Regions, func(a, b Region) int { return cmp.Compare(a.Start, b.Start) })
	var large, small [][]Region // runs of neighbours
	for i := 0; i < len(p.Regions); {
		begin := i
		for i++; i < len(p.Regions) && p.Regions[i-1].end() == p.Regions[i].Start; i++ {
		}
		if run := p.Regions[begin:i]; hasHugePage(run) {
			large = append(large, run)
		} else {
			small = append(small, run)
		}
	}
	slices.SortStableFunc(small, func(a, b []Region) int { return cmp.Compare(extent(b), extent(a)) })
	fill := func(from, to uint64) uint64 { // returns the first byte that is free
		small = slices.DeleteFunc(small, func(run []Region) bool {
			if from+extent(run) > to {
				return false
			}
			from = moveTo(run, from)
			return true
		})
		return from
	}
	for _, run := range large {
		at := p.Bytes + (run[0].Start-p.Bytes)%hugeBytes // #nosec G115 -- wraps as it must
		fill(p.Bytes, at)
		p.Bytes = moveTo(run, at)
	}
	p.Bytes = (fill(p.Bytes, 1<<62) + hugeBytes - 1) / hugeBytes * hugeBytes
}

// maxRanges bounds the ranges of [Plan.Writable], each of which takes a dozen of the 4096 instructions of a filter.
const maxRanges = 250

// Writable returns ranges that cover everything writable that moves, and nothing else, if
// they are not too many. Otherwise the narrowest gaps between them belong to them.
func (p Plan) Writable() []seccomp.Range {
	var ranges []seccomp.Range
	for _, r := range p.Regions {
		if r.Protection&protWrite == 0 {
			continue
		}
		if last := len(ranges) - 1; last >= 0 && ranges[last].End == r.Start {
			ranges[last].End = r.end()
		} else {
			ranges = append(ranges, seccomp.Range{Start: r.Start, End: r.end()})
		}
	}
	for len(ranges) > maxRanges {
		narrowest := 1
		for i := range ranges[1:] {
			if gap := ranges[i+1].Start - ranges[i].End; gap < ranges[narrowest].Start-ranges[narrowest-1].End {
				narrowest = i + 1
			}
		}
		ranges[narrowest-1].End = ranges[narrowest].End
		ranges = slices.Delete(ranges, narrowest, narrowest+1)
	}
	return ranges
}

func (r Region) end() uint64 { return r.Start + r.Bytes }

func extent(run []Region) uint64 { return run[len(run)-1].end() - run[0].Start }

// moveTo places a run, and returns its end in the file.
func moveTo(run []Region, offset uint64) uint64 {
	for i := range run {
		run[i].Offset = offset
		offset += run[i].Bytes
	}
	return offset
}

// hasHugePage reports whether neighbours of one protection, which become one mapping, cover a huge page.
func hasHugePage(run []Region) bool {
	start := run[0].Start
	for i, r := range run {
		if i > 0 && r.Protection != run[i-1].Protection {
			start = r.Start
		}
		if (start+hugeBytes-1)/hugeBytes*hugeBytes+hugeBytes <= r.end() {
			return true
		}
	}
	return false
}
