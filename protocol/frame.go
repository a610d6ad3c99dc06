package protocol

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A Type says what a frame's payload is. Values are only added, never reused.
type Type uint8

// The frame types. "control" is the jail's stdin and stdout; "cell" is the channel
// of one cell.
const (
	TypeStart   Type = 1  // control, to the jail: what to load, see [Start]
	TypeHello   Type = 2  // control, from the jail: loaded and waiting, see [Hello]
	TypeSpawn   Type = 3  // control, to the jail, with its channel: see [Spawn]
	TypeSpawned Type = 4  // control, from the jail, with a pidfd: see [Spawned]
	TypeExited  Type = 5  // control, from the jail: see [Exited]
	TypeGo      Type = 6  // cell, to it, with the files of its cgroup: enter it and continue; empty
	TypeReady   Type = 7  // cell, from it, with its disk and the read ends of its output: see [Ready]
	TypeRun     Type = 8  // cell, to it: see [Run]
	TypeResult  Type = 9  // cell, from it: see [Result]
	TypeFailed  Type = 10 // either, from the jail: a step failed, see [Failed]
	TypeFile    Type = 11 // cell, both ways: see [File]
	TypeTTY     Type = 12 // cell, to it, after a RUN with TTY set, with the slave end of a terminal; empty
	TypeOutput  Type = 13 // cell, from it: see [Output]
	// TypeInterrupt goes to a cell before each SIGINT that interrupts a call; empty.
	TypeInterrupt Type = 14
	TypeTransfer  Type = 15 // cell, to it, between the calls of a session: see [Transfer]
	TypePiece     Type = 16 // cell, both ways: octets of a file
	TypeDone      Type = 17 // cell, from it: answers TRANSFER and PIECE, see [Done]
	TypeSnapshot  Type = 18 // control, both ways: the zygote moves into a file, see [Snapshot]
)

var typeNames = [...]string{
	TypeStart: "START", TypeHello: "HELLO", TypeSpawn: "SPAWN", TypeSpawned: "SPAWNED", TypeExited: "EXITED",
	TypeGo: "GO", TypeReady: "READY", TypeRun: "RUN", TypeResult: "RESULT", TypeFailed: "FAILED",
	TypeFile: "FILE", TypeTTY: "TTY", TypeOutput: "OUTPUT",
	TypeInterrupt: "INTERRUPT", TypeTransfer: "TRANSFER", TypePiece: "PIECE", TypeDone: "DONE", TypeSnapshot: "SNAPSHOT",
}

// String returns the name used in PROTOCOL.md.
func (t Type) String() string {
	if int(t) < len(typeNames) && typeNames[t] != "" {
		return typeNames[t]
	}
	return fmt.Sprintf("TYPE(%d)", uint8(t))
}

const (
	// HeaderBytes is the length of a frame's header.
	HeaderBytes = 5
	// MaxControlBytes is the maximum payload on the control channel, in both
	// directions.
	MaxControlBytes = 128 << 10
	// MaxRunBytes is the maximum payload of a RUN.
	MaxRunBytes = 64 << 20
	// MaxHeadBytes is the maximum header of a RESULT: a status and a traceback.
	MaxHeadBytes = 512 << 10
	// MaxPathBytes is the maximum path of a FILE, PATH_MAX of path_resolution(7).
	// MaxFileHeadBytes is the maximum header of a FILE: JSON may encode one byte as
	// six.
	MaxPathBytes     = 4096
	MaxFileHeadBytes = 6*MaxPathBytes + 64
	// MaxResultDepth is how deeply arrays and objects may be nested in a result,
	// counting the outermost as one. Arguments have the same limit, so that a
	// script can return them. Common JSON readers stop at 512 (PHP) or 1,000
	// (Java's Jackson; Python, less the frames of its caller).
	MaxResultDepth = 500
)

// ErrTooLarge is wrapped if a frame is longer than its maximum.
var ErrTooLarge = errors.New("frame too large")

// ErrUnknownType is wrapped if this version does not know a frame's type.
var ErrUnknownType = errors.New("unknown frame type")

// AppendFrame appends a frame to dst. It fails if the payload is longer than
// maxBytes.
func AppendFrame(dst []byte, t Type, payload []byte, maxBytes int) ([]byte, error) {
	dst, err := AppendHeader(dst, t, len(payload), maxBytes)
	if err != nil {
		return dst, err
	}
	return append(dst, payload...), nil
}

// AppendHeader appends the header of a frame with a payload of size bytes to dst.
// It fails if size is more than maxBytes.
func AppendHeader(dst []byte, t Type, size, maxBytes int) ([]byte, error) {
	if size > maxBytes {
		return dst, fmt.Errorf("%s of %d bytes, at most %d: %w", t, size, maxBytes, ErrTooLarge)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(size)) // #nosec G115 -- no cap is near 4 GiB
	return append(dst, byte(t)), nil
}

// ParseHeader parses a header of [HeaderBytes] bytes and checks the announced length
// against maxBytes, so that the caller can allocate it.
func ParseHeader(header []byte, maxBytes int) (Type, int, error) {
	n, t := binary.BigEndian.Uint32(header), Type(header[4])
	if int(t) >= len(typeNames) || typeNames[t] == "" {
		return t, 0, fmt.Errorf("type %d: %w", uint8(t), ErrUnknownType)
	}
	if int64(n) > int64(maxBytes) {
		return t, 0, fmt.Errorf("%s announces %d bytes, at most %d: %w", t, n, maxBytes, ErrTooLarge)
	}
	return t, int(n), nil
}

// ReadFrame reads one frame with a payload of at most maxBytes. It returns io.EOF
// at the end of the stream and io.ErrUnexpectedEOF at an end within a frame.
func ReadFrame(r io.Reader, maxBytes int) (Type, []byte, error) {
	var header [HeaderBytes]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return 0, nil, err
	}
	t, n, err := ParseHeader(header[:], maxBytes)
	if err != nil {
		return t, nil, err
	}
	payload := make([]byte, n)
	if _, err := io.ReadFull(r, payload); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return t, nil, err
	}
	return t, payload, nil
}

// DecodePacket parses a packet of the control channel, which contains exactly one
// frame.
func DecodePacket(packet []byte) (Type, []byte, error) {
	if len(packet) < HeaderBytes {
		return 0, nil, fmt.Errorf("packet of %d bytes: %w", len(packet), io.ErrUnexpectedEOF)
	}
	t, n, err := ParseHeader(packet, MaxControlBytes)
	if err != nil {
		return t, nil, err
	}
	if n != len(packet)-HeaderBytes {
		return t, nil, fmt.Errorf("%s announces %d bytes in a packet with %d: %w", t, n, len(packet)-HeaderBytes, io.ErrUnexpectedEOF)
	}
	return t, packet[HeaderBytes:], nil
}
