package attack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Config says which server to attack, and how.
type Config struct {
	URL      string       // the server, on loopback, without /execute
	Client   *http.Client // nil: one that uses no proxy and follows no redirection
	Only     string       // groups, and attacks as group/name, separated by commas; empty: everything
	Tag      string       // one of Tags: only cases that have it; with ! before, that do not; empty: everything
	Parallel int          // cases at a time; 0: 1
	Log      io.Writer    // gets a line for each outcome as it comes; may be nil
	Key      string       // sent as the bearer token; empty: none is sent
	Other    string       // another tenant's key; empty: cases that need one are left out
	Slowness int          // by how much the server's machine is slower than usual, for example an emulated one; 0: 1

	Progress func(done, all int) // called after each outcome, one call at a time; may be nil
}

// Report is the outcome of a run.
type Report struct {
	Stood    int       `json:"stood"`
	Fell     int       `json:"fell"`
	Excused  int       `json:"excused"`  // fell, as documented for a server whose cells share one uid
	Left     int       `json:"left"`     // left out, for want of another tenant's key
	UIDs     string    `json:"uids"`     // what the server says of them in /info; empty: nothing
	Outcomes []Outcome `json:"outcomes"` // by name
}

// Outcome is the outcome of one case.
type Outcome struct {
	Name   string  `json:"name"`
	Tries  string  `json:"tries"`
	Stood  bool    `json:"stood"`
	Excuse string  `json:"excuse,omitempty"` // why the server's uids cannot hold it; it may have stood all the same
	Why    string  `json:"why,omitempty"`    // it fell
	Want   string  `json:"want"`             // of the part that it fell in, else of the last
	Got    string  `json:"got"`
	TookMS float64 `json:"took_ms"`
}

// These, and time limits in scripts, are multiplied by [Config.Slowness].
const (
	canaryWithin = 5 * time.Second // "at once", on a machine that has just been attacked
	slack        = 6 * time.Second // by which a wall clock limit may be overrun: a wait for a cell, and the kill
	longestCase  = 2 * time.Minute
	headStart    = 700 * time.Millisecond // of a part over the one beside it
)

// ErrConfig is what an error is if the configuration is wrong, and nothing was sent.
var ErrConfig = errors.New("invalid configuration")

type wrongConfig struct{ error }

func (wrongConfig) Is(target error) bool { return target == ErrConfig }

func configError(format string, args ...any) error {
	return wrongConfig{fmt.Errorf(format, args...)}
}

// Run sends every attack to the server, and an ordinary request after each. An error
// means that this could not be done; the report says which attacks fell.
func Run(ctx context.Context, cfg Config) (Report, error) {
	all, err := Cases()
	if err != nil {
		return Report{}, err
	}
	if cfg.Tag != "" && !slices.Contains(Tags, strings.TrimPrefix(cfg.Tag, "!")) {
		return Report{}, configError("unknown tag %q; the tags are %s", cfg.Tag, strings.Join(Tags, ", "))
	}
	cases := only(slices.Clone(all), cfg.Only, cfg.Tag)
	if len(cases) == 0 {
		return Report{}, configError("unknown attack %q; the groups are %s", strings.TrimSpace(cfg.Only+" "+cfg.Tag), strings.Join(groups(all), ", "))
	}
	there := len(cases)
	if cfg.Key == "" || cfg.Other == "" {
		cases = slices.DeleteFunc(cases, func(c Case) bool { return c.Tags[TagKeys] != "" })
	}
	target, err := newTarget(cfg)
	if err != nil {
		return Report{}, err
	}
	if err := target.canary(ctx); err != nil {
		return Report{}, fmt.Errorf("before the first attack: %w", err)
	}
	report := Report{UIDs: target.uids(ctx), Left: there - len(cases)}
	var mu sync.Mutex
	run := func(cases []Case, parallel int, done func(Outcome)) {
		var workers sync.WaitGroup
		left := make(chan Case)
		for range parallel {
			workers.Go(func() {
				for c := range left {
					outcome := target.attack(ctx, c)
					if report.UIDs == "single" {
						outcome.Excuse = c.Tags[TagSingle]
					}
					mu.Lock()
					done(outcome)
					mu.Unlock()
				}
			})
		}
		for _, c := range cases {
			if ctx.Err() == nil {
				left <- c
			}
		}
		close(left)
		workers.Wait()
	}
	done := func(o Outcome) {
		report.add(o, cfg.Log)
		if cfg.Progress != nil {
			cfg.Progress(len(report.Outcomes), len(cases))
		}
	}
	// What a case with the tag single uses up is missing from every cell with its uid.
	alone := func(c Case) bool {
		return c.Tags[TagMachine] != "" || c.Tags[TagSingle] != "" && report.UIDs == "single"
	}
	run(slices.DeleteFunc(slices.Clone(cases), alone), max(1, cfg.Parallel), done)
	run(slices.DeleteFunc(slices.Clone(cases), func(c Case) bool { return !alone(c) }), 1, done)
	if err := ctx.Err(); err != nil {
		return report, err
	}
	slices.SortFunc(report.Outcomes, func(a, b Outcome) int { return strings.Compare(a.Name, b.Name) })
	if err := target.canary(ctx); err != nil {
		return report, fmt.Errorf("after the last attack: %w", err)
	}
	return report, nil
}

