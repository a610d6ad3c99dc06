package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail/seccomp"
)

func TestUsersAreToldWhatIsWrongAndWhatToDo(t *testing.T) {
	dir := t.TempDir()
	empty, keys := filepath.Join(dir, "empty.key"), filepath.Join(dir, "keys.yaml")
	write(t, empty, "")
	write(t, keys, "- nam: a\n")
	const listen = "--listen 127.0.0.1:0"
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte("tea"))
	}))
	defer other.Close()
	elsewhere := other.URL
	for _, c := range []struct {
		command string // its words are separated by spaces
		status  int
		stderr  string // a part
	}{
		{"", 2, "usage: hotcell COMMAND"},
		{"sevre", 2, "hotcell: unknown command \"sevre\"\nhint: did you mean serve?"},
		{"xyz", 2, "hotcell: unknown command \"xyz\"\nhint: hotcell --help lists the commands"},
		{"HOTCELL_URL=http://127.0.0.1:1 top --once", 125, "GET http://127.0.0.1:1/metrics: "},
		{"run script.py", 2, "unknown command \"run\"\nhint: did you mean exec? hotcell --help"},
		{"help tpo", 2, "unknown command \"tpo\"\nhint: did you mean "},
		{"version x", 2, "version takes no arguments"},

		{"serve --lisen x", 2, "unknown flag: --lisen\nhint: hotcell serve --help"},
		{"serve now", 2, `["now"]`},
		{"serve --listen", 2, "flag needs an argument: --listen\nhint: hotcell serve --help"},
		{"serve --pool-size x", 2, "flag --pool-size: pool_size = \"x\": must be a whole number from 0 to 10000\nhint: hotcell serve --help"},
		{"serve -pool-size x", 2, "flag --pool-size: pool_size = \"x\""},
		{"HOTCELL_MAX_BODY=1TB serve", 2, "environment HOTCELL_MAX_BODY"},
		{"serve --keys " + keys + " " + listen, 2, "keys.yaml:1: nam: unknown field\nhint: https://github.com/hotcell/hotcell/blob/main/docs/keys.md describes the file"},
		{"serve --keys /nowhere " + listen, 2, "open /nowhere: no such file"},
		{"serve --listen 0.0.0.0:0", 2, "without keys hotcell listens on loopback only\nhint: make a key with hotcell key new"},

		{"serve --check --keys /nowhere " + listen, 2, "cannot use the keys file: open /nowhere: no such file"},
		{"serve --check --listen 0.0.0.0:0", 2, "listen (flag --listen): listen on 0.0.0.0:0: without keys"},
		{"serve --check --python /usr " + listen, 2, "profile \"default\": python environment \"/usr\": not a virtual environment"},
		{"serve --check --nsjail /nowhere " + listen, 2, "the setting nsjail names no program that can run"},
		{"serve --check --nsjail /usr/bin/false " + listen, 2, "the nsjail program does not run: /usr/bin/false --help: exit status 1"},
		{"serve --check --allow-missing seccom " + listen, 2, "\"seccom\" is not a layer"},
		{"serve --check --max-connections 1000000 " + listen, 2, "max_connections is 1000000 (flag --max-connections), but RLIMIT_NOFILE"},
		{"serve --print-config --pool-size x", 2, "flag --pool-size: pool_size"},
		{"serve --uid-base 5", 2, "flag --uid-base: uid_base = \"5\": must be a whole number from 1000"},
		{"serve --listen 127.0.0.1:9 --admin-listen 127.0.0.1:9", 2, "admin_listen = \"127.0.0.1:9\" (flag --admin-listen): listen has that address"},

		{"serve --nsjail /nowhere " + listen, 2, "the setting nsjail names no program that can run"},
		{"serve --python /nowhere " + listen, 2, "python environment \"/nowhere\""},
		{"serve --warmup /nowhere " + listen, 2, "warmup: open /nowhere"},
		{"serve --allow-missing seccom " + listen, 2, "is not a layer"},
		{"exec --python /nowhere /dev/null", 2, "python environment \"/nowhere\""},

		{"HOTCELL_LISTN=x exec -", 2, "HOTCELL_LISTN"},
		{"exec", 2, "exec takes one FILE, and was given []\nhint: hotcell exec --help"},
		{"exec /nowhere.py", 2, "/nowhere.py: no such file"},
		{"exec --arg text -", 2, `'"text"'`},
		{"exec --kwarg n -", 2, "use NAME=JSON, such as n=1"},
		{"exec - more", 2, "exec takes one FILE, and was given [\"more\"] after it: for the arguments of main use --arg, for those of a program --mode program"},
		{"exec --mode program --arg 1 -", 2, "--arg is for main: write the arguments of a program after --, as in FILE -- 1"},
		{"exec --mode program --kwarg n=1 -", 2, "--kwarg is for main, which --mode program does not call"},
		{"exec --mode programm /dev/null", 2, `/mode: unknown mode "programm"; available: "cell", "function", "program"`},
		{"exec --file /nowhere.csv -", 2, "open /nowhere.csv: no such file"},
		{"exec --file / -", 2, "read /: is a directory"},
		{"exec --collect /dev/null/x /dev/null", 2, "--collect: mkdir /dev/null"},
		{"doctor x", 2, "doctor takes no arguments"},

		{"key", 2, "hotcell key needs a command\nhint: hotcell key --help"},
		{"key old a", 2, `unknown command "old"`},
		{"key new a b", 2, "key new takes one NAME"},
		{"key new a\tb", 2, `name = "a\tb": must be`},
		{"key new a --rights root", 2, `rights = "root": must be some of ["execute" "sessions" "admin"]`},
		{"key list", 2, "no keys file: name it with --keys FILE, --config FILE or HOTCELL_KEYS\nhint: hotcell key list --help"},
		{"key list x", 2, "key list takes no arguments"},
		{"key list --keys /nowhere", 2, "open /nowhere: no such file"},
		{"key list --keys " + keys, 2, "keys.yaml:1: nam: unknown field"},
		{"HOTCELL_KEYS=" + keys + " key revoke a", 2, "keys.yaml:1: nam: unknown field"},
		{"key revoke --keys " + keys, 2, "key revoke takes one NAME"},
		{"profile build", 2, "was given []\nhint: hotcell profile build --help"},
		{"profile build x", 2, "profile build takes REQUIREMENTS and DIRECTORY, and was given [\"x\"]"},
		{"profile", 2, "hotcell profile needs a command\nhint: hotcell profile --help"},
		{"profile bild x y", 2, "unknown command \"bild\"\nhint: did you mean build?"},
		{"seccomp --for podmen", 2, `--for "podmen": the only format is docker's: use --for docker`},

		{"profile build /nowhere /nowhere/env", 2, "requirements: open /nowhere"},
		{"man", 2, "man takes one DIRECTORY"},
		{"man /nowhere", 2, "/nowhere/hotcell"},
		{"completion", 2, "hotcell completion needs a command"},
		{"completion csh", 2, "unknown command \"csh\""},
		{"completion bash x", 2, "completion bash takes no arguments"},

		{"top http://127.0.0.1:1", 125, "connection refused\nhint: nothing listens there"},
		{"top 127.0.0.1:8080", 2, "invalid server URL"},
		{"top http://a http://b", 2, "top takes one URL"},
		{"top --interval 1ms", 2, "must be at least 100ms"},
		{"top --key-file /nowhere.key", 2, "--key-file: open /nowhere.key"},
		{"top --key-file " + empty, 2, "is empty"},

		{"tty http://127.0.0.1:1", 125, "connect to http://127.0.0.1:1/tty: dial tcp 127.0.0.1:1: connect: connection refused\nhint: nothing listens there"},
		{"top --once http://nosuch.invalid", 125, "hint: check the name in the address\n"},
		{"top --once " + elsewhere, 125, "HTTP 418, type \"text/plain\": \"tea\"\nhint: another server, or a proxy, answers there"},
		{"tty " + elsewhere, 125, "HTTP 418, type \"text/plain\": \"tea\"\nhint: another server, or a proxy, answers there"},
		{"top --once " + strings.Replace(elsewhere, "http:", "https:", 1), 125, "hint: the server there speaks HTTP without TLS: begin the address with http://"},
		{"top --once http://127.0.0.1:65536", 2, "invalid server URL"},
		{"tty http://", 2, "invalid server URL"},
		{"tty a b", 2, "tty takes one URL"},
		{"tty --limit cpu_ms=x", 2, "cpu_ms=x"},
		{"tty --script /nowhere.py", 2, "/nowhere.py"},
		{"mcp ftp://a", 2, "invalid server URL"},
	} {
		t.Run(c.command, func(t *testing.T) {
			words := strings.Split(c.command, " ")
			var env []string
			if strings.HasPrefix(words[0], "HOTCELL_") {
				env, words = words[:1], words[1:]
			}
			if c.command == "" {
				words = nil
			}
			cmd := hotcell(t, words...)
			cmd.Env = append(cmd.Env, env...)
			if status, stdout, stderr := testkit.Outcome(t, cmd); status != c.status || stdout != "" || !strings.Contains(stderr, c.stderr) {
				t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
			}
		})
	}
}

