package testkit

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

var span = regexp.MustCompile("`([^`]+)`")

// Rights returns what hotcell's user of a NATS cluster needs by the documentation: "publish", or
// "subscribe", and a subject, which may have NAME in place of one of the streams.
func Rights(t testing.TB) (rights, streams []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Checkout(), "docs", "fleet.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Rights in a NATS cluster\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 {
			continue
		}
		for _, found := range span.FindAllStringSubmatch(cells[1], -1) {
			for kind := range strings.SplitSeq(strings.TrimPrefix(cells[0], "| "), " and ") {
				if kind == "stream" {
					streams = append(streams, found[1])
				} else {
					rights = append(rights, kind+" "+found[1])
				}
			}
		}
	}
	if len(rights)*len(streams) == 0 {
		t.Fatal("the documentation has no rights in a NATS cluster")
	}
	return rights, streams
}

// LimitedUsers starts a NATS server with an account for each of some users, who have the rights
// of [Rights] but the one that without takes. It returns the URL at which each connects.
func LimitedUsers(t testing.TB, without map[string]string) (url func(user string) string) {
	t.Helper()
	rights, streams := Rights(t)
	var config strings.Builder
	fmt.Fprintf(&config, "listen: \"127.0.0.1:-1\"\njetstream: {store_dir: %q}\naccounts {\n", t.TempDir())
	for user, taken := range without {
		fmt.Fprintf(&config, "%s: {jetstream: enabled, users: [{user: %s, password: x, permissions: {", user, user)
		for _, kind := range []string{"publish", "subscribe"} {
			fmt.Fprintf(&config, "%s: [", kind)
			for _, right := range rights {
				subject, is := strings.CutPrefix(right, kind+" ")
				if !is || right == taken {
					continue
				}
				for _, stream := range streams {
					fmt.Fprintf(&config, "%q, ", strings.ReplaceAll(subject, "NAME", stream))
				}
			}
			config.WriteString("], ")
		}
		config.WriteString("}}]}\n")
	}
	config.WriteString("}\n")
	path := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(path, []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	options, err := server.ProcessConfigFile(path)
	if err != nil {
		t.Fatal(err)
	}
	options.NoSigs, options.NoLog = true, true
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(Patience) {
		t.Fatal("the server does not start")
	}
	return func(user string) string { return strings.Replace(s.ClientURL(), "//", "//"+user+":x@", 1) }
}

// EachRightIsNamed fails the test unless, for each of the [Rights] that of selects, the log names
// it when a user who lacks it does something, until stop is closed.
func EachRightIsNamed(t *testing.T, of func(right string) bool, do func(t *testing.T, url string, log *Log, stop <-chan struct{})) {
	t.Helper()
	rights, _ := Rights(t)
	without := make(map[string]string)
	for number, right := range slices.DeleteFunc(rights, func(right string) bool { return !of(right) }) {
		without[fmt.Sprint("user", number)] = right
	}
	url := LimitedUsers(t, without)
	for user, right := range without {
		t.Run(right, func(t *testing.T) {
			t.Parallel()
			kind, subject, _ := strings.Cut(right, " ")
			pattern := strings.NewReplacer(`\*`, `[^."]+`, `NAME`, `[^."]+`, `>`, `[^"]+`).Replace(regexp.QuoteMeta(subject))
			named := regexp.MustCompile(map[string]string{"publish": "Publish", "subscribe": "Subscription"}[kind] + ` to \\?"` + pattern)
			var log Log
			stop, done := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(done)
				do(t, url(user), &log, stop)
			}()
			Eventually(t, "the log names the right", func() bool { return named.MatchString(log.String()) }, log.String)
			close(stop)
			<-done
		})
	}
}
