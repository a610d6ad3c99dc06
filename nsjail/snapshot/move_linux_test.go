package snapshot_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/snapshot"
	"github.com/hotcell/hotcell/protocol"
)

// zygote moves as one in a jail does, and then says what it and its children see.
const zygote = `
import ctypes, gc, json, mmap, os, socket, sys
from pyworker import frames, snapshot

libc = ctypes.CDLL(None)
control = socket.socket(fileno=3)
numbers, text, table = list(range(300_000)), "x" * 1_000_000, {str(n): [n] for n in range(50_000)}
page, wiped = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS), mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
page[:5], wiped[:5] = b"hello", b"hello"
where, of_wiped = (ctypes.addressof(ctypes.c_char.from_buffer(m)) for m in (page, wiped))
libc.madvise(ctypes.c_void_p(of_wiped), 4096, 18)  # MADV_WIPEONFORK

def descriptors():
    return [fd for fd in range(3, 50) if libc.fcntl(fd, 1) >= 0]

libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS, as in a jail
before = descriptors()

def tell(**what):
    print(json.dumps(what), flush=True)
    sys.stdin.readline()

def intact():
    return numbers == list(range(300_000)) and text == "x" * 1_000_000 and all(table[str(n)] == [n] for n in range(50_000)) and page[:5] == b"hello"

tell(pid=os.getpid(), page=where)
kind, _ = frames.decode_packet(control.recv(1000))
assert kind == frames.SNAPSHOT
snapshot.take(control, lambda *_: False)
tell(intact=intact(), left=[fd for fd in descriptors() if fd not in before])
for i in range(2):
    pid = os.fork()
    if pid == 0:
        snapshot.populate()
        tell(pid=os.getpid(), intact=intact(), wiped=wiped[:5] == bytes(5))
        page[:5], text = b"child", text + "y"
        numbers.clear(); table.clear(); gc.collect()
        more = [bytes(1000) for _ in range(10_000)]  # which grows the heap over what has moved
        libc.malloc_trim(0)
        own = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        own[:3] = b"own"
        given = [libc.madvise(ctypes.c_void_p(at), 4096, 4) for at in (where, ctypes.addressof(ctypes.c_char.from_buffer(own)))]  # MADV_DONTNEED
        assert page[:5] == b"child" and given == [-1, 0] and own[:3] == bytes(3), given
        tell(page=page[:5].decode())
        os._exit(0)
    os.waitpid(pid, 0)
page[:5] = b"HELLO"
tell(page=page[:5].decode())
`

// process is a Python that runs the zygote above.
type process struct {
	t     *testing.T
	in    io.Writer
	out   *bufio.Reader
	far   int
	moved snapshot.Plan
}

func (p *process) next() (said struct {
	PID    int
	Page   any
	Intact bool
	Wiped  bool
	Left   []int
},
) {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	if err == nil {
		err = json.Unmarshal([]byte(line), &said)
	}
	if err != nil {
		p.t.Fatal(line, err)
	}
	return said
}

func (p *process) goOn() { _, _ = p.in.Write([]byte("\n")) }

// exchange sends SNAPSHOT and waits for the answer.
func (p *process) exchange(head protocol.Snapshot, fds ...int) {
	p.t.Helper()
	packet, err := protocol.EncodeMessage(protocol.TypeSnapshot, head, protocol.MaxControlBytes)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := unix.Sendmsg(p.far, packet, unix.UnixRights(fds...), nil, 0); err != nil {
		p.t.Fatal(err)
	}
	answer := make([]byte, 100)
	n, _, err := unix.Recvfrom(p.far, answer, 0)
	if err != nil || n <= protocol.HeaderBytes || protocol.Type(answer[4]) != protocol.TypeSnapshot {
		p.t.Fatalf("%q %v", answer[:max(n, 0)], err)
	}
}

