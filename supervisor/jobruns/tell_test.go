package jobruns_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/jobs"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/jobruns"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/webhooks"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// ended leaves jobs that have ended in a new directory, whose webhooks have these URLs.
func ended(t *testing.T, answer string, urls ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	engine, err := jobs.Open(t.Context(), jobs.Config{
		Dir: dir, MaxBytes: 1 << 30, Node: "before", TTL: time.Hour, MaxAge: time.Hour, MaxAttempts: 3, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	for _, url := range urls {
		_, _, err := engine.Submit(t.Context(), jobs.Job{Kind: "execute", Created: time.Now(), Expires: time.Now().Add(time.Hour), Webhook: &jobs.Webhook{URL: url, Secret: "ci"}}, []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		run, err := engine.Claim(t.Context())
		if err == nil {
			err = run.Begin(t.Context())
		}
		if err == nil {
			_, err = run.Finish(t.Context(), []byte(answer))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// outcomes counts what became of attempts.
type outcomes struct {
	mu     sync.Mutex
	counts map[webhooks.Outcome]int
}

func (o *outcomes) add(outcome webhooks.Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts[outcome]++
}

func (o *outcomes) of(outcome webhooks.Outcome) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.counts[outcome]
}

// serve starts a service's jobs in a directory.
func serve(t *testing.T, dir string) (*jobruns.Jobs, *outcomes) {
	t.Helper()
	settings := config.Default()
	settings.JobsDir, settings.JobsMaxBytes = dir, 1<<30
	settings.WebhookAllow = []string{"127.0.0.1:*"}
	settings.WebhookSecrets = filepath.Join(t.TempDir(), "secrets.yaml")
	if err := os.WriteFile(settings.WebhookSecrets, []byte("- {name: ci, secret: "+secret+"}"), 0o600); err != nil {
		t.Fatal(err)
	}
	told := &outcomes{counts: make(map[webhooks.Outcome]int)}
	j, err := jobruns.New(jobruns.Config{
		Settings: settings, Log: slog.New(slog.DiscardHandler), Line: line.New(line.Config{Places: 1, Behind: 1, Beside: 1}),
		Runs: t.Context(), Idles: t.Context(), Told: told.add,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	j.Start()
	return j, told
}

// received is what a receiver has got.
type received struct {
	ID, Type string
	Data     map[string]any
}

// receiver returns the URL of a server that takes what is signed, if handle does, and
// what it has taken.
func receiver(t *testing.T, handle func(w http.ResponseWriter, r *http.Request) bool) (url string, taken func() []received) {
	t.Helper()
	var mu sync.Mutex
	var all []received
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !handle(w, r) {
			return
		}
		got := received{ID: r.Header.Get("webhook-id")}
		if err := verifier.Verify(body, r.Header); err != nil || json.Unmarshal(body, &got) != nil {
			t.Errorf("%s: %v", body, err)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, got)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/done", func() []received {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

func take(http.ResponseWriter, *http.Request) bool { return true }

func TestAWebhookHasTheJobWithItsAnswerUnlessThatIsLarge(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		has    bool
	}{
		"small": {`{"answer":{"result":42}}`, true},
		"large": {`{"answer":{"result":"` + strings.Repeat("a", 300<<10) + `"}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			url, taken := receiver(t, take)
			_, told := serve(t, ended(t, c.answer, url))
			testkit.Eventually(t, "it is delivered", func() bool { return told.of(webhooks.Delivered) == 1 }, nil)
			got := taken()
			if len(got) != 1 || got[0].Type != "job.done" || got[0].Data["status"] != "done" || got[0].ID != "msg_"+got[0].Data["id"].(string) {
				t.Fatalf("%.500v", got)
			}
			if _, has := got[0].Data["answer"]; has != c.has {
				t.Errorf("an answer: %v", has)
			}
		})
	}
}

func TestAWebhookSurvivesARestartInTheMiddleOfAnAttempt(t *testing.T) {
	reached := make(chan struct{}, 1)
	var first atomic.Bool
	first.Store(true)
	url, taken := receiver(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if !first.Swap(false) {
			return true
		}
		reached <- struct{}{}
		<-r.Context().Done()
		return false
	})
	dir := ended(t, `{"answer":{}}`, url)
	before, told := serve(t, dir)
	<-reached
	before.Close()
	if n := told.of(webhooks.Retried); n != 0 {
		t.Errorf("the attempt that was interrupted counts")
	}
	_, told = serve(t, dir)
	testkit.Eventually(t, "it is delivered", func() bool { return told.of(webhooks.Delivered) == 1 }, nil)
	if len(taken()) != 1 {
		t.Errorf("%v", taken())
	}
}

func TestAWebhookIsTriedAgainAlsoAfterARestart(t *testing.T) {
	t.Parallel() // it waits for the first pause
	var asked atomic.Int32
	url, taken := receiver(t, func(w http.ResponseWriter, _ *http.Request) bool {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusInternalServerError)
			return false
		}
		return true
	})
	dir := ended(t, `{"answer":{"result":1}}`, url)
	before, told := serve(t, dir)
	testkit.Eventually(t, "it is refused", func() bool { return told.of(webhooks.Retried) == 1 }, nil)
	before.Close()
	_, told = serve(t, dir)
	testkit.Eventually(t, "it is delivered", func() bool { return told.of(webhooks.Delivered) == 1 }, nil)
	if got := taken(); len(got) != 1 || got[0].Data["answer"] == nil {
		t.Errorf("%v", got)
	}
}

func TestASlowReceiverLeavesRoomForOthers(t *testing.T) {
	var here, most atomic.Int32
	slow, _ := receiver(t, func(_ http.ResponseWriter, r *http.Request) bool {
		n := here.Add(1)
		defer here.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		<-r.Context().Done()
		return false
	})
	quick, taken := receiver(t, take)
	urls := []string{}
	for range 40 { // more than may be on their way at a time
		urls = append(urls, slow)
	}
	// Another name of the host, so that it counts as another.
	service, told := serve(t, ended(t, `{"answer":{}}`, append(urls, strings.Replace(quick, "127.0.0.1", "[::ffff:127.0.0.1]", 1))...))
	testkit.Eventually(t, "the quick receiver gets its message", func() bool { return told.of(webhooks.Delivered) == 1 }, nil)
	if n := most.Load(); n < 1 || n > 8 || len(taken()) != 1 {
		t.Errorf("%d at a time, %v", n, taken())
	}
	service.Close()
}

func TestAServiceWithABrokenFileOfSecretsDoesNotStart(t *testing.T) {
	settings := config.Default()
	settings.WebhookSecrets = filepath.Join(t.TempDir(), "none.yaml")
	if _, err := jobruns.New(jobruns.Config{Settings: settings}); err == nil || !strings.Contains(err.Error(), "webhook_secrets") {
		t.Error(err)
	}
}
