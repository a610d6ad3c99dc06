// Package transfers moves files between clients and the cells of sessions, in pieces:
// whatever their size, the service holds one piece of each.
//
//   - transfers.go: a listing, and files in both directions.
package transfers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/hotcell/hotcell/nsjail/transfer"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

// Bytes is the memory that one transfer takes.
const Bytes = 2 * protocol.MaxPieceBytes

// ListBytes is the memory that a listing takes.
const ListBytes = 4 * protocol.MaxDoneBytes

// Listing is the answer to a request for a list of files.
type Listing struct {
	Files []protocol.ListedFile `json:"files"`
	More  bool                  `json:"more"` // whether there are more
}

// List returns the files of a session that match the pattern in the query, or all. It
// ends with ctx, as everything here does.
func List(ctx context.Context, turn *sessions.Turn, query url.Values) (list Listing, err error) {
	if given := len(query["pattern"]); given > 1 || len(query) != given {
		return list, api.Refuse(api.CodeInvalidRequest, "the query may only have one parameter, \"pattern\"")
	}
	pattern := "**"
	if query.Has("pattern") {
		pattern = query.Get("pattern")
	}
	if err := api.CheckPattern(pattern); err != nil {
		return Listing{}, api.Refuse(api.CodeInvalidRequest, "pattern: %v", err)
	}
	err = turn.Files(ctx, func(_ context.Context, files *transfer.Files) (err error) {
		list.Files, list.More, err = files.List(pattern)
		return err
	})
	if list.Files == nil {
		list.Files = []protocol.ListedFile{}
	}
	return list, explain(turn.Session, "", err)
}

// Send sends a file of a session, and returns how many bytes the client has taken. The
// error is [api.ErrClientGone] if the answer had begun and is not complete.
func Send(ctx context.Context, w http.ResponseWriter, r *http.Request, turn *sessions.Turn, path string) (sent int64, err error) {
	if err := check(path); err != nil {
		return 0, err
	}
	begun := false
	var last []byte // the client has it only when the session is free for its next call
	err = turn.Files(ctx, func(life context.Context, files *transfer.Files) error {
		size, next, err := files.Read(path)
		if err != nil {
			return err
		}
		if most := turn.Session.Limits.DiskBytes; size > most { // most of it is a hole
			return errors.Join(files.Stop(), api.Refuse(api.CodeFileError, "%q has %d bytes, more than the disk, which has %d", api.Shorten(path), size, most))
		}
		begun = true
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		w.WriteHeader(http.StatusOK)
		if r.Method == http.MethodHead {
			return files.Stop()
		}
		conn := http.NewResponseController(w)
		defer context.AfterFunc(life, func() { _ = conn.SetWriteDeadline(time.Now()) })()
		for {
			piece, err := next()
			if err != nil {
				return err
			}
			if len(piece) == 0 {
				break
			}
			if sent+int64(len(piece)) == size {
				last = bytes.Clone(piece)
				continue
			}
			n, err := w.Write(piece)
			if sent += int64(n); err != nil || life.Err() != nil {
				return errors.Join(api.ErrClientGone, files.Stop())
			}
		}
		if sent+int64(len(last)) < size {
			return errors.New("the file has shrunk")
		}
		return nil
	})
	if err != nil && begun {
		return sent, api.ErrClientGone
	}
	if err != nil || len(last) == 0 {
		return sent, explain(turn.Session, path, err)
	}
	turn.Leave()
	conn := http.NewResponseController(w)
	defer context.AfterFunc(ctx, func() { _ = conn.SetWriteDeadline(time.Now()) })()
	n, err := w.Write(last)
	if sent += int64(n); err != nil || ctx.Err() != nil {
		return sent, api.ErrClientGone
	}
	return sent, nil
}

// Receive writes the body of a request into a file of a session, and returns its size.
// The error wraps the cause of ctx if that ended it.
func Receive(ctx context.Context, w http.ResponseWriter, r *http.Request, turn *sessions.Turn, path string) (size int64, err error) {
	if err := check(path); err != nil {
		return 0, err
	}
	if r.Header.Get("Content-Encoding") != "" {
		return 0, api.Refuse(api.CodeUnsupportedMediaType, "the body must not be compressed")
	}
	if r.ContentLength > turn.Session.Limits.DiskBytes {
		return 0, diskFull(turn.Session)
	}
	body := &body{from: r.Body}
	err = turn.Files(ctx, func(life context.Context, files *transfer.Files) (err error) {
		conn := http.NewResponseController(w)
		defer context.AfterFunc(life, func() { _ = conn.SetReadDeadline(time.Now()) })()
		size, err = files.Write(path, body)
		if body.failed != nil && life.Err() != nil {
			return context.Cause(life)
		}
		return err
	})
	if body.failed != nil && err != nil && !errors.Is(err, sessions.ErrOver) {
		if ctx.Err() != nil { // perhaps only since the body failed: a client that leaves does both
			return 0, context.Cause(ctx)
		}
		return 0, api.Incomplete(body.failed)
	}
	return size, explain(turn.Session, path, err)
}

// body remembers why reading it has failed.
type body struct {
	from   io.Reader
	failed error
}

// Read implements [io.Reader].
func (b *body) Read(into []byte) (int, error) {
	n, err := b.from.Read(into)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	return n, err
}

// Remove removes a file of a session.
func Remove(ctx context.Context, turn *sessions.Turn, path string) error {
	if err := check(path); err != nil {
		return err
	}
	err := turn.Files(ctx, func(_ context.Context, files *transfer.Files) error { return files.Remove(path) })
	return explain(turn.Session, path, err)
}

// Fill writes files, if there are any, into a session that was made to be filled.
func Fill(session *sessions.Session, given []protocol.File) error {
	if len(given) == 0 {
		return nil
	}
	path := ""
	err := session.Fill(len(given), func(i int, files *transfer.Files) error {
		path = given[i].Path
		_, err := files.Write(path, bytes.NewReader(given[i].Content))
		return err
	})
	return explain(session, path, err)
}

func check(path string) error {
	if err := api.CheckPath(path); err != nil {
		return api.Refuse(api.CodeInvalidRequest, "the path %q is not allowed: %v", api.Shorten(path), err)
	}
	return nil
}

func diskFull(session *sessions.Session) *api.Problem {
	return api.Refuse(api.CodeDiskFull, "the session's disk is full: limits.disk_bytes is %d", session.Limits.DiskBytes)
}

// explain turns an error of a cell into a problem. An error of the session stays as it
// is.
func explain(session *sessions.Session, path string, err error) error {
	var failed *transfer.Error
	if !errors.As(err, &failed) {
		return err
	}
	switch failed.Kind {
	case protocol.TransferNotFound:
		return api.Refuse(api.CodeNotFound, "the session has no file %q", api.Shorten(path))
	case protocol.TransferDiskFull:
		return diskFull(session)
	default:
		return api.Refuse(api.CodeFileError, "%q: %q", api.Shorten(path), failed.Message)
	}
}
