// Package transfer lists, reads, writes and removes the files of a session's cell,
// between its calls, by TRANSFER, PIECE and DONE. The cell itself opens the files, as
// its own user. Neither side holds more than one piece.
//
//   - files.go: what can be asked of a cell, and its answers, which are hostile.
package transfer

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/hotcell/hotcell/protocol"
)

// Files are the files of one cell, for as long as nothing else uses its channel. A
// method's error is an *[Error], that of the reader that it was given, or [Files.Lost].
type Files struct {
	channel net.Conn
	alive   func() bool
	lost    error // nil: the cell has done nothing wrong
	answer  time.Duration
}

// Error says why a file cannot be read, written or removed. Message is the cell's.
type Error struct {
	Kind    protocol.TransferError
	Message string
}

// Error implements error.
func (e *Error) Error() string { return string(e.Kind) + ": " + e.Message }

const maxDepth = 64 // directories below the working directory that are listed

// answer is how long a cell may take for one answer: to list its files, or for one piece
// of a file.
const answer = 10 * time.Second

// Why a cell is lost, beside what it sent.
var (
	ErrHungUp = errors.New("the cell hung up")
	errSilent = errors.New("the cell did not answer in time")
)

// New returns the files of the cell at the other end of the channel.
func New(channel net.Conn, alive func() bool) *Files {
	return &Files{channel: channel, alive: alive, answer: answer}
}

// Lost returns what the cell did wrong, so that it must be ended, or nil.
func (f *Files) Lost() error { return f.lost }

// List returns the files that match a pattern, such as "out/**", and reports whether
// there are more.
func (f *Files) List(pattern string) (files []protocol.ListedFile, more bool, err error) {
	done, err := f.ask(protocol.Transfer{
		Do: protocol.DoList, Pattern: pattern, MaxFiles: protocol.MaxListed, MaxBytes: protocol.MaxListingBytes, MaxDepth: maxDepth,
	})
	return done.Files, done.More, err
}

// Read begins to read a regular file and returns its size. Then next returns its
// content, at most [protocol.MaxPieceBytes] at a time, and nothing at its end. A file
// that has shrunk ends before its size; what a file grows by is not read.
func (f *Files) Read(path string) (size int64, next func() ([]byte, error), err error) {
	done, err := f.ask(protocol.Transfer{Do: protocol.DoGet, Path: path})
	if err != nil {
		return 0, nil, err
	}
	left := done.Bytes
	return done.Bytes, func() ([]byte, error) {
		most := int(min(left, protocol.MaxPieceBytes))
		if most == 0 {
			return nil, f.close(protocol.DoEnd)
		}
		kind, payload, err := f.exchange(protocol.Transfer{Do: protocol.DoMore, Bytes: most})
		switch {
		case err != nil:
			return nil, err
		case kind == protocol.TypeDone:
			_, err := f.done(payload)
			if err == nil {
				err = f.fail(errors.New("DONE without an error instead of PIECE"))
			}
			return nil, err
		case len(payload) > most:
			return nil, f.fail(fmt.Errorf("PIECE of %d bytes, at most %d were asked for", len(payload), most))
		}
		if left -= int64(len(payload)); len(payload) == 0 {
			left = 0
			return nil, f.close(protocol.DoEnd)
		}
		return payload, nil
	}, nil
}

// Write writes a file with the content of from, and directories where they are
// missing. The file gets its name when it is whole.
func (f *Files) Write(path string, from io.Reader) (size int64, err error) {
	if _, err := f.ask(protocol.Transfer{Do: protocol.DoPut, Path: path}); err != nil {
		return 0, err
	}
	buffer := make([]byte, protocol.HeaderBytes+protocol.MaxPieceBytes)
	for {
		n, end := fill(buffer[protocol.HeaderBytes:], from)
		if end != nil && !errors.Is(end, io.EOF) {
			return size, errors.Join(end, f.close(protocol.DoDrop))
		}
		if n > 0 {
			if _, err := protocol.AppendHeader(buffer[:0], protocol.TypePiece, n, protocol.MaxPieceBytes); err != nil {
				return size, err
			}
			kind, payload, err := f.send(buffer[:protocol.HeaderBytes+n], protocol.MaxPieceBytes)
			if err == nil {
				_, err = f.expectDone(kind, payload)
			}
			if err != nil {
				return size, errors.Join(err, f.close(protocol.DoDrop))
			}
			size += int64(n)
		}
		if end != nil {
			return size, f.close(protocol.DoEnd)
		}
	}
}

