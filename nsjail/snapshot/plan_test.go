package snapshot

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// smapsOf returns the text of smaps with one mapping for each line "addresses protection
// RSS anonymous flags name", in KiB.
func smapsOf(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		f := strings.Split(line, " | ")
		fmt.Fprintf(&b, "%s 00000000 fe:00 1 %s\nRss: %s kB\nAnonymous: %s kB\nSwap: 0 kB\nVmFlags: %s\n", f[0], f[4], f[1], f[2], f[3])
	}
	return b.String()
}

func TestWhatMoves(t *testing.T) {
	const library = "/usr/lib/libx.so"
	for _, c := range []struct {
		name, smaps string
		want        []string // start, KiB, protection
	}{
		{"memory that was written", smapsOf(
			"10000-20000 rw-p | 64 | 64 | rd wr mr mw me ac | [heap]",
			"7f0000000000-7f0000001000 rw-p | 4 | 4 | rd wr mr mw me ac sd hg | ",
		), []string{"10000 64 rw-", "7f0000000000 4 rw-"}},
		{"a library's parts, all but what is written as code", smapsOf(
			"10000-20000 r--p | 64 | 0 | rd mr mw me | "+library,
			"20000-30000 r-xp | 64 | 0 | rd ex mr mw me | "+library,
			"30000-40000 r--p | 64 | 0 | rd mr mw me | "+library,
			"40000-41000 r--p | 4 | 4 | rd mr mw me ac | "+library,
			"41000-42000 rw-p | 4 | 4 | rd wr mr mw me ac | "+library,
			"42000-43000 rw-p | 0 | 0 | rd wr mr mw me ac | ",
		), []string{"10000 64 r-x", "20000 64 r-x", "30000 64 r-x", "40000 4 r-x", "41000 4 rw-", "42000 4 rw-"}},
		{"of a large library that hardly anybody reads, only what was written", smapsOf(
			"10000-20000 r--p | 64 | 0 | rd mr mw me | "+library,
			"20000-1020000 r-xp | 64 | 0 | rd ex mr mw me | "+library,
			"1020000-1021000 r--p | 4 | 4 | rd mr mw me ac | "+library,
			"1021000-1022000 rw-p | 4 | 4 | rd wr mr mw me ac | "+library,
		), []string{"1020000 4 r--", "1021000 4 rw-"}},
		{"no large memory that is nearly empty, and no file without code", smapsOf(
			"10000-2010000 rw-p | 8 | 8 | rd wr mr mw me ac | ",
			"3000000-3010000 r--p | 64 | 0 | rd mr mw me | /usr/lib/locale/C.utf8/LC_CTYPE",
			"4000000-4001000 rw-p | 4 | 4 | rd wr mr mw me ac | ",
		), []string{"4000000 4 rw-"}},
		{"generated code, if it is not written any more", smapsOf(
			"10000-11000 r-xp | 4 | 4 | rd ex mr mw me ac | ",
			"12000-13000 rwxp | 4 | 4 | rd wr ex mr mw me ac | ",
		), []string{"10000 4 r-x"}},
		{"nothing that others share, and nothing that cannot be read", smapsOf(
			"10000-11000 rw-s | 4 | 4 | rd wr sh mr mw me ms | /dev/shm/x",
			"12000-13000 ---p | 0 | 0 | mr mw me | "+library,
			"14000-15000 rw-p | 4 | 4 | rd wr mr mw me ac | ",
		), []string{"14000 4 rw-"}},
		{"nothing of the kernel's", smapsOf(
			"10000-11000 rw-p | 4 | 4 | rd wr mr mw me ac | [anon_shmem:x]",
			"12000-13000 r-xp | 4 | 0 | rd ex mr mw me | [vdso]",
			"14000-15000 rw-p | 4 | 4 | rd wr mr mw me ac | [stack]",
			"16000-17000 rw-p | 4 | 4 | rd wr mr mw me ac | ",
		), []string{"16000 4 rw-"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan, err := NewPlan(c.smaps)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range plan.Regions {
				protection := []byte("---")
				for i, bit := range []uint64{protRead, protWrite, protExec} {
					if r.Protection&bit != 0 {
						protection[i] = "rwx"[i]
					}
				}
				got = append(got, fmt.Sprintf("%x %d %s", r.Start, r.Bytes>>10, protection))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q instead of %q", got, c.want)
			}
		})
	}
}

