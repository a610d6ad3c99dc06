package supervisor

import (
	"encoding/base64"
	"encoding/json"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

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

// File is one file that was collected. What is no UTF-8 is in base64.
type File struct {
	Path     string `json:"path"`
	Size     int    `json:"size"` // in bytes, of the content itself
	Content  string `json:"content"`
	Encoding string `json:"encoding"`
}

// The encodings of a file's content.
const (
	encodingText   = "utf-8"
	encodingBase64 = "base64"
)

func newFiles(collected []protocol.File) []File {
	files := make([]File, len(collected))
	for i, file := range collected {
		files[i] = File{Path: file.Path, Size: len(file.Content), Content: string(file.Content), Encoding: encodingText}
		if !utf8.Valid(file.Content) {
			files[i].Content, files[i].Encoding = base64.StdEncoding.EncodeToString(file.Content), encodingBase64
		}
	}
	return files
}

// files reads the files that a request brings along.
func (f *form) files(at string, value json.RawMessage) []protocol.File {
	var files []protocol.File
	taken := make(map[string]bool) // paths, and true for those of files
	f.array(at, value, maxFiles, func(at string, value json.RawMessage) {
		file := f.file(at, value)
		if file.Path == "" { // which has been refused
			return
		}
		if what, ok := taken[file.Path]; ok && what {
			f.refuse(CodeInvalidRequest, at+"/path", "is given twice")
		} else if ok {
			f.refuse(CodeInvalidRequest, at+"/path", "is a directory of another file's path")
		}
		taken[file.Path] = true
		for dir := path.Dir(file.Path); dir != "." && dir != "/"; dir = path.Dir(dir) {
			if taken[dir] {
				f.refuse(CodeInvalidRequest, at+"/path", "has another file for a directory")
				break
			}
			taken[dir] = false
		}
		files = append(files, file)
	})
	return files
}

func (f *form) file(at string, value json.RawMessage) protocol.File {
	var file protocol.File
	var content, contentAt string
	encoding, named, filled := encodingText, false, false
	f.object(at, value, func(name, at string, value json.RawMessage) {
		switch name {
		case "path":
			named = true
			file.Path = f.text(at, value)
			if kindOf(value) == "a string" {
				f.path(at, file.Path)
			}
		case "content":
			filled = true
			content, contentAt = f.text(at, value), at
		case "encoding":
			encoding = f.text(at, value)
			if kindOf(value) == "a string" && encoding != encodingText && encoding != encodingBase64 {
				f.refuse(CodeInvalidRequest, at, "is %q, and must be %q or %q", shorten(encoding), encodingText, encodingBase64)
			}
		default:
			f.refuse(CodeInvalidRequest, at, "there is no such field")
		}
	})
	if kindOf(value) == "an object" && !named {
		f.refuse(CodeInvalidRequest, at+"/path", "is missing")
	}
	if kindOf(value) == "an object" && !filled {
		f.refuse(CodeInvalidRequest, at+"/content", "is missing")
	}
	file.Content = []byte(content)
	if encoding == encodingBase64 {
		var err error
		if file.Content, err = base64.StdEncoding.DecodeString(content); err != nil {
			f.refuse(CodeInvalidRequest, contentAt, "is not in base64: %v", err)
		}
	}
	return file
}

func (f *form) path(at, path string) {
	if err := protocol.CheckPath(path); err != nil {
		f.refuse(CodeInvalidRequest, at, "%q is not allowed: %v", shorten(path), err)
		return
	}
	for part := range strings.SplitSeq(path, "/") {
		if len(part) > maxNameBytes {
			f.refuse(CodeInvalidRequest, at, "has a part of %d bytes, and at most %d are taken", len(part), maxNameBytes)
		}
	}
}

// patterns reads what to collect.
func (f *form) patterns(at string, value json.RawMessage) []string {
	var patterns []string
	f.array(at, value, maxPatterns, func(at string, value json.RawMessage) {
		pattern := f.text(at, value)
		above := func(part string) bool { return part == ".." }
		switch {
		case kindOf(value) != "a string":
		case pattern == "", len(pattern) > maxPatternSize:
			f.refuse(CodeInvalidRequest, at, "has %d bytes, and must have from 1 to %d", len(pattern), maxPatternSize)
		case pattern[0] == '/', strings.ContainsRune(pattern, 0), containsFunc(strings.SplitSeq(pattern, "/"), above):
			f.refuse(CodeInvalidRequest, at, "%q is not allowed: a pattern is for paths below the working directory, without .. and NUL", pattern)
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

// fit refuses files that the disk of the job cannot hold.
func (f *form) fit(job nsjail.Job) {
	var needed int64
	for _, file := range job.Files {
		needed += (int64(len(file.Content)) + diskPage - 1) / diskPage * diskPage
	}
	if needed > job.Limits.DiskBytes {
		f.refuse(CodeInvalidRequest, "/files", "take %d bytes of disk, and limits.disk_bytes is %d", needed, job.Limits.DiskBytes)
	}
}

// array calls item for each item of an array, with its pointer.
func (f *form) array(at string, value json.RawMessage, most int, item func(at string, value json.RawMessage)) {
	if !f.kind(at, value, "an array") {
		return
	}
	var items []json.RawMessage
	_ = json.Unmarshal(value, &items) // valid, as the whole is
	if len(items) > most {
		f.refuse(CodeInvalidRequest, at, "has %d items, and at most %d are taken", len(items), most)
		return
	}
	for i, value := range items {
		item(pointer(at, strconv.Itoa(i)), value)
	}
}

// shorten is for texts of a client's that are told back.
func shorten(text string) string {
	const most = 100
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