func TestSettingsAreCheckedAndPrintedWithoutAServer(t *testing.T) {
	status, stdout, stderr := testkit.Outcome(t, hotcell(t, "serve", "--check", "--listen", "127.0.0.1:0", "--pool-size", "0"))
	if status != 0 || stdout != "" || !strings.Contains(stderr, "warning: pool_size = \"0\"") || !strings.Contains(stderr, "nothing is wrong with the settings") {
		t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
	}
	dir := t.TempDir()
	keys, secrets := filepath.Join(dir, "keys.yaml"), filepath.Join(dir, "secrets.yaml")
	write(t, keys, "- {name: reports, sha256: "+strings.Repeat("1", 64)+", rights: execute}\n")
	write(t, secrets, "- {name: ci, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, keys: [reports, reprots]}\n")
	if err := os.Chmod(secrets, 0o600); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr = testkit.Outcome(t, hotcell(t, "serve", "--check", "--listen", "127.0.0.1:0", "--keys", keys, "--webhook-secrets", secrets))
	if status != 0 || stdout != "" || strings.Count(stderr, "warning: ") != 1 || !strings.Contains(stderr, `warning: `+secrets+`: secret "ci": keys names "reprots", which `+keys+" does not have\n") {
		t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
	}
	status, stdout, stderr = testkit.Outcome(t, hotcell(t, "serve", "--print-config", "--max-running", "7"))
	if status != 0 || !strings.Contains(stdout, "\nmax_running: 7") || !strings.Contains(stdout, "# flag --max-running\n") || !strings.Contains(stdout, "# environment HOTCELL_PYTHON\n") || stderr != "" {
		t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
	}
}

