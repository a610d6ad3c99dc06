package e2b

import (
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// homes are the names of the working directory in a sandbox.
var homes = []string{home + "/", "/box/work/", "/mnt/data/"}

// inside returns a path below the working directory. Files elsewhere are only for code
// in the sandbox.
func inside(wanted string) (string, error) {
	clean := path.Clean(wanted)
	if !path.IsAbs(clean) {
		clean = path.Join(home, clean)
	}
	for _, dir := range homes {
		if below, found := strings.CutPrefix(clean, dir); found && below != "" {
			return below, nil
		}
	}
	return "", compat.Refuse(client.CodeInvalidRequest, "path %q: only files below %s can be read and written", shorten(wanted), home)
}

// files calls use with the session of the sandbox that a request is sent to, when no code
// runs in it.
func (s *server) files(r *http.Request, c *compat.Caller, use func(session *client.Session) error) error {
	box, err := s.here(r, c)
	if err != nil {
		return err
	}
	x, err := box.context("")
	if err != nil {
		return err
	}
	session, err := c.Client().Session(x.id)
	if err != nil {
		return err
	}
	done, err := x.take(r.Context())
	if err != nil {
		return err
	}
	defer done()
	return use(session)
}

func (s *server) readFile(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	name, err := inside(r.URL.Query().Get("path"))
	if err != nil {
		return err
	}
	return s.files(r, c, func(session *client.Session) error {
		content, err := session.ReadFile(r.Context(), name)
		if err != nil {
			return err
		}
		defer content.Close()
		w.Header().Set("Content-Type", "application/octet-stream")
		w.WriteHeader(http.StatusOK)
		_, err = io.Copy(w, content)
		return err
	})
}

// writeFiles writes the body as one file, or the files of a form.
func (s *server) writeFiles(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	wanted := r.URL.Query().Get("path")
	written := []map[string]string{}
	err := s.files(r, c, func(session *client.Session) error {
		put := func(to string, content io.Reader) error {
			name, err := inside(to)
			if err == nil {
				err = session.WriteFile(r.Context(), name, content)
			}
			if err == nil {
				written = append(written, map[string]string{"name": path.Base(name), "type": "file", "path": path.Join(home, name)})
			}
			return err
		}
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			unpacked, err := gzip.NewReader(r.Body)
			if err != nil {
				return compat.Refuse(client.CodeInvalidRequest, "the body: %v", err)
			}
			body = unpacked
		}
		if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "multipart/form-data" {
			return put(wanted, body)
		}
		parts, err := compat.NewForm(r)
		if err != nil {
			return compat.Refuse(client.CodeInvalidRequest, "the body: %v", err)
		}
		for len(written) < maxFiles {
			part, err := parts.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return compat.Refuse(client.CodeInvalidRequest, "the body: %v", err)
			}
			_, fields, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
			to := fields["filename"] // part.FileName has only its last element
			if wanted != "" {
				to = wanted
			}
			if err := put(to, part); err != nil {
				return err
			}
		}
		return compat.Refuse(client.CodeInvalidRequest, "more than %d files at once", maxFiles)
	})
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, written)
}

// maxFiles is how many files one form may bring.
const maxFiles = 1000
