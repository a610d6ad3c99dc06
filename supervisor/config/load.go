package config

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

const (
	envPrefix  = "HOTCELL_"
	configFlag = "config"         // on the command line
	configEnv  = "HOTCELL_CONFIG" // in the environment
)

// otherEnv are variables with our prefix that are not settings: the path of the
// file; the key of clients, which run in the same shell; those of tests; and those
// that Kubernetes sets for a Service named hotcell.
var otherEnv = []string{configEnv, "HOTCELL_KEY", "HOTCELL_URL", "HOTCELL_TEST_*", "HOTCELL_PORT", "HOTCELL_PORT_*", "HOTCELL_SERVICE_*"}

// ErrNoSetting is wrapped when something is set that is not a setting.
var ErrNoSetting = errors.New("unknown setting")

// SettingError says what is wrong with one value, and where it comes from.
type SettingError struct {
	Origin string // "flag --listen", "environment HOTCELL_LISTEN", "hotcell.yaml:3"
	Key    string
	Value  string
	Allow  string
}

// login is what an address has before its host: perhaps a password, which must not be in a log.
var login = regexp.MustCompile(`//[^/,]*@`)

func (e *SettingError) Error() string {
	return fmt.Sprintf("%s: %s = %q: must be %s", e.Origin, e.Key, login.ReplaceAllString(e.Value, "//…@"), e.Allow)
}

// Load puts a configuration together. Flags take precedence over the environment,
// the environment over the file, and the file over the defaults. Then come the
// file's profiles, each of which is a copy of the default one with changes. flags
// holds the given flags by name, including "config"; environ is as of [os.Environ].
// The error names every value that is wrong.
func Load(flags map[string]string, environ []string) (Config, error) {
	c := Default()
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
	var file *configFile
	if path != "" {
		var err error
		if file, err = c.readFile(path); err != nil {
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
	if file != nil {
		c.readProfiles(file) // now that the default one is complete
		if err := file.Err(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", origin, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Config{}, err
	}
	c.fitPools()
	return c, c.check()
}

// theDefault is the origin of what nobody has set.
const theDefault = "the default"

// fitPools makes a pool_size that nobody has set no larger than pool_max: its default once
// was 8, and what was a configuration then still is one.
func (c *Config) fitPools() {
	fit := func(p *Profile) {
		if p.PoolMax != 0 && c.originOf(*p, "pool_size") == theDefault {
			p.PoolSize = min(p.PoolSize, p.PoolMax)
		}
	}
	fit(&c.Profile)
	for i := range c.Profiles {
		fit(&c.Profiles[i])
	}
}

// matches reports whether name matches a pattern, which may end in *.
func matches(pattern, name string) bool {
	prefix, wild := strings.CutSuffix(pattern, "*")
	return name == pattern || wild && strings.HasPrefix(name, prefix)
}

// apply sets a setting of the service, or of the default profile.
func (c *Config) apply(s Setting, value, origin string) error {
	field := s.field(c, &c.Profile)
	text := value
	if dir, err := os.Getwd(); err == nil {
		text = field.relativeTo(dir, value)
	}
	if !field.Set(text) {
		return &SettingError{Origin: origin, Key: s.Key, Value: value, Allow: field.Allowed}
	}
	c.origin[s.Key] = origin
	return nil
}
