package keys

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"github.com/hotcell/hotcell/supervisor/config"
)

// Listed is a key as hotcell key list shows it. The hashes are cut, so that nobody
// takes them for keys.
type Listed struct {
	Name     string   `json:"name"`
	Rights   []string `json:"rights"`
	Share    int      `json:"share"`
	Rate     float64  `json:"rate"`     // 0: any
	Profiles []string `json:"profiles"` // empty: all
	Hashes   []string `json:"hashes"`   // the first 8 digits of each
}

// List returns the keys of the configured file, in its order. The error wraps
// [ErrFile], and names everything that is wrong.
func List(cfg config.Config) ([]Listed, error) {
	text, err := readFile(cfg.Keys)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	_, entries, err := parseEntries(cfg.Keys, text, cfg.AllProfiles())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	listed := make([]Listed, 0, len(entries))
	for _, e := range entries {
		key := Listed{Name: e.name, Rights: e.rights, Share: e.share, Rate: e.rate, Profiles: append([]string{}, e.profiles...)}
		for _, hash := range e.hashes {
			key.Hashes = append(key.Hashes, hex.EncodeToString(hash[:4]))
		}
		listed = append(listed, key)
	}
	return listed, nil
}

// ErrNoKey is wrapped when the file has no key of a name.
var ErrNoKey = errors.New("there is no key of that name")

// errByHand is what is wrong with a file from which an entry cannot be cut.
var errByHand = errors.New("the entry does not stand on lines of its own: remove it with an editor")

// Revoke removes a key's entry from the configured file. The rest of the file stays as
// it is, with its comments, mode and owner. The file is replaced at once, so that a
// server never reads half of it.
func Revoke(cfg config.Config, name string) error {
	path, err := filepath.EvalSymlinks(cfg.Keys)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	before, err := readFile(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	root, entries, err := parseEntries(path, before, cfg.AllProfiles())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	i := slices.IndexFunc(entries, func(e keyEntry) bool { return e.name == name })
	switch {
	case i < 0:
		return fmt.Errorf("%s: %q: %w; hotcell key list shows the names", path, name, ErrNoKey)
	case len(entries) == 1:
		return fmt.Errorf("%s: %q is the only key: a server refuses a file without one, and would go on with this key; add another key first, or stop the server", path, name)
	}
	after, err := without(before, root, i)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	_, left, err := parseEntries(path, after, cfg.AllProfiles())
	if err != nil || !reflect.DeepEqual(left, slices.Delete(entries, i, i+1)) {
		return fmt.Errorf("%s: %w", path, errByHand)
	}
	return replace(path, before, after)
}

// without returns the text without the lines of an entry, and without the comment
// directly above them, unless that begins the file.
func without(text []byte, root *yaml.Node, i int) ([]byte, error) {
	if root.Style&yaml.FlowStyle != 0 {
		return nil, errByHand
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	first := root.Content[i].Line - 1
	for first > 0 && !bytes.HasPrefix(bytes.TrimSpace(lines[first]), []byte("-")) {
		first--
	}
	end := lastLine(root.Content[i])
	above := first
	for above > 0 && bytes.HasPrefix(bytes.TrimSpace(lines[above-1]), []byte("#")) {
		above--
	}
	if above > 0 {
		first = above
	}
	return bytes.Join(append(slices.Clone(lines[:first]), lines[end:]...), nil), nil
}

// lastLine returns the last line, counted from 1, of a node.
func lastLine(node *yaml.Node) int {
	last := node.Line + strings.Count(node.Value, "\n")
	for _, below := range node.Content {
		last = max(last, lastLine(below))
	}
	return last
}

// replace writes a file anew, unless it has changed meanwhile.
func replace(path string, before, after []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // fails once it has its name
	_, err = file.Write(after)
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && err == nil && os.Geteuid() == 0 {
		err = file.Chown(int(owner.Uid), int(owner.Gid))
	}
	err = errors.Join(err, file.Chmod(info.Mode().Perm()), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	switch now, err := readFile(path); {
	case err != nil:
		return err
	case !bytes.Equal(now, before):
		return fmt.Errorf("%s: changed meanwhile: try again", path)
	}
	return os.Rename(file.Name(), path)
}
