package supervisor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/supervisor/config"
)

// program is what clients of SandboxFusion's API send.
func program(code string) string {
	text, err := json.Marshal(fields{"code": code, "run_timeout": 50, "compile_timeout": 600})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestHangingUpEndsAProgramOfADropInAPI(t *testing.T) {
	s := start(t, small)
	for _, body := range []string{program("import time; time.sleep(45)"), ""} {
		path := "/compat/sandboxfusion/run_code"
		if body == "" {
			path, body = "/compat/sandboxfusion/run_jupyter", `{"cells": ["import time; time.sleep(45)"]}`
		}
		ctx, hangUp := context.WithCancel(t.Context())
		over := make(chan error, 1)
		go func() {
			response, err := http.DefaultClient.Do(s.request("POST", path, body).WithContext(ctx))
			if err == nil {
				_ = response.Body.Close()
				err = fmt.Errorf("status %d", response.StatusCode)
			} else if ctx.Err() != nil {
				err = nil
			}
			over <- err
		}()
		s.eventually(path+": it runs", func() bool { return s.metric("hotcell_running") == 1 })
		hangUp()
		if err := <-over; err != nil {
			t.Error(err)
		}
		s.eventually(path+": it has ended", func() bool {
			return s.metric("hotcell_running") == 0 && s.metric("hotcell_sessions") == 0 && s.metric("hotcell_cells", "profile=default", "state=claimed") == 0
		})
	}
}

// With one place and one more in line, hotcell's own API would refuse most of them.
func TestDropInAPIsWaitRatherThanRefuse(t *testing.T) {
	s := start(t, func(c *config.Config) {
		small(c)
		c.MaxRunning, c.MaxWaiting, c.MaxSessions = 1, 1, 1
		c.MaxWait, c.MaxExpectedWait, c.CompatMaxWait = 1, 1, 10*time.Minute
	})
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			path, body := "/compat/sandboxfusion/run_code", program("print(1)")
			if i%6 == 0 {
				path, body = "/compat/sandboxfusion/run_jupyter", `{"cells": ["print(1)"], "total_timeout": 600}`
			}
			response, err := http.DefaultClient.Do(s.request("POST", path, body))
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			var told struct{ Status string }
			if err := json.NewDecoder(response.Body).Decode(&told); err != nil || response.StatusCode != 200 || told.Status != "Success" {
				t.Errorf("%s: HTTP %d, %+v, %v", path, response.StatusCode, told, err)
			}
		})
	}
	all.Wait()
	s.eventually("nothing is held", func() bool { return s.metric("hotcell_memory_reserved_bytes", "kind=bodies") == 0 })
}

func TestADropInAPIHasAnAddressOfItsOwnAndCanBeOff(t *testing.T) {
	s := start(t, func(c *config.Config) {
		small(c)
		c.Compat, c.CompatListen[0] = []string{config.APIs[0]}, []string{"127.0.0.1:0", "127.0.0.1:0"}
	})
	for i := range 2 {
		var own string
		s.eventually("the address is in the log", func() bool {
			found := strings.Split(s.log.String(), `"msg":"api","name":"sandboxfusion","address":"`)
			if len(found) == 3 {
				own, _, _ = strings.Cut(found[i+1], `"`)
			}
			return own != ""
		})
		response, err := http.Get("http://" + own + "/v1/ping")
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != 200 {
			t.Errorf("%s: HTTP %d", own, response.StatusCode)
		}
		response, err = http.Post("http://"+own+"/execute", "application/json", strings.NewReader(`{"script":"1"}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != 404 {
			t.Errorf("%s has hotcell's own API: HTTP %d", own, response.StatusCode)
		}
	}
	if a := s.get("/compat/dify/health"); a.http != 404 {
		t.Errorf("an API that is off: HTTP %d %s", a.http, a.body)
	}
}
