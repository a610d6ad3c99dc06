package seccomp

import (
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/seccomp/uapi"
)

// machine runs a filter as the kernel does.
type machine struct {
	t  *testing.T
	vm *bpf.VM
}

// load also makes the checks of bpf.NewVM: known instructions, no jump past the end.
func load(t *testing.T, text []byte) machine {
	t.Helper()
	var program []bpf.Instruction
	for ; len(text) > 0; text = text[8:] {
		program = append(program, bpf.RawInstruction{
			Op: binary.LittleEndian.Uint16(text), Jt: text[2], Jf: text[3], K: binary.LittleEndian.Uint32(text[4:]),
		}.Disassemble())
	}
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	return machine{t, vm}
}

func (m machine) run(arch, number uint32, arguments [6]uint64) uint32 {
	m.t.Helper()
	// struct seccomp_data, with its words in the order of bytes that the VM expects
	data := make([]byte, offsetArgs+8*len(arguments))
	binary.BigEndian.PutUint32(data[offsetNumber:], number)
	binary.BigEndian.PutUint32(data[offsetArch:], arch)
	for i, argument := range arguments {
		binary.BigEndian.PutUint32(data[offsetArgs+8*i:], uint32(argument&0xffffffff))
		binary.BigEndian.PutUint32(data[offsetArgs+8*i+4:], uint32(argument>>32))
	}
	action, err := m.vm.Run(data)
	if err != nil {
		m.t.Fatal(err)
	}
	return uint32(action) // #nosec G115 -- it is the return value, which has 32 bits
}

// filters are both that a cell has.
type filters struct{ zygote, cell machine }

// run gives the stricter answer, and of two errors that of the later filter, as
// seccomp(2) says.
func (f filters) run(arch, number uint32, arguments [6]uint64) uint32 {
	f.cell.t.Helper()
	if action := f.cell.run(arch, number, arguments); action != Allow.action() {
		return action
	}
	return f.zygote.run(arch, number, arguments)
}

func ofACell(t *testing.T) filters {
	t.Helper()
	return filters{load(t, ZygoteFilter(Shared{})), load(t, CellFilter())}
}

func TestEveryNumberGetsWhatTheTableSays(t *testing.T) {
	f := ofACell(t)
	for number := range uint32(4096) {
		for _, n := range []uint32{number, number | 0x40000000, -number - 1} { // x32, and negative ones
			want := ENOSYS
			if n == number {
				want = Decide(n, [6]uint64{})
			}
			if got := f.run(auditArch, n, [6]uint64{}); got != want.action() {
				t.Errorf("call %#x gets %#x, want %v", n, got, want)
			}
		}
		for _, foreign := range []uint32{unix.AUDIT_ARCH_I386, unix.AUDIT_ARCH_ARM, unix.AUDIT_ARCH_X86_64 ^ unix.AUDIT_ARCH_AARCH64 ^ auditArch, 0} {
			if got := f.run(foreign, number, [6]uint64{}); got != ENOSYS.action() {
				t.Fatalf("call %d of architecture %#x gets %#x, want ENOSYS", number, foreign, got)
			}
		}
	}
}

func TestEveryCommandAndFlagGetsWhatTheTableSays(t *testing.T) {
	f := ofACell(t)
	named := headerValues(t)
	tried := 0
	for _, call := range Calls() {
		for _, arguments := range combinations(call.Tests, named) {
			tried++
			want := call.Decide(arguments)
			if got := f.run(auditArch, call.Number, arguments); got != want.action() {
				t.Errorf("%s%#x gets %#x, want %v", call.Name, arguments, got, want)
			}
		}
	}
	if tried < 100_000 {
		t.Errorf("only %d combinations were tried", tried)
	}
	t.Logf("%d combinations", tried)
}

func TestTheZygotesFilterIsTheTableAndWhatItNeedsBeyond(t *testing.T) {
	testZygote(t, Shared{}, collapse)
	testZygote(t, Shared{Snapshot: true}, populate)
}

func testZygote(t *testing.T, shared Shared, advice Value) {
	t.Helper()
	zygote, table := load(t, ZygoteFilter(shared)), zygoteTable(shared)
	for number := range uint32(1024) {
		want := ENOSYS
		if at := indexOf(table, number); at >= 0 {
			want = table[at].Decide([6]uint64{})
		}
		if got := zygote.run(auditArch, number, [6]uint64{}); got != want.action() {
			t.Errorf("call %d gets %#x, want %v", number, got, want)
		}
	}
	for _, value := range []Value{populate, collapse} {
		got, want := zygote.run(auditArch, unix.SYS_MADVISE, [6]uint64{2: uint64(value.Value)}), EINVAL
		if value.Value == advice.Value {
			want = Allow
		}
		if got != want.action() {
			t.Errorf("%+v: %s gets %#x, want %v", shared, value.Name, got, want)
		}
	}
	for _, extra := range zygoteCalls(advice) {
		arguments := [6]uint64{}
		for _, test := range extra.Tests {
			for _, value := range append(test.Values, test.Bits...) {
				arguments[test.Argument] = uint64(value.Value)
				if got := zygote.run(auditArch, extra.Number, arguments); got != Allow.action() {
					t.Errorf("%s of %s gets %#x in a zygote", value.Name, extra.Name, got)
				}
				if Decide(extra.Number, arguments) == Allow {
					t.Errorf("a cell may do %s of %s, too", value.Name, extra.Name)
				}
			}
		}
		if extra.Tests == nil && Decide(extra.Number, arguments) == Allow {
			t.Errorf("a cell may do %s, too", extra.Name)
		}
	}
}

