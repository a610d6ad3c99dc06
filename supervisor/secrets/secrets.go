// Package secrets reads the file of the secrets that webhooks are signed with. A secret
// is in no request, job, log line or metric: they have its name.
package secrets

import (
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/webhooks"
)

const (
	maxSecrets = 1000
	maxParts   = 2 // of one secret: the new one, and the old one while it is being replaced
)

// File is the file of webhook_secrets. It is read when a secret is looked for, which is
// seldom.
type File struct {
	path  string
	keyed bool // secrets belong to keys
	log   *slog.Logger

	mu      sync.Mutex
	text    string // that is in use
	broken  string // the last error of the log
	entries []entry
}

// entry is a secret as the file describes it.
type entry struct {
	name   string
	keys   []string // that may use it
	secret webhooks.Secret
}

// Open reads the file for the first time, which must succeed. It may have no path; then
// it has no secrets.
func Open(cfg config.Config, log *slog.Logger) (*File, error) {
	f := &File{path: cfg.WebhookSecrets, keyed: cfg.Keys != "", log: log}
	if f.path == "" {
		return f, nil
	}
	if err := f.read(); err != nil {
		return nil, fmt.Errorf("cannot use the file of webhook_secrets: %w", err)
	}
	return f, nil
}

// read reads the file if it has changed. After an error the previous secrets stay in use.
func (f *File) read() error {
	text, err := config.ReadGuarded(f.path, 0o027, "lets other users read or change it: run chmod o=,g-w")
	if err != nil || f.entries != nil && string(text) == f.text {
		return err
	}
	entries, err := parse(f.path, text, f.keyed)
	if err == nil {
		f.text, f.entries = string(text), entries
	}
	return err
}

// look reads the file, and logs an error once.
func (f *File) look() {
	err := f.read()
	switch text := fmt.Sprint(err); {
	case err == nil:
		f.broken = ""
	case text != f.broken:
		f.broken = text
		f.log.Error("cannot use the file of webhook_secrets; the previous secrets stay in use", "error", err)
	}
}

// Find finds a secret that the key named owner may use: see [webhooks.Secrets].
func (f *File) Find(owner, name string) (found string, secret webhooks.Secret, err error) {
	if f.path == "" {
		return "", webhooks.Secret{}, errors.New("this service has no secrets: its setting webhook_secrets is empty")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.look()
	var usable []string
	for _, e := range f.entries {
		if f.keyed && !slices.Contains(e.keys, owner) {
			continue
		}
		if e.name == name {
			return name, e.secret, nil
		}
		usable = append(usable, e.name)
		secret = e.secret
	}
	switch {
	case len(usable) == 0:
		return "", webhooks.Secret{}, errors.New("there is no secret that you may use; the operator adds it to the file of webhook_secrets")
	case name != "":
		return "", webhooks.Secret{}, fmt.Errorf("unknown secret %q; you may use %q", name, usable)
	case len(usable) > 1:
		return "", webhooks.Secret{}, fmt.Errorf("is required, since there is more than one: it must be one of %q", usable)
	}
	return usable[0], secret, nil
}

// Uses yields the name of each secret with each key that may use it.
func (f *File) Uses() iter.Seq2[string, string] {
	return func(yield func(secret, key string) bool) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, e := range f.entries {
			for _, key := range e.keys {
				if !yield(e.name, key) {
					return
				}
			}
		}
	}
}

var validName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// parse parses the text of the file: a YAML list with an entry for each secret. The
// error names everything that is wrong, and repeats no secret.
func parse(path string, text []byte, keyed bool) ([]entry, error) {
	file, err := config.ParseYAML(path, text)
	if err != nil {
		return nil, fmt.Errorf("%s: is not one valid YAML document", path) // YAML's own error may repeat what is there
	}
	var entries []entry
	switch {
	case file.Root == nil:
		return nil, fmt.Errorf("%s: contains no secret", path)
	case file.Root.Kind != yaml.SequenceNode:
		file.Refuse(file.Root, `must be a list of secrets, each beginning with "- name:"`)
		return nil, file.Err()
	}
	for _, node := range file.Root.Content {
		entries = append(entries, readEntry(file, node, entries, keyed))
	}
	if n := len(entries); n > maxSecrets {
		return nil, fmt.Errorf("%s: contains %d secrets, at most %d are allowed", path, n, maxSecrets)
	}
	return entries, file.Err()
}

var errNoField = errors.New("unknown field")

func readEntry(file *config.YAML, node *yaml.Node, others []entry, keyed bool) entry {
	var e entry
	given := false
	ok := file.Read(node, config.Object{
		Name: "a secret", Noun: "fields", Unknown: errNoField,
		Fields: map[string]config.Field{
			"keys": config.List(&e.keys, "names of keys", regexp.MustCompile(`^[^\s,]+$`)),
		},
		Nodes: map[string]func(*yaml.Node){
			"name": func(value *yaml.Node) { // whose error must not repeat a secret that was put there
				if e.name = value.Value; !validName.MatchString(e.name) || strings.HasPrefix(e.name, "whsec_") {
					file.Refuse(value, "name: must be 1 to 64 letters, digits, dots, dashes or underscores, and not begin with whsec_")
				}
			},
			"secret": func(value *yaml.Node) {
				given = true
				e.secret = readSecret(file, value)
			},
		},
	})
	switch {
	case !ok:
	case e.name == "":
		file.Refuse(node, "a secret must have a name")
	case slices.ContainsFunc(others, func(other entry) bool { return other.name == e.name }):
		file.Refuse(node, "duplicate secret name %q", e.name)
	case !given:
		file.Refuse(node, "secret %q: secret is missing", e.name)
	case keyed && len(e.keys) == 0:
		file.Refuse(node, "secret %q: keys must name the keys that may use it, since there is a keys file", e.name)
	}
	return e
}

func readSecret(file *config.YAML, node *yaml.Node) webhooks.Secret {
	joined, ok := config.Scalars(node, true)
	parts := strings.Split(joined, ",")
	secret, err := webhooks.ParseSecret(parts...)
	if !ok || err != nil || len(parts) > maxParts {
		file.Refuse(node, `secret: must be "whsec_" and the base64 of 24 to 64 random bytes, or a list of two of them`)
	}
	return secret
}
