package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hotcell/hotcell/client"
)

// readFile reads a file that goes into a cell. Below the current directory it keeps
// its path; else it comes to lie in the working directory under its own name.
func readFile(name string) (client.File, error) {
	if name == "" {
		return client.File{}, errors.New("use the path of a file")
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return client.File{}, err
	}
	file := client.File{Path: filepath.ToSlash(filepath.Clean(name)), Content: string(content)}
	if !filepath.IsLocal(name) {
		file.Path = path.Base(file.Path)
	}
	if !utf8.Valid(content) {
		file.Content, file.Encoding = base64.StdEncoding.EncodeToString(content), "base64"
	}
	return file, nil
}

// collection is the directory that what a script leaves behind is written to.
type collection struct{ *os.Root }

// openCollection makes the directory where it is missing.
func openCollection(dir string) (collection, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return collection{}, err
	}
	root, err := os.OpenRoot(dir)
	return collection{root}, err
}

// files writes what was collected. A file that was sent and did not change stays
// away. Nothing outside of the directory is written, whatever the names are and
// whatever is in the directory: a link is replaced, and not followed.
func (c collection) files(collected []client.Collected, sent []client.File) error {
	before := make(map[string]string, len(sent))
	for _, file := range sent {
		before[file.Path] = file.Encoding + "\n" + file.Content
	}
	var failed error
	for _, file := range collected {
		encoding := file.Encoding
		if encoding == "utf-8" {
			encoding = ""
		}
		if content, ok := before[file.Path]; ok && content == encoding+"\n"+file.Content {
			continue
		}
		content, err := file.Bytes()
		if err == nil {
			err = c.write(file.Path, content)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// outputFile returns the name of the file for what a script showed as the nth, and
// what is in it. Without a picture the name is empty.
func outputFile(n int, output client.Output) (name string, content []byte, err error) {
	kind, content, err := output.Picture()
	if kind == (client.PictureType{}) {
		return "", nil, nil
	}
	return fmt.Sprintf("output-%d%s", n+1, kind.End), content, err
}

// outputText is what a script showed, in a line or more: the name of a picture's file,
// else its text.
func outputText(n int, output client.Output) string {
	if name, content, err := outputFile(n, output); err == nil && name != "" {
		return fmt.Sprintf("[%s: %d bytes]", name, len(content))
	}
	if text, ok := output.Text(); ok {
		return text
	}
	return fmt.Sprintf("[%s]", strings.Join(slices.Sorted(maps.Keys(output.Data)), ", "))
}

// pictures writes the pictures that a script showed, unless it left a file of that
// name.
func (c collection) pictures(answer *client.Answer) error {
	var failed error
	for n, output := range answer.Outputs {
		name, content, err := outputFile(n, output)
		if name == "" || slices.ContainsFunc(answer.Files, func(f client.Collected) bool { return f.Path == name }) {
			continue
		}
		if err == nil {
			err = c.write(name, content)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// write writes one file, whole or not at all.
func (c collection) write(name string, content []byte) error {
	fail := func(err error) error { return fmt.Errorf("write %q in %s: %w", name, c.Name(), err) }
	dir := path.Dir(name)
	if err := c.MkdirAll(dir, 0o755); err != nil {
		return fail(err)
	}
	if before, err := c.Lstat(name); err == nil && before.IsDir() {
		return fail(fs.ErrExist)
	}
	part := path.Join(dir, ".hotcell-"+rand.Text())
	err := c.WriteFile(part, content, 0o644)
	if err == nil {
		err = c.Rename(part, name)
	}
	if err != nil {
		_ = c.Remove(part)
		return fail(err)
	}
	return nil
}
