package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// profilesKey is the one key of the file that is no setting: below it stand the
// profiles beside the default one.
const profilesKey = "profiles"

// configFile is a configuration file that was read.
type configFile struct {
	path     string
	root     *yaml.Node // nil: it is empty
	profiles *yaml.Node // nil: it has none, or it was not applied yet
}

func readFile(path string) (*configFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return new(configFile), err
	}
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF): // empty
		return new(configFile), nil
	case err != nil:
		return new(configFile), fmt.Errorf("%s: %w", path, err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return new(configFile), fmt.Errorf("%s: more than one YAML document", path)
	}
	return &configFile{path: path, root: document.Content[0]}, nil
}

// apply sets all that the file says, but for its profiles.
func (f *configFile) apply(c *Config) error {
	if f.root == nil {
		return nil
	}
	return part{config: c, file: f, rows: Settings}.node("", f.root)
}

// applyProfiles adds the file's profiles, each a copy of the default one with
// what the file says.
func (f *configFile) applyProfiles(c *Config) error {
	if f.profiles == nil {
		return nil
	}
	if f.profiles.Kind != yaml.MappingNode {
		return fmt.Errorf("%s:%d: %s must hold profiles, each with its name", f.path, f.profiles.Line, profilesKey)
	}
	rows := ofDefaultProfile(profileSettings)
	var errs []error
	for i := 0; i < len(f.profiles.Content); i += 2 {
		name, settings := f.profiles.Content[i], f.profiles.Content[i+1]
		origin := fmt.Sprintf("%s:%d: %s.%s", f.path, name.Line, profilesKey, name.Value)
		switch {
		case name.Value == defaultProfile:
			errs = append(errs, fmt.Errorf("%s: the settings of the default profile stand at the top of the file", origin))
			continue
		case !profileName.MatchString(name.Value):
			errs = append(errs, fmt.Errorf("%s: a profile's name must be %s", origin, allowedProfileName))
			continue
		case slices.ContainsFunc(c.Profiles, func(p Profile) bool { return p.Name == name.Value }):
			errs = append(errs, fmt.Errorf("%s: appears twice", origin))
			continue
		}
		one := Config{Profile: c.Profile, origin: c.origin}
		one.Profile.Name = name.Value
		errs = append(errs, part{config: &one, file: f, rows: rows, prefix: one.Profile.key("")}.node("", settings))
		c.Profiles = append(c.Profiles, one.Profile)
	}
	return errors.Join(errs...)
}

// part is a part of the file that holds settings: all of it, or one profile.
type part struct {
	config *Config // that is set
	file   *configFile
	rows   []Setting
	prefix string // of keys, in what is said about them
}

func (p part) apply(s Setting, value, origin string) error {
	field := s.field(p.config)
	if !field.Set(value) {
		return &SettingError{Origin: origin, Key: p.prefix + s.Key, Value: value, Allow: field.Allowed}
	}
	p.config.origin[p.prefix+s.Key] = origin
	return nil
}

// node sets what stands below key.
func (p part) node(key string, node *yaml.Node) error {
	origin := fmt.Sprintf("%s:%d", p.file.path, node.Line)
	i := slices.IndexFunc(p.rows, func(s Setting) bool { return s.Key == key })
	isGroup := key == "" || slices.ContainsFunc(p.rows, func(s Setting) bool { return strings.HasPrefix(s.Key, key+".") })
	switch {
	case key == "" && node.Tag == "!!null": // a file of comments
		return nil
	case i >= 0 && node.Kind == yaml.ScalarNode && node.Tag != "!!null":
		return p.apply(p.rows[i], node.Value, origin)
	case i >= 0 && node.Kind == yaml.SequenceNode && p.rows[i].field(p.config).List &&
		!slices.ContainsFunc(node.Content, func(item *yaml.Node) bool { return item.Kind != yaml.ScalarNode }):
		var items []string
		for _, item := range node.Content {
			items = append(items, item.Value)
		}
		return p.apply(p.rows[i], strings.Join(items, ","), origin)
	case i >= 0:
		return fmt.Errorf("%s: %s: must be %s", origin, p.prefix+key, p.rows[i].Allowed())
	case !isGroup:
		return fmt.Errorf("%s: %s: %w", origin, p.prefix+key, ErrNoSetting)
	case node.Kind != yaml.MappingNode:
		return fmt.Errorf("%s: %q must hold settings, each with its name", origin, strings.TrimSuffix(p.prefix+key, "."))
	}
	var errs []error
	seen := make(map[string]bool)
	for i := 0; i < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		below := strings.TrimPrefix(key+"."+name.Value, ".")
		if seen[below] {
			errs = append(errs, fmt.Errorf("%s:%d: %s: appears twice", p.file.path, name.Line, p.prefix+below))
		}
		seen[below] = true
		if p.prefix+below == profilesKey {
			p.file.profiles = value
			continue
		}
		errs = append(errs, p.node(below, value))
	}
	return errors.Join(errs...)
}