func TestWhatCellsShareHasItsCallsRefusedAndNoOthers(t *testing.T) {
	for name, c := range map[string]struct {
		shared  Shared
		group   Group
		refused uint32
		answer  Answer
	}{
		"one uid for all cells":               {Shared{UID: true}, sharedUIDGroup(), unix.SYS_EPOLL_CREATE1, ENOSYS},
		"names that nothing keeps apart":      {Shared{Names: true}, sharedNamesGroup(), unix.SYS_SOCKET, EPERM},
		"the same, of all calls with a name":  {Shared{Names: true}, sharedNamesGroup(), unix.SYS_BIND, EPERM},
		"the same, of calls that meet others": {Shared{Names: true}, sharedNamesGroup(), unix.SYS_CONNECT, EPERM},
	} {
		shared, apart := load(t, ZygoteFilter(c.shared)), load(t, ZygoteFilter(Shared{}))
		refused := make(map[uint32]bool)
		for _, call := range c.group.Calls {
			refused[call.Number] = true
		}
		for number := range uint32(1024) {
			stream := [6]uint64{unix.AF_UNIX, unix.SOCK_STREAM}
			if number != unix.SYS_SOCKET {
				stream = [6]uint64{}
			}
			got, usual := shared.run(auditArch, number, stream), apart.run(auditArch, number, stream)
			switch {
			case refused[number] && (got != c.answer.action() || usual != Allow.action()):
				t.Errorf("%s: call %d gets %#x, and %#x elsewhere", name, number, got, usual)
			case !refused[number] && got != usual:
				t.Errorf("%s: call %d gets %#x instead of %#x", name, number, got, usual)
			}
		}
		if !refused[c.refused] {
			t.Errorf("%s: call %d is not refused", name, c.refused)
		}
	}
}

// A load costs time for each instruction, and each cell makes one.
func TestTheCellsFilterIsSmall(t *testing.T) {
	if n := len(CellFilter()) / 8; n > 60 {
		t.Errorf("it has %d instructions", n)
	}
	if n := len(ZygoteFilter(Shared{UID: true})) / 8; n > 500 {
		t.Errorf("the zygote's has %d instructions", n)
	}
}

func TestTheTableHasEachCallOnceAndEachValueOnce(t *testing.T) {
	numbers, names := make(map[uint32]string), make(map[string]bool)
	for _, call := range Calls() {
		if before := numbers[call.Number]; before != "" || names[call.Name] {
			t.Errorf("%s is there twice (%s)", call.Name, before)
		}
		numbers[call.Number], names[call.Name] = call.Name, true
		for _, test := range call.Tests {
			if test.Else == Allow {
				t.Errorf("%s allows any %s", call.Name, test.Name)
			}
			seen := make(map[uint32]bool)
			for _, value := range append(slices.Clone(test.Values), test.Bits...) {
				if seen[value.Value] || value.Why == "" || value.Name == "" {
					t.Errorf("%s: %s is there twice, or without a reason", call.Name, value.Name)
				}
				seen[value.Value] = true
			}
		}
	}
}

// headerValues are the values of all commands and flags that the headers name.
func headerValues(t *testing.T) []uint64 {
	t.Helper()
	constants, err := uapi.Constants("F_", "DN_", "SO_", "SOL_", "MSG_", "SOCK_", "AF_", "PR_", "MADV_", "FADV_", "MAP_", "PROT_", "MREMAP_", "MFD_",
		"CLONE_", "O_", "RWF_", "FALLOC_", "TFD_", "CLOCK_", "TIOC", "TC", "FIO", "FS_IOC", "PIDFD_", "CLOSE_RANGE_", "RENAME_", "AT_", "PRIO_", "S_IF",
		"MEMBARRIER_", "EPOLL", "NS_", "BLK", "PERF_EVENT_IOC", "RTC_", "TUN", "SIOC", "LOOP_", "FUTEX_")
	if err != nil {
		t.Fatal(err)
	}
	if len(constants) < 1000 {
		t.Fatalf("only %d constants", len(constants))
	}
	return slices.Collect(maps.Values(constants))
}

// combinations are arguments that try each test while the others hold: every number
// below 4096, every bit, every value that a header names, all of these with bits in
// the upper half, and some at random.
func combinations(tests []Test, named []uint64) [][6]uint64 {
	var all [][6]uint64
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- the same in each run
	base := holding(tests, [6]uint64{})
	var try func(test Test, base [6]uint64)
	try = func(test Test, base [6]uint64) {
		values := slices.Clone(named)
		for n := range uint64(4096) {
			values = append(values, n)
		}
		for bit := range 64 {
			values = append(values, 1<<bit, uint64(test.bits())|1<<bit, uint64(test.bits())&^(1<<bit))
		}
		for _, listed := range append(slices.Clone(test.Values), test.Bits...) {
			values = append(values, uint64(listed.Value), uint64(listed.Value)+1, uint64(listed.Value)|1<<32, uint64(listed.Value)|1<<63)
		}
		for n := range uint64(3) {
			values = append(values, uint64(test.Most)+n-1)
		}
		for range 500 {
			values = append(values, random.Uint64(), random.Uint64()&uint64(test.bits()), uint64(random.Uint32()))
		}
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			arguments := base
			arguments[test.Argument] = value
			all = append(all, arguments)
		}
		for _, value := range test.Values {
			for _, then := range value.Then {
				with := base
				with[test.Argument] = uint64(value.Value)
				try(then, with)
			}
		}
	}
	for _, test := range tests {
		try(test, base)
	}
	return all
}

// holding are arguments for which the tests hold.
func holding(tests []Test, arguments [6]uint64) [6]uint64 {
	for _, test := range tests {
		if test.Values != nil {
			arguments[test.Argument] = uint64(test.Values[0].Value)
		}
	}
	return arguments
}
