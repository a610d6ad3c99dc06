package azure

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

const (
	folder   = "/mnt/data/" // what clients call the working directory
	mostSent = 100          // files in one request
)

// file is a file as clients see it.
type file struct {
	Properties struct {
		Name string `json:"filename"`
		Size int64  `json:"size"`
	} `json:"properties"`
}

func newFile(name string, size int64) (f file) {
	f.Properties.Name, f.Properties.Size = name, size
	return f
}

// upload serves POST files/upload. Files are passed on piece by piece.
func upload(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	parts, err := compat.NewForm(asForm(r))
	if err != nil {
		return compat.Refuse(client.CodeUnsupportedMediaType, "the body must be multipart/form-data: %v", err)
	}
	session, err := ready(r, c)
	if err != nil {
		return err
	}
	written := []file{}
	for {
		part, err := parts.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return compat.Refuse(client.CodeInvalidRequest, "read the body: %v", err)
		}
		name, isFile, err := nameOf(part, strings.Contains(r.UserAgent(), "aiohttp/"))
		if err != nil {
			return err
		}
		if !isFile {
			continue
		}
		if len(written) == mostSent {
			return compat.Refuse(client.CodeInvalidRequest, "at most %d files in one request", mostSent)
		}
		content := &counted{from: part}
		if err := session.WriteFile(r.Context(), name, content); err != nil {
			return err
		}
		written = append(written, newFile(name, content.bytes))
	}
	if len(written) == 0 {
		return compat.Refuse(client.CodeInvalidRequest, "the body has no part \"file\" with a filename")
	}
	return compat.WriteJSON(w, http.StatusOK, map[string]any{"value": written})
}

// longestBoundary is how long the first line of a form is at most: RFC 2046.
const longestBoundary = len("--") + 70 + len("\r\n")

// asForm returns a request whose header says that its body is a form, if it is one. Semantic
// Kernel sends the type of its last request, JSON, once it has run code.
func asForm(r *http.Request) *http.Request {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return r
	}
	body := bufio.NewReader(r.Body)
	start, _ := body.Peek(longestBoundary) // less of a body that is shorter
	line, _, _ := strings.Cut(string(start), "\r\n")
	form := r.Clone(r.Context())
	form.Body = struct {
		io.Reader
		io.Closer
	}{body, r.Body}
	if boundary, isForm := strings.CutPrefix(line, "--"); isForm {
		form.Header.Set("Content-Type", mime.FormatMediaType("multipart/form-data", map[string]string{"boundary": boundary}))
	}
	return form
}

// nameOf returns the path of a part's file, below the working directory. LangChain and
// Semantic Kernel send directories, too, which [multipart.Part.FileName] drops. AutoGen's
// library, aiohttp, escapes names as in URLs; the others do not.
func nameOf(part *multipart.Part, escaped bool) (name string, isFile bool, err error) {
	_, said, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return "", false, compat.Refuse(client.CodeInvalidRequest, "the Content-Disposition of a part: %v", err)
	}
	name, isFile = said["filename"]
	if !isFile {
		return "", false, nil
	}
	if plain, err := url.PathUnescape(name); escaped && err == nil {
		name = plain
	}
	name, err = inside(name)
	return name, true, err
}

// inside returns a path below the working directory, or refuses one that leads elsewhere.
func inside(name string) (string, error) {
	path := strings.TrimPrefix(name, folder)
	for step := range strings.SplitSeq(path, "/") {
		if step == "" || step == "." || step == ".." {
			return "", compat.Refuse(client.CodeInvalidRequest, "the file name %.80q is not a path below %s", name, folder)
		}
	}
	return path, nil
}

// counted counts what is read.
type counted struct {
	from  io.Reader
	bytes int64
}

func (c *counted) Read(into []byte) (int, error) {
	n, err := c.from.Read(into)
	c.bytes += int64(n)
	return n, err
}

// list serves GET files. It makes no session: a page of another site may send a GET, too.
func list(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	session, err := sessionOf(r, c)
	if err != nil {
		return err
	}
	found, _, err := session.Files(r.Context(), "")
	if err != nil && !isCode(err, client.CodeGone) && !isCode(err, client.CodeNotFound) { // as yet it has none
		return err
	}
	files := []file{}
	for _, f := range found {
		files = append(files, newFile(f.Path, f.Bytes))
	}
	return compat.WriteJSON(w, http.StatusOK, map[string]any{"value": files})
}

// download serves GET files/content/{name}. Like list, it makes no session.
func download(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	name, err := inside(c.Var("name"))
	if err != nil {
		return err
	}
	session, err := sessionOf(r, c)
	if err != nil {
		return err
	}
	content, err := session.ReadFile(r.Context(), name)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", "attachment")
	_, err = io.Copy(w, content)
	return err // after the first bytes, it breaks the connection
}
