package config

import (
	"os"
	"slices"

	"go.yaml.in/yaml/v3"
)

// profilesKey is the only key of the file that is not a setting: it contains the
// profiles besides the default one.
const profilesKey = "profiles"

// configFile is a parsed configuration file.
type configFile struct {
	*YAML
	profiles *yaml.Node // nil: it has none
}

// readFile applies a file, except for its profiles.
func (c *Config) readFile(path string) (*configFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	parsed, err := ParseYAML(path, text)
	if err != nil {
		return nil, err
	}
	file := &configFile{YAML: parsed}
	if file.Root != nil {
		o := c.settings(&c.Profile, "the file", "", func(Setting) bool { return true })
		o.Nodes = map[string]func(*yaml.Node){profilesKey: func(node *yaml.Node) { file.profiles = node }}
		file.Read(file.Root, o)
	}
	return file, nil
}

// settings describes the settings that a part of the file may contain.
func (c *Config) settings(p *Profile, name, prefix string, which func(Setting) bool) Object {
	o := Object{
		Name: name, Prefix: prefix, Noun: "settings", Unknown: ErrNoSetting, Fields: make(map[string]Field),
		Taken: func(key, origin string) { c.origin[key] = origin },
	}
	for _, setting := range Settings {
		if which(setting) {
			o.Fields[setting.Key] = setting.field(c, p)
		}
	}
	return o
}

// readProfiles adds the file's profiles. Each is a copy of the default one, changed
// by what the file says.
func (c *Config) readProfiles(file *configFile) {
	if file.profiles == nil {
		return
	}
	if file.profiles.Kind != yaml.MappingNode {
		file.Refuse(file.profiles, "%s must be a mapping of profiles", profilesKey)
		return
	}
	for i := 0; i < len(file.profiles.Content); i += 2 {
		name, settings := file.profiles.Content[i], file.profiles.Content[i+1]
		key := profilesKey + "." + name.Value
		switch {
		case name.Value == defaultProfile:
			file.Refuse(name, "%s: the settings of the default profile belong at the top of the file", key)
			continue
		case !profileName.MatchString(name.Value):
			file.Refuse(name, "%s: a profile's name must be %s", key, allowedProfileName)
			continue
		case slices.ContainsFunc(c.Profiles, func(p Profile) bool { return p.Name == name.Value }):
			file.Refuse(name, "%s: appears twice", key)
			continue
		}
		profile := c.Profile
		profile.Name = name.Value
		file.Read(settings, c.settings(&profile, `"`+key+`"`, key+".", func(s Setting) bool { return s.PerProfile }))
		c.Profiles = append(c.Profiles, profile)
	}
}
