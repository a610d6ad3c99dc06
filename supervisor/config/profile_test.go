package config_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/supervisor/config"
)

// A profile is a copy of the default one after flags and environment, with the
// changes that it lists.
func TestProfilesOfTheFileAreCopiesOfTheDefaultOneWithChanges(t *testing.T) {
	path := configFile(t, `
pool_size: 5
profiles:
  science:
    python: /opt/science
    preload: [scipy.linalg, sklearn.base]
    environment: [A=1, 'B=x y=z']
    warmup: /opt/warmup.py
    spawn_mode: exec
    pool_size: 2
    pool_max: 9
    pool_shrink_after: 5s
    limits:
      default: {memory: 512MiB}
      max:
        memory: 2GiB
  same:
limits:
  max: {wall: 30s}
`)
	c, err := config.Load(map[string]string{"config": path, "refill-parallel": "7"}, []string{"HOTCELL_LIMITS_DEFAULT_WALL=3s", "HOTCELL_PYTHON=/opt/default"})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Profiles) != 2 || c.Profile.Name != "default" {
		t.Fatalf("%+v", c.Profiles)
	}
	p := c.Profiles[0]
	if p.Name != "science" || p.Python != "/opt/science" || !slices.Equal(p.Preload, []string{"scipy.linalg", "sklearn.base"}) || p.Warmup != "/opt/warmup.py" || !slices.Equal(p.Environment, []string{"A=1", "B=x y=z"}) ||
		p.SpawnMode != "exec" || p.PoolSize != 2 || p.PoolMax != 9 || p.PoolShrinkAfter != 5*time.Second || p.Default.MemoryBytes != 512<<20 || p.Max.MemoryBytes != 2<<30 {
		t.Errorf("what it says: %+v", p)
	}
	if p.RefillParallel != 7 || p.Default.Wall != 3*time.Second || p.Max.Wall != 30*time.Second || p.CellMaxAge != time.Hour {
		t.Errorf("what it does not say: %+v", p)
	}
	if d := c.Profile; d.Python != "/opt/default" || d.PoolSize != 5 || d.PoolMax != 0 || d.Max.MemoryBytes != 1<<30 || !slices.Contains(d.Preload, "pandas") {
		t.Errorf("the default one changed: %+v", d)
	}
	if same := c.Profiles[1]; same.Name != "same" || same.Python != "/opt/default" || same.PoolSize != 5 {
		t.Errorf("one that says nothing: %+v", same)
	}
}

