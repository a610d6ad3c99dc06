package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/supervisor/config"
)

func configFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hotcell.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaultsAreValidAndPrintAsTheyAreRead(t *testing.T) {
	defaults := config.Default()
	env := []string{"PATH=/bin"}
	for _, s := range config.Settings {
		env = append(env, s.Env()+"="+s.Value(&defaults))
	}
	c, err := config.Load(nil, env)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range config.Settings {
		if got, want := s.Value(&c), s.Value(&defaults); got != want {
			t.Errorf("%s: %q, want %q", s.Key, got, want)
		}
		if s.Help == "" || s.Group == "" {
			t.Errorf("%s has no help", s.Key)
		}
	}
}

func TestFlagsGoBeforeEnvironmentBeforeFileBeforeDefaults(t *testing.T) {
	path := configFile(t, "pool_size: 1\nmax_running: 1\nmax_waiting: 1\nlimits:\n  max:\n    wall: 30s\n")
	c, err := config.Load(
		map[string]string{"config": path, "pool-size": "3"},
		[]string{"HOTCELL_POOL_SIZE=2", "HOTCELL_MAX_RUNNING=2"},
	)
	if err != nil {
		t.Fatal(err)
	}
	if c.Profile.PoolSize != 3 || c.MaxRunning != 2 || c.MaxWaiting != 1 || c.MaxWait != 10*time.Second || c.Profile.Max.Wall != 30*time.Second {
		t.Errorf("%+v", c)
	}
}

func TestTheFileIsNamedByFlagOrEnvironment(t *testing.T) {
	one, two := configFile(t, "pool_size: 1"), configFile(t, "pool_size: 2")
	c, err := config.Load(nil, []string{"HOTCELL_CONFIG=" + one})
	if err != nil || c.Profile.PoolSize != 1 {
		t.Errorf("environment: %d, %v", c.Profile.PoolSize, err)
	}
	c, err = config.Load(map[string]string{"config": two}, []string{"HOTCELL_CONFIG=" + one})
	if err != nil || c.Profile.PoolSize != 2 {
		t.Errorf("flag: %d, %v", c.Profile.PoolSize, err)
	}
	if _, err = config.Load(map[string]string{"config": "/nowhere"}, nil); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "--config") {
		t.Errorf("missing: %v", err)
	}
}

func TestListsAreWrittenWithCommasOrAsYAML(t *testing.T) {
	for _, text := range []string{"preload: numpy, json.decoder", "preload: [numpy, json.decoder]", "preload:\n- numpy\n- json.decoder"} {
		c, err := config.Load(map[string]string{"config": configFile(t, text)}, nil)
		if err != nil || !slices.Equal(c.Profile.Preload, []string{"numpy", "json.decoder"}) {
			t.Errorf("%q: %q, %v", text, c.Profile.Preload, err)
		}
	}
	for _, text := range []string{"preload: []", `preload: ""`} {
		c, err := config.Load(map[string]string{"config": configFile(t, text)}, nil)
		if err != nil || len(c.Profile.Preload) != 0 {
			t.Errorf("%q: %q, %v", text, c.Profile.Preload, err)
		}
	}
}

