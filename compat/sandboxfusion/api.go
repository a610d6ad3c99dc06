package sandboxfusion

import (
	"encoding/base64"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// Clients wait for the time that they give to compiling and running, and so much longer.
// Part of it is for the answer to reach them.
const (
	clientsGrace = 10 * time.Second
	forTheAnswer = 2 * time.Second
)

// New returns the API.
func New() compat.API {
	return compat.API{
		Name:     "sandboxfusion",
		Patience: clientsGrace,
		Refuse:   refuse,
		Routes: []compat.Route{
			{Method: "POST", Path: "/run_code", Serve: runCode},
			{Method: "POST", Path: "/run_jupyter", Serve: runJupyter},
			{Method: "GET", Path: "/v1/ping", Open: true, Serve: ping},
		},
	}
}

func ping(w http.ResponseWriter, _ *http.Request, _ *compat.Caller) error {
	return write(w, http.StatusOK, "pong")
}

// refuse writes a refusal as FastAPI does. Clients try nothing again but what has the
// status 504, and take anything else for a program that is wrong.
func refuse(w http.ResponseWriter, _ *http.Request, p *client.Problem) {
	status := p.Status
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		status = http.StatusGatewayTimeout
	}
	_ = write(w, status, map[string]string{"detail": p.Detail})
}

func write(w http.ResponseWriter, status int, value any) error {
	return compat.WriteJSON(w, status, value)
}

// The states of an answer, and of a command in it.
const (
	success, failed, sandboxError = "Success", "Failed", "SandboxError"
	finished, broken, outOfTime   = "Finished", "Error", "TimeLimitExceeded"
)

// command is what came of a program.
type command struct {
	Status        string  `json:"status"`
	ExecutionTime float64 `json:"execution_time"` // seconds
	ReturnCode    *int    `json:"return_code"`
	Stdout        string  `json:"stdout"`
	Stderr        string  `json:"stderr"`
}

// resources are what each request may say about its files and limits.
type resources struct {
	MemoryLimitMB float64             `json:"memory_limit_MB"` // 0 and less: none
	Files         map[string]*string  `json:"files"`           // base64; null: none
	FetchFiles    compat.List[string] `json:"fetch_files"`
}

// limits returns the limits of a run that may take so many seconds; 0: as long as it may.
func (r resources) limits(c *compat.Caller, seconds float64) client.Limits {
	most := c.Limits().Max
	limits := client.Limits{WallMS: most.WallMS, CPUMS: most.CPUMS, FilesBytes: most.FilesBytes, OutputBytes: c.Limits().Default.OutputBytes}
	if ms := seconds * 1000; ms > 0 && ms < float64(most.WallMS) {
		limits.WallMS = max(1, int64(ms))
	}
	if bytes := r.MemoryLimitMB * (1 << 20); bytes > 0 {
		limits.MemoryBytes = most.MemoryBytes
		if bytes < float64(most.MemoryBytes) {
			limits.MemoryBytes = max(int64(bytes), min(leastMemory, most.MemoryBytes))
		}
	}
	return limits
}

// leastMemory is what a cell needs before a program has any: it has its libraries loaded.
const leastMemory = 64 << 20

// given returns the files that go in, in order of their paths.
func (r resources) given() ([]client.File, error) {
	if len(r.Files) > compat.MostItems {
		return nil, compat.Refuse(client.CodeInvalidRequest, "files has %d entries; the maximum is %d", len(r.Files), compat.MostItems)
	}
	var files []client.File
	for name, content := range r.Files {
		if content == nil {
			continue
		}
		within, err := inside(name)
		if err != nil {
			return nil, err
		}
		if _, err := base64.StdEncoding.DecodeString(*content); err != nil {
			return nil, compat.Refuse(client.CodeInvalidRequest, "files: %.100q: must be base64: %v", name, err)
		}
		files = append(files, client.File{Path: within, Content: *content, Encoding: "base64"})
	}
	slices.SortFunc(files, func(a, b client.File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// inside returns a path below the working directory.
func inside(name string) (string, error) {
	within := path.Clean(name)
	if path.IsAbs(within) || within == "." || within == ".." || strings.HasPrefix(within, "../") {
		return "", compat.Refuse(client.CodeInvalidRequest, "files: %.100q: must be a path below the working directory", name)
	}
	return within, nil
}

// wanted returns the patterns for the files that come back: each stands for itself only.
func (r resources) wanted() ([]string, error) {
	var patterns []string
	for _, name := range r.FetchFiles {
		within, err := inside(name)
		if err != nil {
			return nil, err
		}
		patterns = append(patterns, literal.Replace(within))
	}
	return patterns, nil
}

var literal = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")

// fetched returns the files that came back, as base64, by the names that they were asked
// for with.
func (r resources) fetched(files []client.Collected) map[string]string {
	all := make(map[string]string, len(files))
	for _, file := range files {
		if file.Encoding != "base64" {
			file.Content = base64.StdEncoding.EncodeToString([]byte(file.Content))
		}
		for _, name := range r.FetchFiles {
			if path.Clean(name) == file.Path {
				all[name] = file.Content
			}
		}
	}
	return all
}

// asCommand tells how a program ended.
func asCommand(a *client.Answer) command {
	told := command{Status: finished, ExecutionTime: a.Usage.WallMS / 1000, ReturnCode: a.ExitCode, Stdout: a.Stdout, Stderr: a.Stderr}
	switch {
	case a.Status == client.StatusTimeout:
		told.Status, told.ReturnCode = outOfTime, nil
	case a.ExitCode == nil: // as a shell says that a signal has ended it
		code := 1
		if a.Signal != nil || a.Status == client.StatusMemoryLimit {
			code = -9
			if number, known := signals[value(a.Signal)]; known {
				code = -number
			}
		}
		told.ReturnCode = &code
	}
	if a.Status == client.StatusMemoryLimit || a.Status == client.StatusOutputLimit {
		told.Stderr = strings.TrimPrefix(told.Stderr+"\n", "\n") + "hotcell: the program went over its limit: " + value(a.Limit) + "\n"
	}
	return told
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// signals that end programs, by name.
var signals = map[string]int{"SIGABRT": 6, "SIGBUS": 7, "SIGFPE": 8, "SIGKILL": 9, "SIGSEGV": 11, "SIGPIPE": 13, "SIGTERM": 15, "SIGXCPU": 24, "SIGSYS": 31}