func TestAPoolSizeThatNobodySetsIsAtMostPoolMax(t *testing.T) {
	for text, want := range map[string][2]int{
		"pool_max: 12\nprofiles: {a: {}}":              {12, 12},
		"pool_max: 12\nprofiles: {a: {pool_max: 40}}":  {12, config.Default().Profile.PoolSize},
		"profiles: {a: {pool_max: 4}}":                 {config.Default().Profile.PoolSize, 4},
		"pool_size: 3\nprofiles: {a: {pool_max: 4}}":   {3, 3},
		"pool_max: 40\nprofiles: {a: {pool_size: 20}}": {config.Default().Profile.PoolSize, 20},
		"profiles: {a: {pool_max: 0}}":                 {config.Default().Profile.PoolSize, config.Default().Profile.PoolSize},
	} {
		c, err := config.Load(map[string]string{"config": configFile(t, text)}, nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := [2]int{c.Profile.PoolSize, c.Profiles[0].PoolSize}; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestBadProfilesAreNamedWithTheirOrigin(t *testing.T) {
	cases := []struct {
		name, file string
		want       []string
	}{
		{"a value", "profiles:\n  science:\n    pool_size: many", []string{"hotcell.yaml:3", "profiles.science.pool_size", `"many"`, "from 0 to 10000"}},
		{"a value below", "profiles:\n  science:\n    limits:\n      max: {wall: 1}", []string{"hotcell.yaml:4", "profiles.science.limits.max.wall", `"1"`, "1.5s"}},
		{"a variable", "profiles:\n  science:\n    environment: [A]", []string{"hotcell.yaml:3", "profiles.science.environment", `"A"`, "NAME=value"}},
		{"an unknown key", "profiles:\n  science:\n    pythn: /x", []string{"hotcell.yaml:3", "profiles.science.pythn", "unknown setting"}},
		{"a setting of the server", "profiles:\n  science:\n    listen: :80", []string{"profiles.science.listen", "unknown setting"}},
		{"profiles in a profile", "profiles:\n  a:\n    profiles: {b: {}}", []string{"profiles.a.profiles", "unknown setting"}},
		{"a key twice", "profiles:\n  a:\n    pool_size: 1\n    pool_size: 2", []string{"profiles.a.pool_size: appears twice"}},
		{"a profile twice", "profiles:\n  a: {}\n  a: {}", []string{"hotcell.yaml:3", "profiles.a: appears twice"}},
		{"profiles twice", "profiles: {a: {}}\nprofiles: {b: {}}", []string{"profiles: appears twice"}},
		{"the default profile", "profiles:\n  default: {pool_size: 1}", []string{"hotcell.yaml:2", "profiles.default", "top of the file"}},
		{"a name", "profiles:\n  Big One: {}", []string{"hotcell.yaml:2", "Big One", "lower-case letter"}},
		{"a name with a dot", "profiles:\n  a.b: {}", []string{"a.b", "lower-case letter"}},
		{"no mapping", "profiles: [a]", []string{"hotcell.yaml:1", "profiles must be a mapping of profiles"}},
		{"a value instead of a profile", "profiles:\n  a: 4", []string{"hotcell.yaml:2", `"profiles.a" must be a mapping of settings`}},
		{"a default over its maximum", "limits:\n  max: {wall: 30s}\nprofiles:\n  a:\n    limits:\n      default: {wall: 40s}",
			[]string{"profiles.a.limits.default.wall", `"40s"`, "hotcell.yaml:6", "profiles.a.limits.max.wall, which is 30s (", "hotcell.yaml:2"}},
		{"a largest size below the least", "pool_size: 9\npool_max: 4", []string{`pool_max = "4"`, "hotcell.yaml:2", "at least pool_size, which is 9 (", "hotcell.yaml:1"}},
		{"that of a profile", "pool_size: 9\nprofiles:\n  a: {pool_max: 4}", []string{`profiles.a.pool_max = "4"`, "hotcell.yaml:3", "profiles.a.pool_size, which is 9"}},
		{"an address for an API that is not served", "compat: [dify]\ncompat_listen: {piston: ':81'}",
			[]string{`compat_listen.piston = ":81"`, "hotcell.yaml:2", "compat (", "hotcell.yaml:1) does not have piston"}},
		{"an address for two APIs", "compat_listen: {dify: ':81', piston: ':81'}", []string{`compat_listen.piston = ":81"`, "compat_listen.dify has that address"}},
		{"an address twice", "compat_listen: {dify: [':81', ':81']}", []string{"compat_listen.dify has that address"}},
		{"the address of the server for an API", "listen: ':81'\ncompat_listen: {dify: ':81'}", []string{"compat_listen.dify", "listen has that address"}},
		{"where webhooks may go", "webhook_allow: [hooks.example.com, localhost, 10.1.0.0/8]", []string{"webhook_allow (", "hotcell.yaml:1)", `"localhost": `, `"10.1.0.0/8": `, "10.0.0.0/8 is the range"}},
		{"several at once", "pool_size: x\nprofiles:\n  a: {pool_size: y}", []string{`"x"`, `"y"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := config.Load(map[string]string{"config": configFile(t, c.file)}, nil)
			if err == nil {
				t.Fatal("it was taken")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

// Flags and environment set only the default profile.
func TestOnlyTheFileHasProfiles(t *testing.T) {
	if _, err := config.Load(nil, []string{"HOTCELL_PROFILES_SCIENCE_POOL_SIZE=2"}); err == nil || !strings.Contains(err.Error(), "unknown setting") {
		t.Errorf("%v", err)
	}
}
