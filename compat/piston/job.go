package piston

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// job is the body of POST execute. Its limits are in milliseconds and bytes.
type job struct {
	Language string              `json:"language"`
	Version  string              `json:"version"`
	Files    compat.List[file]   `json:"files"`
	Stdin    string              `json:"stdin"`
	Args     compat.List[string] `json:"args"`

	RunTimeout     float64 `json:"run_timeout"`
	RunCPUTime     float64 `json:"run_cpu_time"`
	RunMemoryLimit float64 `json:"run_memory_limit"`
	// There is nothing to compile: these are only checked.
	CompileTimeout     float64 `json:"compile_timeout"`
	CompileCPUTime     float64 `json:"compile_cpu_time"`
	CompileMemoryLimit float64 `json:"compile_memory_limit"`
}

type file struct {
	Name     string  `json:"name"`
	Content  *string `json:"content"`
	Encoding string  `json:"encoding"`
}

// The encodings of a file. Piston takes every other one for utf8.
const (
	utf8   = "utf8"
	base   = "base64"
	digits = "hex"
)

// leastMemory is the least that hotcell takes as a limit, in bytes.
const leastMemory = 16 << 20

// check returns what Piston refuses, with its words where it has some.
func (j job) check() error {
	switch {
	case j.Language == "":
		return refused("language is required as a string")
	case j.Version == "":
		return refused("version is required as a string")
	case j.Files == nil:
		return refused("files is required as an array")
	}
	for i, file := range j.Files {
		if file.Content == nil {
			return refused("files[%d].content is required as a string", i)
		}
	}
	for _, limit := range []struct {
		name  string
		value float64
	}{{"run_timeout", j.RunTimeout}, {"compile_timeout", j.CompileTimeout}, {"run_cpu_time", j.RunCPUTime}, {"compile_cpu_time", j.CompileCPUTime}} {
		if limit.value < 0 {
			return refused("%s must be non-negative: it is %v", limit.name, limit.value)
		}
	}
	return nil
}

func refused(detail string, values ...any) error {
	return compat.Refuse(client.CodeInvalidRequest, detail, values...)
}

// request translates a job. The first file that is text is the program. It is a file,
// too, since a program may open or import itself.
func (j job) request() (client.Request, error) {
	request := client.Request{Mode: "program", Stdin: j.Stdin, Env: map[string]string{"PISTON_LANGUAGE": "python"}}
	if !strings.HasSuffix(j.Stdin, "\n") {
		request.Stdin += "\n" // as Piston does
	}
	for _, arg := range j.Args {
		request.Args = append(request.Args, arg)
	}
	program := slices.IndexFunc(j.Files, func(f file) bool { return f.Encoding == "" || f.Encoding == utf8 })
	if program < 0 {
		return request, refused("files must include at least one utf8 encoded file")
	}
	request.Script = *j.Files[program].Content
	for i, file := range j.Files {
		sent, err := file.sent(i)
		if err != nil {
			return request, err
		}
		request.Files = append(request.Files, sent)
	}
	return request, nil
}

// sent returns the file as hotcell takes it.
func (f file) sent(index int) (client.File, error) {
	sent := client.File{Path: fmt.Sprintf("file%d.code", index), Content: *f.Content}
	if f.Name != "" {
		sent.Path = path.Clean(f.Name)
	}
	switch f.Encoding {
	case base:
		sent.Encoding = "base64"
	case digits:
		content, err := hex.DecodeString(sent.Content)
		if err != nil {
			return sent, refused("files[%d].content is not hex: %v", index, err)
		}
		sent.Content, sent.Encoding = base64.StdEncoding.EncodeToString(content), "base64"
	}
	return sent, nil
}

// limits are what the job asks for, clipped to the most; 0: the default. A program may
// always use the processor for as long as it may run, unless it asks for less.
func (j job) limits(most client.Limits) *client.Limits {
	limits := client.Limits{WallMS: whole(j.RunTimeout), CPUMS: whole(j.RunCPUTime)}
	if limits.CPUMS == 0 {
		limits.CPUMS = limits.WallMS
	}
	if j.RunMemoryLimit > 0 { // -1 is what clients send for none
		limits.MemoryBytes = max(whole(j.RunMemoryLimit), leastMemory)
	}
	limits.WallMS, limits.CPUMS = min(limits.WallMS, most.WallMS), min(limits.CPUMS, most.CPUMS)
	limits.MemoryBytes = min(limits.MemoryBytes, most.MemoryBytes)
	return &limits
}

// whole returns a number as a whole one, no larger than any limit is.
func whole(number float64) int64 {
	const most = 1 << 50
	if number <= 0 {
		return 0
	}
	return max(1, int64(min(number, most)))
}

// runtime is one that GET runtimes lists.
type runtime struct {
	Language string   `json:"language"`
	Version  string   `json:"version"`
	Aliases  []string `json:"aliases"`

	profile string // that has it
}

// runtimesOf describes the Pythons of all profiles, the default one's first.
func runtimesOf(info *client.Info) []runtime {
	var all []runtime
	for _, profile := range slices.Insert(slices.Sorted(maps.Keys(info.Profiles)), 0, info.DefaultProfile) {
		python := runtimeOf(profile, info.Profiles[profile].Python)
		if !slices.ContainsFunc(all, func(r runtime) bool { return r.Version == python.Version }) {
			all = append(all, python)
		}
	}
	return all
}

// runtimeOf describes a Python by its version, such as "3.11.2".
func runtimeOf(profile, version string) runtime {
	aliases := []string{"py", "py3", "python3"}
	if parts := strings.Split(version, "."); len(parts) > 1 {
		aliases = append(aliases, "python"+parts[0]+"."+parts[1])
	}
	return runtime{Language: "python", Version: version, Aliases: aliases, profile: profile}
}

// choose returns the runtime that a language and a version mean: the one of just that
// version, or else the first that serves for it.
func choose(all []runtime, language, version string) (runtime, bool) {
	all = slices.DeleteFunc(all, func(r runtime) bool { return !r.runs(language, version) })
	if len(all) == 0 {
		return runtime{}, false
	}
	just := func(r runtime) bool { return strings.HasPrefix(r.Version+".", version+".") }
	return all[max(0, slices.IndexFunc(all, just))], true
}

// runs reports whether the runtime is meant by a language and a version: a number whose
// parts may be left out or be x or *, after ^, ~, >= or =. Many clients have the version
// of one Piston in their code, so a later 3.x serves for it.
func (r runtime) runs(language, version string) bool {
	if language != r.Language && !slices.Contains(r.Aliases, language) {
		return false
	}
	have := strings.Split(r.Version, ".")
	for i, part := range strings.Split(strings.TrimLeft(version, "^~>=v "), ".") {
		if i == min(2, len(have)) || slices.Contains([]string{"x", "X", "*"}, part) {
			return true
		}
		asked, wrong := strconv.Atoi(part)
		got, _ := strconv.Atoi(have[i])
		if wrong != nil || asked > got || i == 0 && asked < got {
			return false
		}
		if asked < got {
			return true
		}
	}
	return true
}
