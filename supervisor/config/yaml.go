package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// YAML is a file that is read strictly: it has one document, whose mappings contain
// only known members, each of them once. The configuration and the keys file are
// read with it.
type YAML struct {
	Root *yaml.Node // nil: it is empty
	dir  string     // of the file, for paths in it
	path string
	errs []error
}

// ParseYAML parses the text of a file. path is for errors.
func ParseYAML(path string, text []byte) (*YAML, error) {
	dir := filepath.Dir(path)
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return &YAML{path: path, dir: dir}, nil
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: contains more than one YAML document", path)
	}
	y := &YAML{path: path, dir: dir, Root: document.Content[0]}
	if y.Root.Tag == "!!null" { // a file of comments
		y.Root = nil
	}
	return y, nil
}

// Err returns everything that was refused.
func (y *YAML) Err() error { return errors.Join(y.errs...) }

// Refuse records what is wrong with a node.
func (y *YAML) Refuse(node *yaml.Node, format string, args ...any) {
	y.errs = append(y.errs, fmt.Errorf("%s: %w", y.origin(node), fmt.Errorf(format, args...)))
}

func (y *YAML) origin(node *yaml.Node) string { return fmt.Sprintf("%s:%d", y.path, node.Line) }

// Object describes what a mapping may contain.
type Object struct {
	Name    string                      // of the mapping, in errors
	Prefix  string                      // before the members' names, in errors
	Noun    string                      // for its members: "settings"
	Unknown error                       // for other members
	Fields  map[string]Field            // by name, where a dot is a level
	Nodes   map[string]func(*yaml.Node) // called for members that are more than one value
	Taken   func(name, origin string)   // called for each field that was set; may be nil
}

// Read sets the fields that a mapping contains, and reports whether nothing was
// wrong with it. [YAML.Err] says what was.
func (y *YAML) Read(node *yaml.Node, o Object) (ok bool) {
	before := len(y.errs)
	if node.Tag != "!!null" {
		y.level(node, "", o, make(map[string]bool))
	}
	return len(y.errs) == before
}

// level reads the members whose names begin with prefix.
func (y *YAML) level(node *yaml.Node, prefix string, o Object, seen map[string]bool) {
	if node.Kind != yaml.MappingNode {
		name := o.Name
		if prefix != "" {
			name = fmt.Sprintf("%q", o.Prefix+strings.TrimSuffix(prefix, "."))
		}
		y.Refuse(node, "%s must be a mapping of %s", name, o.Noun)
		return
	}
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		name := prefix + key.Value
		field, isField := o.Fields[name]
		take, isNode := o.Nodes[name]
		switch {
		case seen[name]:
			y.Refuse(key, "%s: appears twice", o.Prefix+name)
		case isNode:
			take(value)
		case isField:
			y.field(value, name, field, o)
		case o.hasBelow(name + "."):
			y.level(value, name+".", o, seen)
		default:
			y.Refuse(key, "%s: %w", o.Prefix+name, o.Unknown)
		}
		seen[name] = true
	}
}

func (o Object) hasBelow(prefix string) bool {
	for name := range o.Fields {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func (y *YAML) field(node *yaml.Node, name string, field Field, o Object) {
	text, ok := Scalars(node, field.List)
	switch {
	case !ok:
		y.Refuse(node, "%s: must be %s", o.Prefix+name, field.Allowed)
	case !field.Set(field.relativeTo(y.dir, text)):
		y.errs = append(y.errs, &SettingError{Origin: y.origin(node), Key: o.Prefix + name, Value: text, Allow: field.Allowed})
	case o.Taken != nil:
		o.Taken(o.Prefix+name, y.origin(node))
	}
}

// Scalars returns the text of a value, or of a list of values, separated by commas.
func Scalars(node *yaml.Node, isList bool) (string, bool) {
	items := []*yaml.Node{node}
	if isList && node.Kind == yaml.SequenceNode {
		items = node.Content
	}
	var texts []string
	for _, item := range items {
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
			return "", false
		}
		texts = append(texts, item.Value)
	}
	return strings.Join(texts, ","), true
}
