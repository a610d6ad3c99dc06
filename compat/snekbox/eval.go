package snekbox

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strings"

	_ "embed"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// eval is the body of POST eval.
type eval struct {
	Input      *string              `json:"input"`
	Args       *compat.List[string] `json:"args"`
	Files      compat.List[file]    `json:"files"`
	Executable string               `json:"executable_path"`
}

type file struct {
	Path    *string `json:"path"`
	Content string  `json:"content"` // in base64
}

//go:embed python.py
var python string

// mostFiles come back. The rest is left out, as snekbox does.
const mostFiles = 100

// collected are the patterns of the files that come back: those in no hidden directory
// whose names begin with neither a dot nor an underscore.
var collected = []string{"[!_.]*", "[!.]*/**/[!_.]*"}

// request translates an evaluation. Its arguments are those of the program in python.py,
// so nothing of them is code until that has them.
func (e eval) request() (client.Request, error) {
	request := client.Request{Mode: "program", Script: python, Collect: collected}
	args := []string{"-c"}
	switch {
	case e.Input == nil && e.Args == nil:
		return request, refused("input and args are missing; at least one must be there")
	case e.Args != nil:
		args = *e.Args
	}
	if e.Input != nil {
		args = append(slices.Clone(args), *e.Input)
	}
	for _, arg := range args {
		request.Args = append(request.Args, arg)
	}
	for i, file := range e.Files {
		switch {
		case file.Path == nil:
			return request, refused("files[%d].path is missing", i)
		case *file.Path == "", strings.HasPrefix(*file.Path, "/"):
			return request, refused("files[%d].path is %.100q; must be a relative path", i, *file.Path)
		}
		clean := path.Clean(*file.Path)
		if clean == ".." || strings.HasPrefix(clean, "../") {
			return request, refused("File path '%.100s' may not traverse beyond root", *file.Path)
		}
		request.Files = append(request.Files, client.File{Path: clean, Content: file.Content, Encoding: "base64"})
	}
	return request, nil
}

func refused(detail string, values ...any) error {
	return compat.Refuse(client.CodeInvalidRequest, detail, values...)
}

// result is the answer. Stdout has stderr, too.
type result struct {
	Stdout     string     `json:"stdout"`
	ReturnCode *int       `json:"returncode"`
	Files      []returned `json:"files"`
}

type returned struct {
	Path    string `json:"path"`
	Size    int64  `json:"size"`
	Content string `json:"content"` // in base64
}

// numbers are those of the signals that end a process by themselves.
var numbers = map[string]int{
	"SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3, "SIGILL": 4, "SIGTRAP": 5, "SIGABRT": 6, "SIGBUS": 7, "SIGFPE": 8, "SIGKILL": 9, "SIGUSR1": 10,
	"SIGSEGV": 11, "SIGUSR2": 12, "SIGPIPE": 13, "SIGALRM": 14, "SIGTERM": 15, "SIGSTKFLT": 16, "SIGXCPU": 24, "SIGXFSZ": 25, "SIGVTALRM": 26,
	"SIGPROF": 27, "SIGIO": 29, "SIGPWR": 30, "SIGSYS": 31,
}

// resultOf translates an answer. A signal's number comes with 128 added to it, as from a
// shell; a limit is one, too: SIGKILL, or SIGTERM for too much output.
func resultOf(answer *client.Answer, sent []client.File) result {
	r := result{Stdout: answer.Stdout + answer.Stderr, ReturnCode: answer.ExitCode, Files: []returned{}}
	signal := func(name string) {
		code := 128 + cmp.Or(numbers[name], numbers["SIGKILL"])
		r.ReturnCode = &code
	}
	switch answer.Status {
	case client.StatusTimeout, client.StatusMemoryLimit:
		signal("SIGKILL")
	case client.StatusOutputLimit:
		signal("SIGTERM")
		if answer.Error != nil {
			r.Stdout = fmt.Sprintf("%s\n%s\n", strings.TrimSuffix(r.Stdout, "\n"), answer.Error.Message)
		}
	case client.StatusKilled:
		signal(*cmp.Or(answer.Signal, new(string)))
	}
	for _, file := range answer.Files {
		content := file.Content
		if file.Encoding != "base64" {
			content = base64.StdEncoding.EncodeToString([]byte(content))
		}
		same := func(s client.File) bool { return s.Path == file.Path && s.Content == content }
		hidden := strings.Contains("/"+file.Path, "/.")
		if len(r.Files) < mostFiles && !hidden && !slices.ContainsFunc(sent, same) {
			r.Files = append(r.Files, returned{file.Path, file.Size, content})
		}
	}
	slices.SortFunc(r.Files, func(a, b returned) int { return strings.Compare(a.Path, b.Path) })
	return r
}