func groups(cases []Case) []string {
	var names []string
	for _, c := range cases {
		names = append(names, c.Group())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func only(cases []Case, which, tag string) []Case {
	tag, without := strings.CutPrefix(tag, "!")
	chosen := strings.Split(which, ",")
	return slices.DeleteFunc(cases, func(c Case) bool {
		return which != "" && !slices.Contains(chosen, c.Name) && !slices.Contains(chosen, c.File) && !slices.Contains(chosen, c.Group()) || tag != "" && (c.Tags[tag] != "") == without
	})
}

// attack runs one case, and checks afterwards that the server still serves.
func (t *target) attack(ctx context.Context, c Case) Outcome {
	began := time.Now()
	outcome := t.try(ctx, c)
	outcome.TookMS = float64(time.Since(began).Microseconds()) / 1000
	if err := t.canary(ctx); err != nil && outcome.Why == "" {
		outcome.Why = "afterwards: " + err.Error()
	}
	outcome.Stood = outcome.Why == ""
	return outcome
}

// try sends the parts of a case.
func (t *target) try(ctx context.Context, c Case) Outcome {
	ctx, cancel := context.WithTimeout(ctx, t.slow(longestCase))
	defer cancel()
	visitors, err := listen()
	if err != nil {
		return Outcome{Name: c.Name, Tries: c.Tries, Why: err.Error()}
	}
	defer visitors.close()

	to := t
	if c.Parts[0].session {
		session, end, err := t.inSession(ctx)
		if err != nil {
			return Outcome{Name: c.Name, Tries: c.Tries, Why: err.Error()}
		}
		defer end()
		to = session
	}
	type reply struct {
		answers []*answer
		err     error
	}
	known := newKnown(t)
	replies := make([]chan reply, len(c.Parts))
	for i, part := range c.Parts {
		replies[i] = make(chan reply, 1)
		if i > 0 && part.Beside {
			pause(ctx, t.slow(headStart))
		} else if i > 0 {
			last := <-replies[i-1] // is put back for the judgement
			replies[i-1] <- last
		}
		go func() {
			answers, err := to.send(ctx, &part, known.of(&part.wire), visitors.address())
			if err == nil {
				err = known.remember(&part.wire, answers[0])
			}
			replies[i] <- reply{answers, err}
		}()
	}
	outcome := Outcome{Name: c.Name, Tries: c.Tries}
	var before []*answer
	for i, part := range c.Parts {
		reply := <-replies[i]
		if outcome.Why != "" {
			continue // the report has the first part that fell; the others still end
		}
		outcome.Want = part.want()
		err := reply.err
		for _, answer := range reply.answers {
			outcome.Got = answer.summary()
			if judged := part.judge(answer, before); judged != nil {
				err = judged
				break
			}
		}
		if err == nil {
			before = append(before, reply.answers[0])
		}
		if err != nil {
			outcome.Why = fmt.Sprintf("request %d of %d: %v", i+1, len(c.Parts), err)
		}
	}
	if who := visitors.close(); who != "" {
		outcome.Why = "ESCAPED: a connection came from " + who
	}
	return outcome
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// visitors are a listener on loopback that no cell may reach.
type visitors struct {
	listener net.Listener
	came     chan string
}

func listen() (*visitors, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	v := &visitors{listener, make(chan string, 1)}
	go func() {
		defer close(v.came)
		conn, err := listener.Accept()
		if err == nil {
			v.came <- conn.RemoteAddr().String()
			_ = conn.Close()
		}
	}()
	return v, nil
}

func (v *visitors) address() string { return v.listener.Addr().String() }

// close returns the address of whoever connected. It may be called again.
func (v *visitors) close() (who string) {
	_ = v.listener.Close()
	return <-v.came
}

func (r *Report) add(o Outcome, log io.Writer) {
	r.Outcomes = append(r.Outcomes, o)
	switch {
	case o.Stood:
		r.Stood++
	case o.Excuse != "":
		r.Excused++
	default:
		r.Fell++
	}
	if log == nil {
		return
	}
	if o.Stood {
		fmt.Fprintf(log, "stood  %-28s %6.0f ms  %s\n", o.Name, o.TookMS, o.Tries)
		return
	}
	if o.Excuse != "" {
		fmt.Fprintf(log, "single %-28s %6.0f ms  %s\n       why:  all cells share one uid: %s\n", o.Name, o.TookMS, o.Tries, o.Excuse)
		return
	}
	fmt.Fprintf(log, "FELL   %-28s %6.0f ms  %s\n       why:  %s\n       want: %s\n       got:  %s\n", o.Name, o.TookMS, o.Tries, o.Why, o.Want, o.Got)
}

// Summary returns the last line of the report.
func (r *Report) Summary() string {
	var fell, excused []string
	for _, o := range r.Outcomes {
		switch {
		case o.Stood:
		case o.Excuse != "":
			excused = append(excused, o.Name)
		default:
			fell = append(fell, o.Name)
		}
	}
	text := fmt.Sprintf("all %d attacks stood", r.Stood)
	if len(fell)+len(excused) > 0 {
		text = fmt.Sprintf("%d attacks stood", r.Stood)
	}
	if len(fell) > 0 {
		text += fmt.Sprintf(", %d fell: %s", r.Fell, strings.Join(fell, ", "))
	}
	if r.Left > 0 {
		text += fmt.Sprintf(", %d were left out that need another tenant's key", r.Left)
	}
	if len(excused) > 0 {
		text += fmt.Sprintf(", %d fell as documented for cells that share one uid: %s", r.Excused, strings.Join(excused, ", "))
	}
	return text
}