// Each bad value is refused with its key, the value, what is allowed and where it
// comes from.
func TestBadValuesAreNamedWithTheirOrigin(t *testing.T) {
	cases := []struct {
		name, file string
		flags      map[string]string
		env        []string
		want       []string
	}{
		{name: "a number in the file", file: "\npool_size: many", want: []string{"hotcell.yaml:2", "pool_size", `"many"`, "from 0 to 10000"}},
		{name: "a number in the environment", env: []string{"HOTCELL_MAX_RUNNING=0"}, want: []string{"environment HOTCELL_MAX_RUNNING", `"0"`, "from 1 to"}},
		{name: "a flag", flags: map[string]string{"max-body": "8MB"}, want: []string{"flag --max-body", `"8MB"`, "64MiB"}},
		{name: "an address", flags: map[string]string{"listen": "8080"}, want: []string{"host:port"}},
		{name: "a port", flags: map[string]string{"listen": ":70000"}, want: []string{"host:port, with a port from 0 to 65535"}},
		{name: "a choice", env: []string{"HOTCELL_SPAWN_MODE=forks"}, want: []string{`["fork" "exec"]`}},
		{name: "a level", env: []string{"HOTCELL_LOG_LEVEL=loud"}, want: []string{"debug"}},
		{name: "a duration without a unit", file: "max_wait: 10", want: []string{"max_wait", `"10"`, "1.5s"}},
		{name: "a module", file: "preload: [os; rm]", want: []string{"preload", "os; rm"}},
		{name: "a limit", file: "limits:\n  max:\n    memory: 1", want: []string{"hotcell.yaml:3", "limits.max.memory", "16MiB"}},
		{name: "an unknown key", file: "pool_sise: 4", want: []string{"hotcell.yaml:1", "pool_sise", "unknown setting"}},
		{name: "an unknown key below", file: "limits:\n  max:\n    wal: 4s", want: []string{"limits.max.wal", "unknown setting"}},
		{name: "a key twice", file: "pool_size: 4\npool_size: 5", want: []string{"pool_size"}},
		{name: "a list where none belongs", file: "pool_size: [4]", want: []string{"pool_size", "from 0"}},
		{name: "an object where none belongs", file: "pool_size: {a: 4}", want: []string{"pool_size", "from 0"}},
		{name: "a list of objects", file: "preload: [{a: 4}]", want: []string{"preload"}},
		{name: "nothing", file: "pool_size:", want: []string{"pool_size", "from 0"}},
		{name: "a value where a group belongs", file: "limits: 4", want: []string{"limits", "settings"}},
		{name: "no mapping", file: "- a", want: []string{"settings"}},
		{name: "two documents", file: "pool_size: 1\n---\npool_size: 2", want: []string{"more than one"}},
		{name: "no YAML", file: "a: [", want: []string{"hotcell.yaml"}},
		{name: "an unknown variable", env: []string{"HOTCELL_POOLSIZE=4"}, want: []string{"HOTCELL_POOLSIZE", "unknown setting"}},
		{name: "a default over its maximum", env: []string{"HOTCELL_LIMITS_MAX_WALL=5s"},
			want: []string{"limits.default.wall", `"10s"`, "the default", "limits.max.wall", "5s", "environment HOTCELL_LIMITS_MAX_WALL"}},
		{name: "a system's uid", flags: map[string]string{"uid-base": "5"}, want: []string{"flag --uid-base", "uid_base", `"5"`, "from 1000"}},
		{name: "an address twice", flags: map[string]string{"listen": "127.0.0.1:99", "admin-listen": "localhost:99"}, want: []string{"admin_listen", `"localhost:99"`, "flag --admin-listen", "listen has that address"}},
		{name: "an address of all", flags: map[string]string{"listen": ":99", "admin-listen": "127.0.0.1:99"}, want: []string{"listen has that address"}},
		{name: "an API's address twice", env: []string{"HOTCELL_COMPAT_LISTEN_E2B=[::1]:99,[::1]:99"}, want: []string{"compat_listen.e2b", "has that address"}},
		{name: "several at once", env: []string{"HOTCELL_POOL_SIZE=x", "HOTCELL_LISTEN=y"}, want: []string{"pool_size", "listen"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			flags := c.flags
			if c.file != "" {
				flags = map[string]string{"config": configFile(t, c.file)}
			}
			_, err := config.Load(flags, c.env)
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

// Kubernetes sets HOTCELL_PORT and other variables for a Service named hotcell, and people
// those of clients, in the shell in which they start a server.
func TestVariablesThatAreNotOursAreLeftAlone(t *testing.T) {
	env := []string{"HOTCELL_PORT=tcp://10.0.0.1:80", "HOTCELL_PORT_80_TCP_ADDR=10.0.0.1", "HOTCELL_SERVICE_HOST=10.0.0.1", "HOTCELL_TEST_LOG=1", "HOTCELL_URL=http://127.0.0.1:8081", "HOTCELL_KEY=x"}
	if _, err := config.Load(nil, env); err != nil {
		t.Error(err)
	}
}

func TestAnEmptyFileChangesNothing(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n"} {
		_, err := config.Load(map[string]string{"config": configFile(t, text)}, nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A path in the file is relative to the file, one elsewhere to the working directory.
func TestPathsAreRelativeToWhereTheyStand(t *testing.T) {
	path := configFile(t, "keys: keys.yaml\npython: ../env\nnsjail: nsjail\nstate_dir: /abs\nprofiles: {other: {root: root, nsjail: ./bin/nsjail}}")
	t.Chdir(t.TempDir())
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(map[string]string{"config": path, "warmup": "warm.py"}, []string{"HOTCELL_ROOT=a/../root"})
	if err != nil {
		t.Fatal(err)
	}
	of := filepath.Dir(path)
	for _, pair := range [][2]string{
		{c.Keys, of + "/keys.yaml"}, {c.Profile.Python, filepath.Dir(of) + "/env"}, {c.Profile.Nsjail, "nsjail"}, {c.StateDir, "/abs"},
		{c.Profiles[0].Root, of + "/root"}, {c.Profiles[0].Nsjail, of + "/bin/nsjail"}, {c.Profile.Warmup, dir + "/warm.py"}, {c.Profile.Root, dir + "/root"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%q, want %q", pair[0], pair[1])
		}
	}
}

// What is printed says the same when it is read, and where each value came from.
func TestWhatIsPrintedIsReadAgain(t *testing.T) {
	path := configFile(t, "listen: '[::1]:80'\nenvironment: ['A=x: y # z', B=]\nprofiles:\n  other:\n    pool_size: 3\n    limits: {max: {wall: 2m}}\n  same: {}\n")
	c, err := config.Load(map[string]string{"config": path, "max-running": "7"}, []string{"HOTCELL_LOG_LEVEL=warn"})
	if err != nil {
		t.Fatal(err)
	}
	printed := c.Print()
	for _, want := range []string{"\"[::1]:80\"", path + ":1\n", "# flag --max-running\n", "# environment HOTCELL_LOG_LEVEL\n", "# the default\n", path + ":5\n"} {
		if !strings.Contains(printed, want) {
			t.Errorf("%s\ndoes not have %q", printed, want)
		}
	}
	again, err := config.Load(map[string]string{"config": configFile(t, printed)}, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	for _, s := range config.Settings {
		if got, want := s.Value(&again), s.Value(&c); got != want {
			t.Errorf("%s: %q, want %q", s.Key, got, want)
		}
	}
	if len(again.Profiles) != 2 || again.Profiles[0].PoolSize != 3 || again.Profiles[0].Max.Wall != 2*time.Minute || again.Profiles[1].PoolSize != c.Profile.PoolSize {
		t.Errorf("%+v", again.Profiles)
	}
}

func TestWhatFewWouldWantIsSaid(t *testing.T) {
	c, err := config.Load(map[string]string{"pool-size": "0", "uid-base": "65000", "uid-count": "1000"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(c.Warnings(), "\n")
	for _, want := range []string{`pool_size = "0" (flag --pool-size)`, "uid_base = \"65000\" (flag --uid-base)", "nobody"} {
		if !strings.Contains(said, want) {
			t.Errorf("%s\ndoes not say %q", said, want)
		}
	}
	if usual := strings.Join(config.Default().Warnings(), ""); strings.Contains(usual, "pool_size") {
		t.Errorf("the defaults: %q", usual)
	}
}

func TestAPasswordInAnAddressIsNotRepeated(t *testing.T) {
	_, err := config.Load(map[string]string{"nats": "nats://a:4222,nats://me:s3cret@b:4222"}, nil)
	if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "nats://a:4222,nats://…@b:4222") {
		t.Errorf("%v", err)
	}
}
