package snapshot

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"sort"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// Bits of an entry of /proc/PID/pagemap (pagemap in the kernel's admin-guide/mm).
const (
	entryBytes = 8
	present    = 1 << 63
	ofFile     = 1 << 61
	exclusive  = 1 << 56 // mapped by this process alone: not one that it has from its parent
)

// maxHot bounds the pages that each cell gets before it writes them. A library may write
// thousands, and a page costs a microsecond and 4 KiB in each cell.
const maxHot = 1024

// Read makes the plan for a process.
func Read(pid int) (Plan, error) {
	smaps, err := kernfs.Read(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		return Plan{}, err
	}
	return NewPlan(smaps)
}

// Written returns the pages of a plan that a process has written since its parent forked
// it, by their addresses, in order.
func Written(pid int, plan Plan) ([]uint64, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/pagemap", pid))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var found []uint64
	for _, region := range plan.Regions {
		if region.Protection&protWrite == 0 {
			continue
		}
		entries := make([]byte, region.Bytes/pageBytes*entryBytes)
		if _, err := file.ReadAt(entries, int64(region.Start/pageBytes*entryBytes)); err != nil { // #nosec G115 -- an address of user space
			return nil, err
		}
		found = append(found, ownPages(region.Start, entries)...)
	}
	return found, nil
}

// ownPages returns the addresses of the pages that are the process' own.
func ownPages(start uint64, entries []byte) []uint64 {
	var found []uint64
	for ; len(entries) >= entryBytes; entries, start = entries[entryBytes:], start+pageBytes {
		if entry := binary.LittleEndian.Uint64(entries); entry&present != 0 && entry&ofFile == 0 && entry&exclusive != 0 {
			found = append(found, start)
		}
	}
	return found
}

// run is a range of pages.
type run struct{ start, bytes uint64 }

// runsOf returns the pages that are in every list, which are sorted, as ranges: at most
// maxHot pages, from the lowest address on. Pages outside of the plan are dropped.
func runsOf(plan Plan, lists ...[]uint64) []run {
	var runs []run
	pages := 0
	if len(lists) == 0 {
		return nil
	}
	for _, page := range lists[0] {
		inAll := !slices.ContainsFunc(lists[1:], func(list []uint64) bool {
			_, there := slices.BinarySearch(list, page)
			return !there
		})
		if !inAll || !plan.writes(page) || pages == maxHot {
			continue
		}
		pages++
		if last := len(runs) - 1; last >= 0 && runs[last].start+runs[last].bytes == page {
			runs[last].bytes += pageBytes
		} else {
			runs = append(runs, run{page, pageBytes})
		}
	}
	return runs
}

// writes reports whether the page is in a writable region.
func (p Plan) writes(page uint64) bool {
	i := sort.Search(len(p.Regions), func(i int) bool { return p.Regions[i].Start > page })
	return i > 0 && page < p.Regions[i-1].end() && p.Regions[i-1].Protection&protWrite != 0
}
