package batchfile

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// Result is a line of results.
type Result struct {
	Script  int             `json:"script"`
	Case    int             `json:"case"`  // its number in the file of cases, from 0
	Input   string          `json:"input"` // names the script, the settings and the case that it is of
	Verdict string          `json:"verdict"`
	Answer  json.RawMessage `json:"answer"`
	Problem json.RawMessage `json:"problem"`
}

// final reports whether a run need not be made again.
func (r *Result) final() bool { return r.Verdict != infraError }

// Verdicts that differ from the others.
const (
	accepted   = "accepted"
	infraError = "infra_error" // says nothing about the script
)

// run names a script with a case.
type run struct{ script, number int }

// Results writes results to a file or a stream. The results that a file has already count
// as far as their inputs are the same.
type Results struct {
	out   io.Writer
	file  *os.File // nil: it is a stream
	had   map[run]earlier
	used  map[run]string // the inputs of the lines that are of the cases as they are
	lines int            // of the file
}

// earlier is a result that the file had.
type earlier struct {
	input    string
	accepted bool
}

// ErrResults is wrapped when a file does not hold results, or another program writes them.
var ErrResults = errors.New("results cannot go there")

// ToStream returns results that are only written.
func ToStream(out io.Writer) *Results { return &Results{out: out} }

// OpenResults opens a file of results or makes it. The caller closes it.
func OpenResults(name string) (*Results, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666) // #nosec G302 G304 -- the user's own file, by the umask
	if err != nil {
		return nil, err
	}
	r := &Results{out: file, file: file, had: make(map[run]earlier), used: make(map[run]string)}
	if err = lock(file); err == nil {
		err = r.load()
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return r, nil
}

func lock(file *os.File) error {
	if stat, err := file.Stat(); err != nil || !stat.Mode().IsRegular() {
		return errors.Join(err, fmt.Errorf("%w: %s is no regular file", ErrResults, file.Name()))
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("%w: another program has locked %s: %w", ErrResults, file.Name(), err)
	}
	return nil
}

// load reads what the file has. A last line without its end is cut off: it was being
// written when hotcell was killed.
func (r *Results) load() error {
	whole := int64(0)
	none := func() error {
		return fmt.Errorf("%w: line %d of %s is no result of hotcell batch", ErrResults, r.lines+1, r.file.Name())
	}
	rest, err := eachLine(r.file, func(text []byte) error {
		var line Result
		if err := json.Unmarshal(text, &line); err != nil || line.Verdict == "" || line.Input == "" {
			return none()
		}
		if r.lines++; line.final() {
			r.had[run{line.Script, line.Case}] = earlier{line.Input, line.Verdict == accepted}
		}
		whole += int64(len(text))
		return nil
	})
	if known := min(len(rest), len(beginning)); err == nil && string(rest[:known]) != beginning[:known] {
		err = none()
	}
	if err == nil {
		err = r.file.Truncate(whole)
	}
	if err == nil {
		_, err = r.file.Seek(whole, io.SeekStart)
	}
	return err
}

// beginning is that of each line.
const beginning = `{"script":`

// eachLine calls do with each line that has an end, which is part of it, and returns the
// rest.
func eachLine(from io.Reader, do func(text []byte) error) (rest []byte, err error) {
	in := bufio.NewReaderSize(from, 64<<10)
	for {
		text, err := in.ReadBytes('\n')
		switch {
		case err == io.EOF:
			return text, nil
		case err != nil:
			return nil, err
		}
		if err := do(text); err != nil {
			return nil, err
		}
	}
}

// find reports whether the file had a result of this input, and whether it was accepted.
func (r *Results) find(of run, input string) (had, good bool) {
	result, ok := r.had[of]
	if !ok || result.input != input {
		return false, false
	}
	r.used[of] = input
	return true, result.accepted
}

// write writes one result.
func (r *Results) write(one Result) error {
	text, err := json.Marshal(one)
	if err != nil {
		return fmt.Errorf("encode a result: %w", err)
	}
	if _, err := r.out.Write(append(text, '\n')); err != nil {
		return err
	}
	r.lines++
	if r.file != nil {
		r.used[run{one.Script, one.Case}] = one.Input
	}
	return nil
}

// tidy removes the lines of other cases, and all but the last of a run. It must not be
// called before all cases are known.
func (r *Results) tidy() error {
	if r.file == nil || r.lines == len(r.used) {
		return nil
	}
	fail := func(err error) error { return fmt.Errorf("remove old results from %s: %w", r.file.Name(), err) }
	if _, err := r.file.Seek(0, io.SeekStart); err != nil {
		return fail(err)
	}
	last := make(map[run]int, len(r.used))
	n := 0
	_, err := eachLine(r.file, func(text []byte) error {
		var line Result
		err := json.Unmarshal(text, &line)
		if of := (run{line.Script, line.Case}); r.used[of] == line.Input {
			last[of] = n
		}
		n++
		return err
	})
	if err == nil {
		_, err = r.file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fail(err)
	}
	part, err := os.CreateTemp(filepath.Dir(r.file.Name()), ".hotcell-*")
	if err != nil {
		return fail(err)
	}
	defer part.Close()
	out := bufio.NewWriter(part)
	n = 0
	_, err = eachLine(r.file, func(text []byte) error {
		var line Result
		err := json.Unmarshal(text, &line)
		if at, ok := last[run{line.Script, line.Case}]; ok && at == n {
			_, err = out.Write(text)
		}
		n++
		return err
	})
	if err = errors.Join(err, out.Flush(), copyMode(r.file, part)); err == nil {
		err = os.Rename(part.Name(), r.file.Name())
	}
	if err != nil {
		_ = os.Remove(part.Name())
		return fail(err)
	}
	return nil
}

func copyMode(from, to *os.File) error {
	stat, err := from.Stat()
	if err != nil {
		return err
	}
	return to.Chmod(stat.Mode().Perm())
}

// Close closes the file.
func (r *Results) Close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