func TestHelpAndVersionGoToStandardOutput(t *testing.T) {
	for command, want := range map[string]string{
		"help":         "serve POST /execute over HTTP",
		"--help":       "usage: hotcell COMMAND",
		"help top":     "usage: hotcell top [flags] [URL]",
		"help key new": "usage: hotcell key new [flags] NAME",
		"serve --help": "--limits-max-memory (1GiB)\n",
		"serve -h":     "--limits-max-memory (1GiB)\n",
		"exec --help":  "124  its wall clock",
		"version":      " go1.",
		"--version":    " go1.",
		"-version":     " go1.",
		"seccomp":      string(seccomp.EngineProfile()),
	} {
		if status, stdout, stderr := testkit.Outcome(t, hotcell(t, strings.Fields(command)...)); status != 0 || !strings.Contains(stdout, want) || stderr != "" {
			t.Errorf("%s: %d\nstdout: %s\nstderr: %s", command, status, stdout, stderr)
		}
	}
	if !json.Valid(seccomp.EngineProfile()) {
		t.Error("the seccomp profile is not JSON")
	}
}

func TestShellsCompleteCommandsAndFlags(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script := filepath.Join(t.TempDir(), shell)
		status, stdout, stderr := testkit.Outcome(t, hotcell(t, "completion", shell))
		if write(t, script, stdout); status != 0 || stderr != "" || !strings.Contains(stdout, "__complete") {
			t.Errorf("%s: %d %s", shell, status, stderr)
		}
		if program, err := exec.LookPath(shell); err == nil {
			if out, err := exec.Command(program, "-n", script).CombinedOutput(); err != nil {
				t.Errorf("%s does not take its script: %v %s", shell, err, out)
			}
		}
	}
	for typed, want := range map[string]string{"se": "serve\tserve POST", "serve --pool-s": "--pool-size\t", "key n": "new\t", "tty --l": "--limit\t"} {
		_, stdout, _ := testkit.Outcome(t, hotcell(t, append([]string{"__complete"}, strings.Fields(typed)...)...))
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is completed to %q", typed, stdout)
		}
	}
	for typed, want := range map[string]string{ // what stands before the last space has been typed
		"exec --mode ":         "function\nprogram\ncell\n:4\n",
		"exec --stdin ":        ":0\n",
		"exec ":                ":0\n",
		"batch --compare ":     "trim\nexact\ntokens\nfloat\n:4\n",
		"tty --limit ":         "wall_ms=\ncpu_ms=\nmemory_bytes=\ndisk_bytes=\nprocesses=\n:6\n",
		"tty ":                 ":4\n",
		"tty --key-file ":      ":0\n",
		"top --interval ":      ":4\n",
		"key new --rights ":    "execute\nsessions\nadmin\n:6\n",
		"key revoke --keys ":   ":0\n",
		"profile add ":         ":4\n",
		"doctor --spawn-mode ": "fork\nexec\n:4\n",
		"help key n":           "new\nlist\nrevoke\n:4\n",
		"man ":                 ":0\n",
	} {
		words := strings.Split(typed, " ")
		if _, stdout, _ := testkit.Outcome(t, hotcell(t, append([]string{"__completeNoDesc"}, words...)...)); stdout != want {
			t.Errorf("%q is completed to %q, want %q", typed, stdout, want)
		}
	}
}

func TestEachCommandAndFlagHasItsManPage(t *testing.T) {
	dir := t.TempDir()
	if status, _, stderr := testkit.Outcome(t, hotcell(t, "man", dir)); status != 0 || stderr != "" {
		t.Fatalf("%d %s", status, stderr)
	}
	var check func(*cobra.Command)
	check = func(c *cobra.Command) {
		page, err := os.ReadFile(filepath.Join(dir, strings.ReplaceAll(c.CommandPath(), " ", "-")+".1"))
		if err != nil {
			t.Error(err)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(string(page), "--"+f.Name) {
				t.Errorf("the page of %s does not have --%s", c.CommandPath(), f.Name)
			}
		})
		for _, below := range c.Commands() {
			check(below)
		}
	}
	check(rootCommand())
}
