package faults_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/testkit"
)

// Jobs are submitted while hotcell is killed and started again. Whatever was acknowledged
// is answered, once; what was not is submitted again under its key.
func TestHotcellMayBeKilledWhileItHasJobs(t *testing.T) {
	const most, kills = 90, 3
	state, address, dir := newState(t), testkit.OwnAddress(), newState(t)
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

// A script that kills its cell has its verdict as the job's answer, and is not run again.
func TestAJobMayKillItsCellInEveryWay(t *testing.T) {
	p := start(t, nil, newState(t), testkit.OwnAddress(), "--jobs-dir", newState(t))
	c, err := client.New(p.url, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const hang = 300 // milliseconds, for those that do not end by themselves
	ids := make(map[string]string)
	ways := map[string]struct {
		want client.Status // empty: any
		wall int64
	}{
		"os.abort()":                            {client.StatusKilled, 0},
		"ctypes.string_at(0)":                   {client.StatusKilled, 0},
		"os._exit(7)":                           {client.StatusExited, 0},
		"bytearray(b'x') * (128 << 20)":         {client.StatusMemoryLimit, 0},
		"while True: print('x' * 9999)":         {client.StatusOutputLimit, 0},
		"time.sleep(99)":                        {client.StatusTimeout, hang},
		"while True: pass":                      {client.StatusTimeout, hang},
		"os.closerange(0, 999); time.sleep(99)": {client.StatusTimeout, hang},
		// The kernel ignores what a cell's first process would do to itself.
		"os.kill(os.getpid(), signal.SIGKILL)":                      {"", hang},
		"os.kill(os.getpid(), signal.SIGSTOP)":                      {"", hang},
		"os.kill(-1, signal.SIGKILL)":                               {"", hang},
		"os.kill(os.getppid(), signal.SIGKILL); time.sleep(99)":     {"", hang},
		"[os.fork() for _ in range(5)]; os.kill(0, signal.SIGKILL)": {"", hang},
		"os.setsid(); os.fork() and os._exit(0); time.sleep(99)":    {"", hang},
	}
	for script, way := range ways {
		job, err := c.Submit(t.Context(), client.JobRequest{Execute: &client.Request{
			Script: "import ctypes, os, signal, time\n" + script, Mode: "program", Limits: &client.Limits{WallMS: way.wall, MemoryBytes: 48 << 20},
		}})
		if err != nil {
			t.Fatal(err)
		}
		ids[script] = job.ID
	}
	for script, way := range ways {
		job, err := c.WaitForJob(t.Context(), ids[script])
		if err != nil || job.Status != client.JobDone || job.Answer == nil || job.Attempts != 1 || way.want != "" && job.Answer.Status != way.want {
			t.Errorf("%s: %+v, %+v, %v", script, job, job.Answer, err)
		}
	}
	p.mustEndCleanly()
}

// Jobs that were acknowledged wait while the disk is full. New ones are refused at once.
func TestTheDiskOfJobsMayBeFull(t *testing.T) {
	testkit.NeedsJails(t)
	disk := newState(t)
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=48m,mode=0755"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	p := start(t, nil, newState(t), testkit.OwnAddress(), "--jobs-dir", filepath.Join(disk, "jobs"))
	c, err := client.New(p.url, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	submit := func(script string) (string, error) {
		job, err := c.Submit(t.Context(), client.JobRequest{Execute: &client.Request{Script: script, Mode: "program"}})
		if err != nil {
			return "", err
		}
		return job.ID, nil
	}
	var ids []string
	for number := range 30 {
		seconds := 0.3
		if number == 29 { // ends when the disk is full, however long all of this takes
			seconds = 3
		}
		id, err := submit(fmt.Sprintf("import time; time.sleep(%v); print('done')", seconds))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	filler := fill(t, disk, 0)
	p.eventually("the engine cannot write", func() bool { return strings.Contains(p.Log.String(), "the engine cannot write") })
	refused := 0
	for range 5 {
		_, err := submit("print(1)")
		var problem *client.Problem
		if !errors.As(err, &problem) || problem.Code != client.CodeJobsUnavailable {
			t.Errorf("with a full disk: %v", err)
		}
		refused++
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	room := time.Now()
	p.eventually("jobs are taken again", func() bool {
		id, err := submit("print('done')")
		if err == nil {
			ids = append(ids, id)
		}
		return err == nil
	})
	took := time.Since(room)
	result := tally{requests: len(ids) + refused, refused: refused}
	for _, id := range ids {
		job, err := c.WaitForJob(t.Context(), id)
		if err != nil || job.Status != client.JobDone || job.Answer == nil || job.Answer.Stdout != "done\n" {
			result.lost++
			t.Errorf("job %s: %+v, %v", id, job, err)
			continue
		}
		result.answered++
	}
	addRow(row{"jobs: disk full", result, took})
	p.mustEndCleanly()
}
