package wire_test

import (
	"errors"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/wire"
	"github.com/hotcell/hotcell/protocol"
)

// both runs a test with each kind of pair, and the function that reads from it.
func both(t *testing.T, test func(t *testing.T, send func([]byte, ...int), read func() (protocol.Type, []byte, []int, error), hangUp func())) {
	for name, kind := range map[string]int{"packets": unix.SOCK_SEQPACKET, "stream": unix.SOCK_STREAM} {
		t.Run(name, func(t *testing.T) {
			near, far, err := wire.Pair(kind)
			if err != nil {
				t.Fatal(err)
			}
			defer near.Close()
			open := true
			hangUp := func() {
				if open {
					_ = unix.Close(far)
				}
				open = false
			}
			defer hangUp()
			send := func(data []byte, fds ...int) {
				if err := unix.Sendmsg(far, data, unix.UnixRights(fds...), nil, 0); err != nil {
					t.Fatal(err)
				}
			}
			packets := wire.NewPackets(near)
			read := func() (protocol.Type, []byte, []int, error) {
				if kind == unix.SOCK_SEQPACKET {
					return packets.Read()
				}
				return wire.ReadFrame(near)
			}
			test(t, send, read, hangUp)
		})
	}
}

func frame(t *testing.T, kind protocol.Type, payload []byte) []byte {
	t.Helper()
	data, err := protocol.AppendFrame(nil, kind, payload, protocol.MaxControlBytes)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}

func TestAFrameComesWithItsDescriptors(t *testing.T) {
	both(t, func(t *testing.T, send func([]byte, ...int), read func() (protocol.Type, []byte, []int, error), _ func()) {
		send(frame(t, protocol.TypeReady, []byte("{}")), 0, 1, 2)
		kind, payload, fds, err := read()
		if err != nil || kind != protocol.TypeReady || string(payload) != "{}" || len(fds) != 3 {
			t.Errorf("%v %q %v, %v", kind, payload, fds, err)
		}
		wire.CloseAll(fds)
	})
}

func TestDescriptorsThatComeWithRubbishAreClosed(t *testing.T) {
	both(t, func(t *testing.T, send func([]byte, ...int), read func() (protocol.Type, []byte, []int, error), _ func()) {
		before := descriptors(t)
		send([]byte("\xff\xff\xff\xff\xff\xff\xff\xff"), 0)
		if _, _, fds, err := read(); err == nil || len(fds) != 0 {
			t.Errorf("rubbish was read, with %v", fds)
		}
		if after := descriptors(t); after != before {
			t.Errorf("%d descriptors are open, before it were %d", after, before)
		}
	})
}

func TestThatTheOtherSideHungUpIsTold(t *testing.T) {
	both(t, func(t *testing.T, _ func([]byte, ...int), read func() (protocol.Type, []byte, []int, error), hangUp func()) {
		hangUp()
		if _, _, _, err := read(); !errors.Is(err, wire.ErrHungUp) {
			t.Error(err)
		}
	})
}

func TestAnOfferDoesNotWait(t *testing.T) {
	near, far, err := wire.Pair(unix.SOCK_STREAM)
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	defer unix.Close(far)
	for n := 0; err == nil; n++ {
		if err = wire.Offer(near, []byte{0, 0, 0, 0, 14}); n > 1<<20 {
			t.Fatal("there is no end of room")
		}
	}
	if !errors.Is(err, unix.EAGAIN) {
		t.Error(err)
	}
}

func TestPacketsAreReadWithoutABufferForEach(t *testing.T) {
	near, far, err := wire.Pair(unix.SOCK_SEQPACKET)
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	defer unix.Close(far)
	packets, packet := wire.NewPackets(near), frame(t, protocol.TypeSpawned, []byte(`{"cell":1}`))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const times = 100
	for range times {
		if err := unix.Sendto(far, packet, 0, nil); err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := packets.Read(); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / times; each > 4<<10 {
		t.Errorf("%d bytes are allocated for each packet", each)
	}
}