// start starts a zygote that is about to move.
func start(t *testing.T) (*process, int, uint64) {
	t.Helper()
	if why := snapshot.WhyNot(); why != "" {
		t.Fatalf("the tests need a kernel with snapshots: %s", why)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	near := os.NewFile(uintptr(pair[1]), "control")
	cmd := exec.Command("python3", "-c", zygote) // #nosec G204
	cmd.Env = append(os.Environ(), "PYTHONPATH=../..", "PYTHONDONTWRITEBYTECODE=1")
	cmd.ExtraFiles = []*os.File{near}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = near.Close()
	t.Cleanup(func() {
		_ = in.Close() // which ends its children, too
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s", &stderr)
		}
		_ = unix.Close(pair[0])
	})
	p := &process{t: t, in: in, out: bufio.NewReader(out), far: pair[0]}
	said := p.next()
	p.goOn()
	p.exchange(protocol.Snapshot{})
	return p, said.PID, uint64(said.Page.(float64))
}

// move moves it. Its children get the page, as if trial cells had written that.
func (p *process) move(pid int, hot uint64) {
	p.t.Helper()
	var err error
	if p.moved, err = snapshot.Read(pid); err != nil {
		p.t.Fatal(err)
	}
	file, err := snapshot.New(p.moved, []uint64{hot})
	if err != nil {
		p.t.Fatal(err)
	}
	defer file.Close()
	if file.HotPages() != 1 {
		p.t.Errorf("%d hot pages instead of one", file.HotPages())
	}
	p.exchange(file.Head(), file.Fd())
	if err := file.Seal(); err != nil {
		p.t.Error(err)
	}
	for name, err := range map[string]error{
		"write": func() error { _, err := unix.Pwrite(file.Fd(), []byte("x"), 0); return err }(),
		"grow":  unix.Ftruncate(file.Fd(), file.Bytes()+1), "shrink": unix.Ftruncate(file.Fd(), 0),
		"punch": unix.Fallocate(file.Fd(), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, 0, 4096),
		"map": func() error {
			_, err := unix.Mmap(file.Fd(), 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
			return err
		}(),
		"seal": func() error {
			_, err := unix.FcntlInt(uintptr(file.Fd()), unix.F_ADD_SEALS, unix.F_SEAL_EXEC)
			return err
		}(),
	} {
		if err == nil {
			p.t.Errorf("%s: possible after it is sealed", name)
		}
	}
	var stat unix.Stat_t
	if err := unix.Fstat(file.Fd(), &stat); err != nil || stat.Mode&0o777 != 0o400 {
		p.t.Errorf("mode %o %v", stat.Mode, err)
	}
}

func TestAProcessMovesAndNothingIsLost(t *testing.T) {
	p, pid, page := start(t)
	p.move(pid, page)
	if said := p.next(); !said.Intact || len(said.Left) != 0 {
		t.Errorf("after it has moved: %+v", said)
	}
	smaps := readSmaps(t, pid)
	if got := strings.Count(smaps, "/memfd:hotcell-snapshot"); got < 10 || got > len(p.moved.Regions)+1 {
		t.Errorf("%d mappings of the file for %d regions", got, len(p.moved.Regions))
	}
	p.goOn()
	for range 2 {
		said := p.next()
		if !said.Intact || !said.Wiped {
			t.Errorf("a child: %+v", said)
		}
		if own, err := snapshot.Written(said.PID, p.moved); err != nil || !slices.Contains(own, page) {
			t.Errorf("the hot page is not the child's own: %v", err)
		}
		p.goOn()
		if said := p.next(); said.Page != "child" {
			t.Errorf("what it wrote: %+v", said)
		}
		p.goOn()
	}
	if said := p.next(); said.Page != "HELLO" {
		t.Errorf("after its children: %+v", said)
	}
}

// Memory that is wiped in children is the reason for the list of flags: with more flags on
// it, children would see what they must not.
func TestMovedMemoryIsNotWipedInChildren(t *testing.T) {
	snapshot.AlsoMoves = []string{"wf"}
	defer func() { snapshot.AlsoMoves = nil }()
	p, pid, page := start(t)
	p.move(pid, page)
	p.next()
	p.goOn()
	if said := p.next(); said.Wiped {
		t.Error("memory that is wiped on fork is wiped also when it has moved: then the list of flags can be shorter")
	}
}

func readSmaps(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
