package supervisor

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/jobs"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
)

func TestJobsBelongToTheKeyThatMadeThem(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.yaml")
	first, one, err := keys.NewEntry("one", "execute")
	if err != nil {
		t.Fatal(err)
	}
	second, two, err := keys.NewEntry("two", "execute")
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(one + two)
	goOn := make(chan struct{})
	s, handler := withJobs(t, t.TempDir(), fakeProfile{run: func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
		<-goOn
		return echo(ctx, job)
	}}, func(cfg *config.Config) { cfg.Keys = file })
	as := func(secret string) []string { return []string{"Authorization", "Bearer " + secret} }

	made := submitted(t, handler, oneScript, as(first)...)
	for _, method := range []string{"GET", "DELETE"} {
		if got, w := ask(t, handler, method, "/jobs/"+made.ID, "", as(second)...); got.Code != api.CodeNotFound {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	}
	close(goOn)
	if job, w := ask(t, handler, "GET", "/jobs/"+made.ID+"?wait_s=300", "", as(first)...); job.Status != "done" {
		t.Errorf("%d %s", w.Code, w.Body)
	}

	end(s) // and a job whose key is gone when it is to run
	write(two)
	store, err := jobs.Open(t.Context(), jobs.Config{Dir: s.cfg.JobsDir, MaxBytes: 1 << 30, MaxAge: time.Hour, TTL: time.Hour, Log: s.log})
	if err != nil {
		t.Fatal(err)
	}
	late, _, err := store.Submit(t.Context(), jobs.Job{Owner: "one", Kind: api.KindExecute, Created: time.Now(), Expires: time.Now().Add(time.Hour)}, []byte(`{"script":"echo"}`))
	if err != nil {
		t.Fatal(err)
	}
	store.Close()
	s, _ = withJobs(t, s.cfg.JobsDir, fakeProfile{run: echo}, func(cfg *config.Config) { cfg.Keys = file })
	testkit.Eventually(t, "the job is looked at", func() bool {
		counts := s.jobs.State()
		return counts != nil && counts.Queued+counts.Claimed == 0
	}, func() string { return "it waits" })
	end(s)
	write(one + two)
	_, handler = withJobs(t, s.cfg.JobsDir, fakeProfile{run: echo}, func(cfg *config.Config) { cfg.Keys = file })
	if job, w := ask(t, handler, "GET", "/jobs/"+late.ID, "", as(first)...); job.Status != "cancelled" || job.Reason == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestABatchEndsWithItsKey(t *testing.T) {
	for name, ends := range map[string]bool{"its runs end by themselves": false, "and so do its runs": true} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "keys.yaml")
			first, one, err := keys.NewEntry("one", "execute")
			if err != nil {
				t.Fatal(err)
			}
			_, two, err := keys.NewEntry("two", "execute")
			if err == nil {
				err = os.WriteFile(file, []byte(one+two), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			var runs atomic.Int32
			begun, goOn := make(chan struct{}), make(chan struct{})
			s, handler := withJobs(t, t.TempDir(), fakeProfile{run: func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
				if runs.Add(1) == 1 {
					close(begun)
				}
				select {
				case <-goOn:
					return echo(ctx, job)
				case <-ctx.Done():
					return nsjail.Verdict{}, context.Cause(ctx)
				}
			}}, func(cfg *config.Config) { cfg.Keys, cfg.EndRevokedRuns = file, ends })
			const cases = 100
			submitted(t, handler, `{"batch": {"script": "echo", "mode": "program", "cases": [{}`+strings.Repeat(",{}", cases-1)+`]}}`, "Authorization", "Bearer "+first)
			<-begun
			if err := os.WriteFile(file, []byte(two), 0o600); err != nil {
				t.Fatal(err)
			}
			s.keys.Reload()
			if !ends {
				close(goOn)
			}
			testkit.Eventually(t, "the job has ended", func() bool {
				counts := s.jobs.State()
				return counts != nil && counts.Queued+counts.Claimed == 0
			}, nil)
			if n := runs.Load(); n >= cases {
				t.Errorf("%d of %d runs have begun", n, cases)
			}
		})
	}
}
