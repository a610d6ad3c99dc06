package faults_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/testkit"
)

// Jobs are submitted while hotcell is killed and started again. Whatever was acknowledged
// is answered, once; what was not is submitted again under its key.
func TestHotcellMayBeKilledWhileItHasJobs(t *testing.T) {
	const most, kills = 90, 3
	state, address, dir := newState(t), testkit.FreeAddress(t), newState(t)
	run := func() *program { return start(t, nil, state, address, "--jobs-dir", dir, "--max-deliveries", "10") }
	c, err := client.New("http://"+address, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 6*testkit.Patience)
	defer cancel()

	p := run()
	var acknowledged, next atomic.Int64
	ids := make([]string, most)
	var submitting sync.WaitGroup
	for range 3 {
		submitting.Go(func() {
			for number := next.Add(1) - 1; number < most; number = next.Add(1) - 1 {
				request := client.JobRequest{
					Execute:        &client.Request{Script: "import time; time.sleep(0.02); print(input())", Mode: "program", Stdin: strconv.FormatInt(number, 10)},
					IdempotencyKey: fmt.Sprint("number ", number),
				}
				for ctx.Err() == nil {
					job, err := c.Submit(ctx, request)
					if err == nil {
						ids[number] = job.ID
						acknowledged.Add(1)
						break
					}
					time.Sleep(10 * time.Millisecond) // the server is dead, or starts
				}
			}
		})
	}
	for kill := range kills {
		p.eventually("jobs are acknowledged", func() bool { return acknowledged.Load() >= int64(most*(kill+1)/(kills+1)) })
		p.Signal(syscall.SIGKILL)
		<-p.Done
		p = run()
	}
	submitting.Wait()

	seen := make(map[string]bool)
	again := 0
	for number, id := range ids {
		job, err := c.WaitForJob(ctx, id)
		if err != nil || job.Status != client.JobDone || job.Answer == nil || job.Answer.Stdout != fmt.Sprintln(number) {
			t.Fatalf("job %d (%s): %+v, %v", number, id, job, err)
		}
		if seen[id] {
			t.Errorf("job %d has the id of another", number)
		}
		seen[id] = true
		if job.Attempts > 1 {
			again++
		}
	}
	if done, err := c.Jobs(ctx, ""); err != nil || len(done) != most {
		t.Errorf("%d jobs are there, want %d: %v", len(done), most, err)
	}
	t.Logf("%d jobs, %d kills: all were answered once; %d were begun again", most, kills, again)
	if left := orphans(); left != "" {
		t.Errorf("left of those that were killed: %s", left)
	}
	p.mustEndCleanly()
}
