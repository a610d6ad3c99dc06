package supervisor

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	envPrefix  = "HOTCELL_"
	configFlag = "config"         // on the command line
	configEnv  = "HOTCELL_CONFIG" // in the environment
)

// otherEnv are variables of our prefix that are no settings: the path of the
// file; what tests use; and what Kubernetes sets for a Service named hotcell.
var otherEnv = []string{configEnv, "HOTCELL_TEST_*", "HOTCELL_PORT", "HOTCELL_PORT_*", "HOTCELL_SERVICE_*"}

// ErrNoSetting is wrapped when something is set that is no setting.
var ErrNoSetting = errors.New("there is no such setting")

// SettingError says what is wrong with one value, and where it comes from.
type SettingError struct {
	Origin string // "flag --listen", "environment HOTCELL_LISTEN", "hotcell.yaml:3"
	Key    string
	Value  string
	Allow  string
}

func (e *SettingError) Error() string {
	return fmt.Sprintf("%s: %s = %q: must be %s", e.Origin, e.Key, e.Value, e.Allow)
}

// LoadConfig puts a configuration together: the defaults, over them the file,
// over it the environment, over it the flags. flags holds what was given on the
// command line by name, "config" included; environ is as of [os.Environ]. The
// error names every value that is wrong.
func LoadConfig(flags map[string]string, environ []string) (Config, error) {
	c := DefaultConfig()
	c.origin = make(map[string]string)
	path, origin := "", ""
	env := make(map[string]string)
	var errs []error
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if name == configEnv {
			path, origin = value, "environment "+configEnv
		}
		if strings.HasPrefix(name, envPrefix) && !slices.ContainsFunc(otherEnv, func(pattern string) bool { return matches(pattern, name) }) {
			env[name] = value
		}
	}
	if value, ok := flags[configFlag]; ok {
		path, origin = value, "flag --"+configFlag
	}
	if path != "" {
		if err := c.applyFile(path); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", origin, err))
		}
	}
	for _, setting := range Settings {
		if value, ok := env[setting.Env()]; ok {
			errs = append(errs, c.apply(setting, value, "environment "+setting.Env()))
			delete(env, setting.Env())
		}
		if value, ok := flags[setting.Flag()]; ok {
			errs = append(errs, c.apply(setting, value, "flag --"+setting.Flag()))
		}
	}
	for name := range env {
		errs = append(errs, fmt.Errorf("environment %s: %w", name, ErrNoSetting))
	}
	if err := errors.Join(errs...); err != nil {
		return Config{}, err
	}
	return c, c.check()
}

// matches knows one wildcard, at the end.
func matches(pattern, name string) bool {
	prefix, wild := strings.CutSuffix(pattern, "*")
	return name == pattern || wild && strings.HasPrefix(name, prefix)
}

func (c *Config) apply(s Setting, value, origin string) error {
	field := s.field(c)
	if !field.set(value) {
		return &SettingError{Origin: origin, Key: s.Key, Value: value, Allow: field.allowed}
	}
	c.origin[s.Key] = origin
	return nil
}

func (c *Config) applyFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF): // empty
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: more than one YAML document", path)
	}
	return c.applyNode(path, "", document.Content[0])
}

// applyNode sets what stands below key.
func (c *Config) applyNode(path, key string, node *yaml.Node) error {
	origin := fmt.Sprintf("%s:%d", path, node.Line)
	i := slices.IndexFunc(Settings, func(s Setting) bool { return s.Key == key })
	isGroup := key == "" || slices.ContainsFunc(Settings, func(s Setting) bool { return strings.HasPrefix(s.Key, key+".") })
	switch {
	case key == "" && node.Tag == "!!null": // a file of comments
		return nil
	case i >= 0 && node.Kind == yaml.ScalarNode && node.Tag != "!!null":
		return c.apply(Settings[i], node.Value, origin)
	case i >= 0 && node.Kind == yaml.SequenceNode && Settings[i].field(c).list &&
		!slices.ContainsFunc(node.Content, func(item *yaml.Node) bool { return item.Kind != yaml.ScalarNode }):
		var items []string
		for _, item := range node.Content {
			items = append(items, item.Value)
		}
		return c.apply(Settings[i], strings.Join(items, ","), origin)
	case i >= 0:
		return fmt.Errorf("%s: %s: must be %s", origin, key, Settings[i].Allowed())
	case !isGroup:
		return fmt.Errorf("%s: %s: %w", origin, key, ErrNoSetting)
	case node.Kind != yaml.MappingNode:
		return fmt.Errorf("%s: %q must hold settings, each with its name", origin, key)
	}
	var errs []error
	seen := make(map[string]bool)
	for i := 0; i < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		below := strings.TrimPrefix(key+"."+name.Value, ".")
		if seen[below] {
			errs = append(errs, fmt.Errorf("%s:%d: %s: appears twice", path, name.Line, below))
		}
		seen[below] = true
		errs = append(errs, c.applyNode(path, below, value))
	}
	return errors.Join(errs...)
}
