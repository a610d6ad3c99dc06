package supervisor

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/hotcell/hotcell/supervisor/config"
)

func TestAJobsReceiverIsToldWhenItHasEnded(t *testing.T) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	type event struct {
		Type string
		Data jobAnswer
	}
	told := make(chan event, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var got event
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = verifier.Verify(body, r.Header)
		}
		if err == nil {
			err = json.Unmarshal(body, &got)
		}
		if err != nil {
			t.Errorf("%v: %s", err, body)
		}
		told <- got
	}))
	t.Cleanup(receiver.Close)
	path := filepath.Join(t.TempDir(), "secrets.yaml")
	if err := os.WriteFile(path, []byte("- {name: ci, secret: "+secret+"}"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, handler := withJobs(t, t.TempDir(), fakeProfile{run: echo}, func(cfg *config.Config) {
		cfg.WebhookAllow, cfg.WebhookSecrets = []string{receiver.Listener.Addr().String()}, path
	})
	webhook := func(url string) string {
		return strings.TrimSuffix(oneScript, "}") + `, "webhook": {"url": "` + url + `/done?token=confidential"}}`
	}
	made := submitted(t, handler, webhook(receiver.URL))
	if got := <-told; got.Type != "job.done" || got.Data.ID != made.ID || got.Data.Answer == nil || got.Data.Answer.Stdout != "in" {
		t.Errorf("%+v", got)
	}
	if got, w := ask(t, handler, "POST", "/jobs", webhook("http://169.254.169.254")); w.Code != http.StatusBadRequest || !strings.HasPrefix(got.Detail, "/webhook/url: 169.254.169.254:80 is not in") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
