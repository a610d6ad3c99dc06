package api

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"path"
	"strings"

	"github.com/hotcell/hotcell/internal/jsonscan"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

const (
	maxFiles       = 100 // of a request
	maxPatterns    = 100
	maxPatternSize = 1000
	maxNameBytes   = 255 // NAME_MAX of Linux
	diskPage       = 4096
)

// The encodings of a file's content.
const (
	encodingText   = "utf-8"
	encodingBase64 = "base64"
)

// files reads the files of a request.
func (f *form) files() []protocol.File {
	var files []protocol.File
	taken := make(map[string]bool) // paths; true for those of files, false for directories
	f.array(maxFiles, func() {
		at := f.at()
		file := f.file()
		if file.Path == "" { // already refused
			return
		}
		if what, ok := taken[file.Path]; ok && what {
			f.refuseAt(CodeInvalidRequest, at+"/path", "%q is given twice", Shorten(file.Path))
		} else if ok {
			f.refuseAt(CodeInvalidRequest, at+"/path", "%q is a directory in the path of another file", Shorten(file.Path))
		}
		taken[file.Path] = true
		for dir := path.Dir(file.Path); dir != "." && dir != "/"; dir = path.Dir(dir) {
			if taken[dir] {
				f.refuseAt(CodeInvalidRequest, at+"/path", "%q uses another file as a directory", Shorten(file.Path))
				break
			}
			taken[dir] = false
		}
		files = append(files, file)
	})
	return files
}

func (f *form) file() protocol.File {
	var file fileForm
	at, isObject := f.at(), f.Kind() == jsonscan.Object
	readFields(f, fileFields, &file)
	if isObject && !file.named {
		f.refuseAt(CodeInvalidRequest, at+"/path", "is missing")
	}
	if isObject && !file.filled {
		f.refuseAt(CodeInvalidRequest, at+"/content", "is missing")
	}
	if file.encoding == encodingBase64 {
		decoded := make([]byte, base64.StdEncoding.DecodedLen(len(file.Content)))
		n, err := base64.StdEncoding.Decode(decoded, file.Content)
		if err != nil {
			f.refuseAt(CodeInvalidRequest, at+"/content", "is not valid base64: %v", err)
		}
		file.Content = decoded[:n]
	}
	return file.File
}

// fileForm holds the fields of a file until all are read.
type fileForm struct {
	protocol.File
	named, filled bool
	encoding      string
}

var fileFields = []field[fileForm]{
	{"path", func(f *form, file *fileForm) { file.named, file.Path = true, f.path() }},
	{"content", func(f *form, file *fileForm) { file.filled = true; file.Content, _ = f.content() }},
	{"encoding", func(f *form, file *fileForm) { file.encoding = f.encoding() }},
}

func (f *form) encoding() string {
	encoding, ok := f.text()
	if ok && encoding != encodingText && encoding != encodingBase64 {
		f.refuse(CodeInvalidRequest, "is %q; must be %q or %q", Shorten(encoding), encodingText, encodingBase64)
	}
	return encoding
}

// path returns the path of a file, or "" if it is invalid and was refused.
func (f *form) path() string {
	path, ok := f.text()
	if !ok {
		return ""
	}
	if err := protocol.CheckPath(path); err != nil {
		f.refuse(CodeInvalidRequest, "%q is not allowed: %v", Shorten(path), err)
		return path[:min(len(path), protocol.MaxPathBytes)]
	}
	if err := checkParts(path); err != nil {
		f.refuse(CodeInvalidRequest, "%v", err)
	}
	return path
}

func checkParts(path string) error {
	for part := range strings.SplitSeq(path, "/") {
		if len(part) > maxNameBytes {
			return fmt.Errorf("has a part of %d bytes; the maximum is %d", len(part), maxNameBytes)
		}
	}
	return nil
}

// CheckPath returns an error unless path may name a file below a working directory.
func CheckPath(path string) error { return cmp.Or(protocol.CheckPath(path), checkParts(path)) }

// CheckPattern returns an error unless pattern may select files to collect.
func CheckPattern(pattern string) error {
	above := func(part string) bool { return part == ".." }
	switch {
	case pattern == "", len(pattern) > maxPatternSize:
		return fmt.Errorf("has %d bytes; must have 1 to %d", len(pattern), maxPatternSize)
	case pattern[0] == '/', strings.ContainsRune(pattern, 0), containsFunc(strings.SplitSeq(pattern, "/"), above):
		return fmt.Errorf("%q is not allowed: a pattern must match paths below the working directory and must not contain .. or NUL", Shorten(pattern))
	}
	return nil
}

// patterns reads the patterns of the files to collect.
func (f *form) patterns() []string {
	var patterns []string
	f.array(maxPatterns, func() {
		pattern, ok := f.text()
		if !ok {
			return
		}
		if err := CheckPattern(pattern); err != nil {
			f.refuse(CodeInvalidRequest, "%v", err)
			return
		}
		patterns = append(patterns, pattern)
	})
	return patterns
}

func containsFunc(parts func(func(string) bool), is func(string) bool) bool {
	for part := range parts {
		if is(part) {
			return true
		}
	}
	return false
}

// fit refuses files that do not fit on the disk of the job.
func (f *form) fit(job *nsjail.Job) {
	var needed int64
	for _, file := range job.Files {
		needed += (int64(len(file.Content)) + diskPage - 1) / diskPage * diskPage
	}
	if needed > job.Limits.DiskBytes {
		f.refuseAt(CodeInvalidRequest, f.root+"/files", "need %d bytes of disk; limits.disk_bytes is %d", needed, job.Limits.DiskBytes)
	}
}
