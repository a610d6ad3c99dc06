package faults_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/testkit"
)

// takeover is how long a node of the fleet may be silent until others run its jobs.
const takeover = 3 * time.Second

// wire forwards connections, until it is cut.
type wire struct {
	net.Listener

	to   string
	cut  atomic.Bool
	mu   sync.Mutex
	open map[net.Conn]struct{}
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: listener, to: to, open: make(map[net.Conn]struct{})}
	go w.serve()
	t.Cleanup(func() { _ = w.Close(); w.sever() })
	return w
}

func (w *wire) serve() {
	for {
		from, err := w.Accept()
		if err != nil {
			return
		}
		go w.forward(from)
	}
}

func (w *wire) forward(from net.Conn) {
	defer from.Close()
	if w.cut.Load() {
		return
	}
	to, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer to.Close()
	w.mu.Lock()
	w.open[from], w.open[to] = struct{}{}, struct{}{}
	w.mu.Unlock()
	done := make(chan struct{})
	pass := func(into, out net.Conn) {
		buffer := make([]byte, 32<<10)
		for {
			n, err := out.Read(buffer)
			if n > 0 && !w.cut.Load() {
				_, _ = into.Write(buffer[:n])
			}
			if err != nil {
				break
			}
		}
		done <- struct{}{}
	}
	go pass(to, from)
	go pass(from, to)
	<-done
	_, _ = from.Close(), to.Close()
	<-done
	w.mu.Lock()
	delete(w.open, from)
	delete(w.open, to)
	w.mu.Unlock()
}

// sever ends what is connected.
func (w *wire) sever() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for conn := range w.open {
		_ = conn.Close()
	}
}

