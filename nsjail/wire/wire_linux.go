package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/protocol"
)

// ErrHungUp is wrapped when the other side has closed its end.
var ErrHungUp = errors.New("the jail hung up")

// Pair makes a pair of connected Unix sockets: of unix.SOCK_SEQPACKET, where a
// packet is a frame, or of unix.SOCK_STREAM. The caller closes both ends; far is a
// descriptor to give away.
func Pair(kind int) (near *net.UnixConn, far int, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, -1, fmt.Errorf("socketpair: %w", err)
	}
	file := os.NewFile(uintptr(pair[0]), "socket")
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		_ = unix.Close(pair[1])
		return nil, -1, fmt.Errorf("socket: %w", err)
	}
	return conn.(*net.UnixConn), pair[1], nil
}

// Packets reads the packets of a SOCK_SEQPACKET pair, all into one buffer.
type Packets struct {
	conn   *net.UnixConn
	buffer [protocol.HeaderBytes + protocol.MaxControlBytes]byte
	oob    [32]byte // for three descriptors
}

// NewPackets returns a reader of packets. The caller closes conn.
func NewPackets(conn *net.UnixConn) *Packets { return &Packets{conn: conn} }

// Read reads one packet, with its descriptors, which the caller closes. The payload is
// good until the next call.
func (p *Packets) Read() (protocol.Type, []byte, []int, error) {
	n, oobn, flags, _, err := p.conn.ReadMsgUnix(p.buffer[:], p.oob[:unix.CmsgSpace(3*4)])
	if err = hungUp(n, err); err != nil {
		return 0, nil, nil, err
	}
	fds, err := parseRights(p.oob[:oobn])
	if err == nil && flags&unix.MSG_TRUNC != 0 {
		err = errors.New("the packet is over its maximum")
	}
	if flags&unix.MSG_CTRUNC != 0 { // no descriptors were free: the caller sees that some are missing
		CloseAll(fds)
		fds = nil
	}
	var kind protocol.Type
	var payload []byte
	if err == nil {
		kind, payload, err = protocol.DecodePacket(p.buffer[:n])
	}
	if err != nil {
		CloseAll(fds)
		return 0, nil, nil, err
	}
	return kind, payload, fds, nil
}

// hungUp is the error of a read, ErrHungUp where the other side has closed its end.
func hungUp(n int, err error) error {
	if n == 0 && err == nil || errors.Is(err, io.EOF) || errors.Is(err, unix.ECONNRESET) {
		return ErrHungUp
	}
	return err
}

func parseRights(oob []byte) ([]int, error) {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, err
	}
	var fds []int
	for _, message := range messages {
		rights, err := unix.ParseUnixRights(&message)
		if err != nil {
			CloseAll(fds)
			return nil, err
		}
		fds = append(fds, rights...)
	}
	return fds, nil
}

// CloseAll closes descriptors.
func CloseAll(fds []int) {
	for _, fd := range fds {
		_ = unix.Close(fd)
	}
}

// Offer writes a small frame to a SOCK_STREAM pair. It never waits: it fails if the other
// side has left so much unread that there is no room.
func Offer(conn *net.UnixConn, frame []byte) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		_, failed = unix.SendmsgN(int(fd), frame, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	})
	return errors.Join(err, failed)
}

// ReadFrame reads one small frame of a SOCK_STREAM pair, with its descriptors, which the
// caller closes.
func ReadFrame(conn *net.UnixConn) (protocol.Type, []byte, []int, error) {
	var fds []int
	var data []byte
	chunk := make([]byte, 4096)
	oob := make([]byte, unix.CmsgSpace(4*4))
	for {
		n, oobn, flags, _, err := conn.ReadMsgUnix(chunk, oob)
		if err = hungUp(n, err); err == nil { // otherwise n and oobn may be negative
			data = append(data, chunk[:n]...)
			var more []int
			more, err = parseRights(oob[:oobn])
			fds = append(fds, more...)
			if err == nil && flags&unix.MSG_CTRUNC != 0 {
				err = fmt.Errorf("a descriptor that came with the frame was lost: %w", unix.EMFILE)
			}
		}
		var kind protocol.Type
		size := protocol.MaxControlBytes
		if err == nil && len(data) >= protocol.HeaderBytes {
			kind, size, err = protocol.ParseHeader(data[:protocol.HeaderBytes], protocol.MaxControlBytes)
		}
		if err != nil {
			CloseAll(fds)
			return 0, nil, nil, err
		}
		if len(data) >= protocol.HeaderBytes+size {
			return kind, data[protocol.HeaderBytes : protocol.HeaderBytes+size], fds, nil
		}
	}
}

// Failure returns what a FAILED says.
func Failure(payload []byte) error {
	var failed protocol.Failed
	if err := protocol.DecodeMessage(protocol.TypeFailed, payload, &failed); err != nil {
		return err
	}
	return fmt.Errorf("%s: %s", failed.Step, failed.Error)
}

// DescribeExit says how a process ended.
func DescribeExit(exited protocol.Exited) string {
	if exited.Signal != 0 {
		return unix.SignalName(unix.Signal(exited.Signal))
	}
	return fmt.Sprintf("status %d", exited.Code)
}