// The vDSO keeps the state of getrandom(2) in memory that is wiped on fork: as a private
// mapping of a file it would give all cells the same numbers, as doctor
// TestTheSelfTestFindsRandomStateInASnapshot shows.
func TestMemoryWithAnyUnusualFlagStays(t *testing.T) {
	for _, flag := range strings.Fields("wf dp dc lo gd io pf ht sl dd de sh ms nr rr sr um uw ss bt mt xx") {
		plan, err := NewPlan(smapsOf("10000-11000 rw-p | 4 | 4 | rd wr mr mw me ac "+flag+" | ", "20000-21000 rw-p | 4 | 4 | rd wr mr mw me ac | "))
		if err != nil || len(plan.Regions) != 1 || plan.Regions[0].Start != 0x20000 {
			t.Errorf("%s: %+v %v", flag, plan.Regions, err)
		}
	}
}

func TestSmapsThatTellTooLittleAreRefused(t *testing.T) {
	const good = "10000-11000 rw-p 00000000 fe:00 1 \nRss: 4 kB\nAnonymous: 4 kB\nVmFlags: rd wr\n"
	for _, c := range []struct{ name, smaps, want string }{
		{"nothing", "", "no memory"},
		{"no flags", strings.ReplaceAll(good, "VmFlags", "Flags"), "no VmFlags"},
		{"no number", strings.ReplaceAll(good, "4 kB", "four kB"), "Rss of 10000"},
		{"an end before its start", strings.ReplaceAll(good, "11000", "1000"), "no mapping"},
		{"no mapping first", "Rss: 4 kB\n" + good, "begins with"},
		{"a line of something else", good + "hello world\n", "no mapping"},
		{"more than fits", smapsOf("10000-100000000000 rw-p | 4 | 4 | rd wr | [heap]"), "MiB would move"},
	} {
		if _, err := NewPlan(c.smaps); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// checkPlan checks what holds for every plan.
func checkPlan(t *testing.T, plan Plan) {
	t.Helper()
	inFile := slices.Clone(plan.Regions)
	slices.SortFunc(inFile, func(a, b Region) int { return int(a.Offset) - int(b.Offset) })
	for i, r := range plan.Regions {
		if r.Start%pageBytes != 0 || r.Bytes%pageBytes != 0 || r.Bytes == 0 || r.Offset%pageBytes != 0 {
			t.Errorf("%x is not of whole pages", r)
		}
		if i > 0 && plan.Regions[i-1].end() > r.Start {
			t.Errorf("%x overlaps in memory", r)
		}
		if i > 0 && plan.Regions[i-1].end() == r.Start && plan.Regions[i-1].Offset+plan.Regions[i-1].Bytes != r.Offset {
			t.Errorf("%x is not beside its neighbour in the file", r)
		}
		if hasHugePage([]Region{r}) && r.Start%hugeBytes != r.Offset%hugeBytes {
			t.Errorf("%x has no huge pages", r)
		}
	}
	for i, r := range inFile {
		if i > 0 && inFile[i-1].Offset+inFile[i-1].Bytes > r.Offset || r.Offset+r.Bytes > plan.Bytes {
			t.Errorf("%x overlaps in the file", r)
		}
	}
	if plan.Bytes%hugeBytes != 0 {
		t.Errorf("%d bytes", plan.Bytes)
	}
}

// These are real zygotes with numpy and pandas.
func TestPlansOfRealZygotes(t *testing.T) {
	for _, c := range []struct {
		python             string
		regions, joined    int // joined: mappings that are left of them
		megabytes, wasted  uint64
		stays, moves, text string // addresses: of the vDSO's random state, of libc's code, of OpenBLAS' code
	}{
		{"3.11", 480, 186, 92, 1, "", "7f25df454000", "7f25d9889000"},
		{"3.13", 465, 186, 92, 1, "7f91adc61000", "7f91ad956000", "7f91a7a89000"},
	} {
		t.Run(c.python, func(t *testing.T) {
			smaps, err := os.ReadFile("testdata/smaps-" + c.python + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			plan, err := NewPlan(string(smaps))
			if err != nil {
				t.Fatal(err)
			}
			checkPlan(t, plan)
			joined, sum := 0, uint64(0)
			starts := make(map[string]uint64) // protections
			for i, r := range plan.Regions {
				sum += r.Bytes
				starts[fmt.Sprintf("%x", r.Start)] = r.Protection
				if i == 0 || plan.Regions[i-1].end() != r.Start || plan.Regions[i-1].Protection != r.Protection {
					joined++
				}
			}
			if len(plan.Regions) != c.regions || joined != c.joined || plan.Bytes>>20 != c.megabytes || (plan.Bytes-sum)>>20 > c.wasted {
				t.Errorf("%d regions, %d mappings, %d MiB, %d of them empty", len(plan.Regions), joined, plan.Bytes>>20, (plan.Bytes-sum)>>20)
			}
			if starts[c.moves] != protRead|protExec || starts[c.text] != 0 || starts[c.stays] != 0 {
				t.Errorf("libc %d, OpenBLAS %d, vDSO %d", starts[c.moves], starts[c.text], starts[c.stays])
			}
		})
	}
}

// What is not given back is exactly what moves and can be written, as long as a filter has room for it.
func TestOnlyWhatMovesAndIsWritableIsNotGivenBack(t *testing.T) {
	plan := Plan{Regions: []Region{
		{Start: 0x10000, Bytes: 0x1000, Protection: protRead | protWrite},
		{Start: 0x11000, Bytes: 0x2000, Protection: protRead | protWrite}, // a neighbour
		{Start: 0x13000, Bytes: 0x1000, Protection: protRead | protExec},
		{Start: 0x14000, Bytes: 0x1000, Protection: protRead | protWrite},
	}}
	if got := fmt.Sprintf("%x", plan.Writable()); got != "[{10000 13000} {14000 15000}]" {
		t.Error(got)
	}
	plan.Regions = nil
	for i := range uint64(2 * maxRanges) { // in pairs, far from each other
		plan.Regions = append(plan.Regions, Region{Start: 0x10000 + i/2*0x10000 + i%2*0x2000, Bytes: 0x1000, Protection: protRead | protWrite})
	}
	ranges := plan.Writable()
	for i, r := range ranges {
		if start := 0x10000 + uint64(i)*0x10000; r.Start != start || r.End != start+0x3000 {
			t.Errorf("range %d is %x", i, r)
		}
	}
	if len(ranges) != maxRanges {
		t.Errorf("%d ranges", len(ranges))
	}
}

func TestSmallPartsFillTheHolesBetweenHugePages(t *testing.T) {
	plan, err := NewPlan(smapsOf(
		"100000-700000 rw-p | 6144 | 6144 | rd wr | ",  // huge pages from 200000 on
		"a10000-1200000 rw-p | 8128 | 8128 | rd wr | ", // and from c00000 on
		"2000000-2004000 rw-p | 16 | 16 | rd wr | ",
		"3000000-3001000 rw-p | 4 | 4 | rd wr | ",
	))
	if err != nil {
		t.Fatal(err)
	}
	checkPlan(t, plan)
	if got := fmt.Sprintf("%x %x %x %x", plan.Regions[0].Offset, plan.Regions[1].Offset, plan.Regions[2].Offset, plan.Regions[3].Offset); got != "100000 810000 0 4000" {
		t.Error(got)
	}
}