// fleet has two hotcells, which share a NATS cluster of three members. The second
// reaches the cluster by wires.
type fleet struct {
	t       *testing.T
	members [3]*testkit.Program
	nodes   [2]*program
	member  func(number int) // starts one
	node    func(number int)
	clients [2]*client.Client
	wires   []*wire
	monitor [3]string
	sum     tally
	again   int // jobs that were begun more than once
	began   time.Time
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	testkit.NeedsJails(t)
	server := filepath.Join(workDir, "nats-server")
	if out, err := exec.Command("go", "build", "-o", server, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	f := &fleet{t: t, began: time.Now()}
	var clients, routes, urls, cut []string
	for number := range f.members {
		clients, routes = append(clients, testkit.OwnAddress()), append(routes, testkit.FreeAddress(t))
		f.monitor[number] = testkit.OwnAddress()
		f.wires = append(f.wires, newWire(t, clients[number]))
		urls, cut = append(urls, "nats://"+clients[number]), append(cut, "nats://"+f.wires[number].Addr().String())
	}
	dir := newState(t)
	f.member = func(number int) {
		path := filepath.Join(dir, fmt.Sprint(number, ".conf"))
		text := fmt.Sprintf("server_name: member-%d\nlisten: %q\nhttp: %q\njetstream: {store_dir: %q, sync_interval: always}\n"+
			"cluster: {name: fleet, listen: %q, no_advertise: true, routes: [%s]}\n", number, clients[number], f.monitor[number],
			filepath.Join(dir, fmt.Sprint(number)), routes[number], "nats://"+strings.Join(routes, ", nats://"))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f.members[number] = testkit.Start(t, exec.Command(server, "-c", path))
	}
	var states, addresses [2]string
	for number := range f.nodes {
		states[number], addresses[number] = newState(t), testkit.OwnAddress()
		var err error
		if f.clients[number], err = client.New("http://"+addresses[number], client.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	f.node = func(number int) {
		f.nodes[number] = launch(t, nil, states[number], addresses[number], "--pool-size", "2", "--nats-replicas", "3",
			"--job-takeover", takeover.String(), "--max-deliveries", "20", "--nats", strings.Join([][]string{urls, cut}[number], ","))
	}
	for number := range f.members {
		f.member(number)
	}
	for number := range f.nodes {
		f.node(number)
	}
	for _, node := range f.nodes {
		node.mustServe()
	}
	return f
}

// leader returns the member that leads the queue of jobs.
func (f *fleet) leader(t *testing.T) (found int) {
	t.Helper()
	testkit.Eventually(t, "the queue has a leader", func() bool {
		for number, address := range f.monitor {
			response, err := asker.Get("http://" + address + "/jsz?streams=true")
			if err != nil {
				continue
			}
			text, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if err != nil {
				continue
			}
			_, rest, ok := strings.Cut(string(text), `"name": "HOTCELL_JOBS"`)
			_, rest, _ = strings.Cut(rest, `"leader": "`)
			if ok && strings.HasPrefix(rest, fmt.Sprint("member-", number, `"`)) {
				found = number
				return true
			}
		}
		return false
	}, nil)
	return found
}

// work is a test of its own, which submits jobs to any node while inject does what it does,
// and ends when each is answered once. inject is called when a third of the jobs are
// acknowledged; what it is given waits until as many more are, or all of them.
func (f *fleet) work(fault string, inject func(t *testing.T, acknowledged func(more int64))) {
	f.t.Run(fault, func(t *testing.T) { f.submit(t, "jobs of a fleet: "+fault, inject) })
}

func (f *fleet) submit(t *testing.T, name string, inject func(t *testing.T, acknowledged func(more int64))) {
	count, _ := jobsAtATime()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 6*testkit.Patience+time.Duration(count)*time.Second/4)
	defer cancel()
	most := int64(count)
	var acknowledged, refused, next atomic.Int64
	ids := make([]string, most)
	var submitting sync.WaitGroup
	for worker := range 4 {
		submitting.Go(func() {
			for number := next.Add(1) - 1; number < most; number = next.Add(1) - 1 {
				request := client.JobRequest{
					Execute:        &client.Request{Script: "import time; time.sleep(0.02); print(input())", Mode: "program", Stdin: fmt.Sprint(name, number)},
					IdempotencyKey: fmt.Sprint(name, number),
				}
				for attempt := worker; ctx.Err() == nil; attempt++ {
					one, stop := context.WithTimeout(ctx, 6*time.Second)
					job, err := f.clients[attempt%2].Submit(one, request)
					stop()
					if err == nil {
						ids[number] = job.ID
						acknowledged.Add(1)
						break
					}
					refused.Add(1)
					time.Sleep(20 * time.Millisecond)
				}
			}
		})
	}
	wait := func(more int64) {
		for until := min(acknowledged.Load()+more, most); acknowledged.Load() < until && ctx.Err() == nil; {
			time.Sleep(time.Millisecond)
		}
	}
	wait(most / 3)
	inject(t, wait)
	over := time.Now()
	again := 0
	submitting.Wait()
	result := tally{requests: int(most), refused: int(refused.Load())}
	seen := make(map[string]bool)
	for number, id := range ids {
		job, err := f.answer(ctx, id)
		switch {
		case err != nil:
			result.lost++
			t.Errorf("job %d (%s): %v", number, id, err)
		case job.Status != client.JobDone || job.Answer == nil || job.Answer.Stdout != fmt.Sprint(name, number, "\n") || seen[id]:
			result.wrong++
			t.Errorf("job %d: %+v, its answer: %+v", number, job, job.Answer)
		default:
			result.answered++
		}
		seen[id] = true
		if err == nil && job.Attempts > 1 {
			again++
		}
	}
	addRow(row{name, result, time.Since(over)})
	t.Logf("%d jobs: %d answered, %d wrong, %d lost, %d begun again; %.1f a second", most, result.answered, result.wrong, result.lost, again, float64(most)/time.Since(began).Seconds())
	f.sum.requests, f.sum.answered, f.sum.wrong, f.sum.lost = f.sum.requests+result.requests, f.sum.answered+result.answered, f.sum.wrong+result.wrong, f.sum.lost+result.lost
	f.again += again
}

// answer asks both nodes until one has the job's answer. When ctx has ended it looks at the
// job once more: one job that is never answered does not make the others count as lost.
func (f *fleet) answer(ctx context.Context, id string) (job *client.Job, err error) {
	if id == "" {
		return nil, errors.New("was not acknowledged")
	}
	for attempt := 0; ctx.Err() == nil; attempt++ {
		one, stop := context.WithTimeout(ctx, 3*testkit.Patience)
		job, err = f.clients[attempt%2].WaitForJob(one, id)
		stop()
		if err == nil {
			return job, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	one, stop := context.WithTimeout(f.t.Context(), testkit.Patience)
	defer stop()
	job, err = f.clients[0].Job(one, id)
	if err == nil && (job.Status == client.JobQueued || job.Status == client.JobRunning) {
		err = fmt.Errorf("is not over: %+v", job)
	}
	return job, err
}

func (f *fleet) kill(p *testkit.Program) {
	p.Signal(syscall.SIGKILL)
	<-p.Done
}
