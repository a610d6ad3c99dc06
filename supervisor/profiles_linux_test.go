package supervisor_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// beside adds a profile: a changed copy of the default one.
func beside(c *config.Config, name string, change func(*config.Profile)) {
	p := c.Profile
	p.Name = name
	change(&p)
	c.Profiles = append(c.Profiles, p)
}

func TestProfilesStandBesideEachOther(t *testing.T) {
	s := start(t, func(c *config.Config) {
		small(c)
		beside(c, "plain", func(p *config.Profile) {
			p.Preload, p.PoolSize, p.SpawnMode = nil, 1, protocol.ModeExec
			p.Default.MemoryBytes, p.Max.MemoryBytes = 128<<20, 192<<20
		})
	})
	const script = "import sys\ndef main(): return 'pandas' in sys.modules"
	for profile, want := range map[string]string{"default": "true", "plain": "false"} {
		if a := s.execute(script, fields{"profile": profile}); string(a.Result) != want {
			t.Errorf("%s: %s", profile, a.body)
		}
		s.eventually("cells of "+profile, func() bool { return s.metric("hotcell_cells", "profile="+profile, "state=ready") > 0 })
		if s.metric("hotcell_run_duration_seconds", "profile="+profile) != 1 {
			t.Errorf("%s: not one run is in the metrics", profile)
		}
		if s.metric("hotcell_isolation_layer_held", "profile="+profile, "layer=seccomp") != 1 || s.metric("hotcell_zygote_generation", "profile="+profile) < 1 {
			t.Errorf("%s: no self-test", profile)
		}
	}
	if a := s.execute(script); string(a.Result) != "true" {
		t.Errorf("no profile asked for: %s", a.body)
	}
	if a := s.execute(script, fields{"profile": "plain", "limits": fields{"memory_bytes": 256 << 20}}); a.http != 400 || !strings.Contains(a.body, "is 268435456; the maximum is 201326592") {
		t.Errorf("over the profile's own maximum: %s", a.body)
	}
	if a := s.execute(script, fields{"profile": "none"}); a.http != 400 || a.problem.Code != api.CodeUnknownProfile || !strings.Contains(a.problem.Detail, `"default", "plain"`) {
		t.Errorf("unknown: %s", a.body)
	}
	s.eventually("ready", func() bool { return s.get("/readyz").http == 200 })
	for _, line := range []string{"[+] jail default: ok", "[+] jail plain: ok", "[+] self-test plain: ok", "[+] cells plain: ok"} {
		if text := s.get("/readyz?verbose").body; !strings.Contains(text, line) {
			t.Errorf("%q is not in %s", line, text)
		}
	}
	var info api.Info
	if err := json.Unmarshal([]byte(s.get("/info").body), &info); err != nil {
		t.Fatal(err)
	}
	if p := info.Profiles["plain"]; len(info.Profiles) != 2 || info.DefaultProfile != "default" || p.SpawnMode != protocol.ModeExec ||
		p.Limits.Max["memory_bytes"] != 192<<20 || !p.Isolation["seccomp"] || p.Preload == nil {
		t.Errorf("%+v", info)
	}
}

// The other profiles would have started, but then none serves.
func TestAProfileThatCannotStartIsNamedAndNothingServes(t *testing.T) {
	testkit.NeedsJails(t)
	dir := filepath.Join(state, "named")
	defer os.Remove(dir)
	for name, change := range map[string]func(*config.Profile){
		"no environment": func(p *config.Profile) { p.Python = "/nowhere" },
		"no module":      func(p *config.Profile) { p.Preload = []string{"nosuchmodule"} },
		"no warm-up":     func(p *config.Profile) { p.Warmup = "/nowhere.py" },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config.Default()
			cfg.Listen, cfg.StateDir, cfg.Profile.Python, cfg.Profile.Preload = "127.0.0.1:0", dir, testkit.Python(t), nil
			beside(&cfg, "science", change)
			s, err := supervisor.Start(t.Context(), cfg, discard)
			if err == nil {
				_ = s.Close()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), `"science"`) {
				t.Errorf("%v", err)
			}
			if left := directories(cfg.StateDir); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}

func TestAPoolOfCellsGrowsWithDemandAndShrinksWithoutIt(t *testing.T) {
	s := start(t, func(c *config.Config) {
		c.Profile.Preload = nil
		c.Profile.PoolSize, c.Profile.PoolMax, c.Profile.PoolShrinkAfter = 1, 4, time.Second
	})
	target := func() float64 {
		n := s.metric("hotcell_pool_target")
		if n < 1 || n > 4 {
			t.Fatalf("the target is %v, and its bounds are 1 and 4", n)
		}
		return n
	}
	s.eventually("warm", func() bool { return s.get("/readyz").http == 200 })
	if target() != 1 {
		t.Errorf("at first %v", target())
	}
	s.eventually("it has grown", func() bool {
		var clients sync.WaitGroup
		for range 6 {
			clients.Go(func() { s.execute("import time\ndef main(): time.sleep(0.1)") })
		}
		clients.Wait()
		return target() == 4
	})
	s.eventually("so many are ready", func() bool { target(); return s.metric("hotcell_cells", "state=ready") > 1 })
	if s.metric("hotcell_pool_resizes_total", "reason=misses")+s.metric("hotcell_pool_resizes_total", "reason=demand") == 0 {
		t.Error("it does not say why it grew")
	}
	s.eventually("it has shrunk", func() bool { return target() == 1 && s.metric("hotcell_cells", "state=ready") == 1 })
	if s.metric("hotcell_pool_resizes_total", "reason=idle") == 0 {
		t.Error("it does not say why it shrank")
	}
	pids, _ := s.cells()
	if len(pids) > 2 {
		t.Errorf("%d cells are left of those that went", len(pids))
	}
}