// fill reads until the buffer is full or the reader ends. Unlike [io.ReadFull] it returns
// the reader's own error, since a body that is cut ends with io.ErrUnexpectedEOF.
func fill(buffer []byte, from io.Reader) (n int, err error) {
	for n < len(buffer) && err == nil {
		var more int
		more, err = from.Read(buffer[n:])
		n += more
	}
	return n, err
}

// Remove removes a regular file.
func (f *Files) Remove(path string) error {
	_, err := f.ask(protocol.Transfer{Do: protocol.DoDelete, Path: path})
	return err
}

// Stop ends the reading of a file early.
func (f *Files) Stop() error { return f.close(protocol.DoDrop) }

func (f *Files) close(how string) error {
	if f.lost != nil { // said already
		return nil
	}
	_, err := f.ask(protocol.Transfer{Do: how})
	return err
}

// ask sends a TRANSFER that is answered by DONE.
func (f *Files) ask(what protocol.Transfer) (protocol.Done, error) {
	kind, payload, err := f.exchange(what)
	if err != nil {
		return protocol.Done{}, err
	}
	return f.expectDone(kind, payload)
}

func (f *Files) expectDone(kind protocol.Type, payload []byte) (protocol.Done, error) {
	if kind != protocol.TypeDone {
		return protocol.Done{}, f.fail(fmt.Errorf("%s of %d bytes instead of DONE", kind, len(payload)))
	}
	return f.done(payload)
}

func (f *Files) done(payload []byte) (protocol.Done, error) {
	done, err := protocol.DecodeDone(payload)
	if err != nil {
		return done, f.fail(err)
	}
	if done.Error != "" {
		return done, &Error{done.Error, fmt.Sprintf("%.200s", done.Message)}
	}
	return done, nil
}

func (f *Files) exchange(what protocol.Transfer) (protocol.Type, []byte, error) {
	frame, err := protocol.EncodeMessage(protocol.TypeTransfer, what, protocol.MaxControlBytes)
	if err != nil {
		return 0, nil, err
	}
	if what.Do == protocol.DoList {
		return f.send(frame, protocol.MaxDoneBytes)
	}
	return f.send(frame, protocol.MaxPieceBytes)
}

// send sends a frame and returns the one that answers it: a DONE or a PIECE, of at most
// most bytes.
func (f *Files) send(frame []byte, most int) (protocol.Type, []byte, error) {
	if f.lost == nil && !f.alive() {
		f.lost = ErrHungUp
	}
	if f.lost != nil {
		return 0, nil, f.lost
	}
	_ = f.channel.SetDeadline(time.Now().Add(f.answer))
	defer f.channel.SetDeadline(time.Time{}) // a cell that has died meanwhile is asked nothing more
	_, err := f.channel.Write(frame)
	var kind protocol.Type
	var payload []byte
	if err == nil {
		kind, payload, err = protocol.ReadFrame(f.channel, most)
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && f.alive():
		err = errSilent
	case errors.Is(err, protocol.ErrTooLarge), errors.Is(err, protocol.ErrUnknownType):
	case err != nil:
		err = ErrHungUp
	case kind == protocol.TypePiece && len(payload) <= protocol.MaxPieceBytes, kind == protocol.TypeDone:
		return kind, payload, nil
	default:
		err = fmt.Errorf("%s of %d bytes instead of DONE", kind, len(payload))
	}
	return 0, nil, f.fail(err)
}

// fail records that the cell must be ended, and why.
func (f *Files) fail(err error) error {
	if f.lost == nil {
		f.lost = err
	}
	return f.lost
}
