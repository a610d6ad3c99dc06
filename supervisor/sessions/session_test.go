package sessions_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/transfer"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

// fakeCell is a cell without a jail.
type fakeCell struct {
	begun    chan struct{} // receives a value for each call that begins
	answers  chan nsjail.Verdict
	dies     chan nsjail.Verdict
	released chan struct{}
}

func newFakeCell() *fakeCell {
	return &fakeCell{make(chan struct{}, 1), make(chan nsjail.Verdict), make(chan nsjail.Verdict), make(chan struct{})}
}

func (c *fakeCell) Keep()                 {}
func (c *fakeCell) Gone() <-chan struct{} { return c.released }
func (c *fakeCell) Release()              { close(c.released) }

func (c *fakeCell) Interrupt() bool { return true }

func (c *fakeCell) Files(ctx context.Context, _ nsjail.Limits, use func(*transfer.Files) error) (nsjail.Verdict, error) {
	if ctx.Err() != nil {
		return nsjail.Verdict{}, ctx.Err()
	}
	return nsjail.Verdict{}, use(nil)
}

func (c *fakeCell) Call(ctx, caller context.Context, _ nsjail.Job) (nsjail.Verdict, error) {
	c.begun <- struct{}{}
	select {
	case v := <-c.answers:
		return v, nil
	case <-ctx.Done():
		return nsjail.Verdict{}, context.Cause(ctx)
	case <-caller.Done():
		return <-c.answers, nil
	}
}

func (c *fakeCell) Rest(ctx context.Context, _ nsjail.Limits) (nsjail.Verdict, bool) {
	select {
	case v := <-c.dies:
		return v, true
	case <-ctx.Done():
		return nsjail.Verdict{}, false
	}
}

var lasting = sessions.Config{Place: sessions.Place{Owner: "ann", Party: "ann"}, Profile: "default", TTL: time.Hour, Idle: time.Hour}

// begin makes a session in a fake cell, and a channel that receives why it ended.
func begin(t *testing.T, cfg sessions.Config) (*sessions.Registry, *sessions.Session, *fakeCell, <-chan sessions.End) {
	t.Helper()
	ends := make(chan sessions.End, 1)
	registry := sessions.New(1, func(why sessions.End) { ends <- why })
	t.Cleanup(registry.Close)
	if err := registry.Reserve(cfg.Place, 1); err != nil {
		t.Fatal(err)
	}
	cell := newFakeCell()
	session, err := registry.Add(cfg, cell)
	if err != nil {
		t.Fatal(err)
	}
	return registry, session, cell, ends
}

// call runs a job when it is its turn at once.
func call(ctx context.Context, session *sessions.Session, job nsjail.Job) (nsjail.Verdict, error) {
	turn, err := session.Enter(ctx, 0)
	if err != nil {
		return nsjail.Verdict{}, err
	}
	defer turn.Leave()
	return turn.Call(ctx, job)
}

// move uses the session's files.
func move(ctx context.Context, session *sessions.Session, use func(context.Context, *transfer.Files) error) error {
	turn, err := session.Enter(ctx, 0)
	if err != nil {
		return err
	}
	defer turn.Leave()
	return turn.Files(ctx, use)
}

func TestASessionTellsWhyItEnded(t *testing.T) {
	granted, revoke := context.WithCancel(t.Context())
	with := func(change func(*sessions.Config)) sessions.Config {
		cfg := lasting
		cfg.Env = map[string]string{"A": "b"}
		change(&cfg)
		return cfg
	}
	nothing := func(*sessions.Registry, *sessions.Session, *fakeCell) {}
	for want, c := range map[sessions.End]struct {
		cfg sessions.Config
		act func(*sessions.Registry, *sessions.Session, *fakeCell)
	}{
		sessions.Idle:    {with(func(c *sessions.Config) { c.Idle = time.Millisecond }), nothing},
		sessions.Expired: {with(func(c *sessions.Config) { c.TTL = time.Millisecond }), nothing},
		sessions.Revoked: {with(func(c *sessions.Config) { c.Granted = granted }), func(*sessions.Registry, *sessions.Session, *fakeCell) { revoke() }},
		sessions.Died: {lasting, func(_ *sessions.Registry, _ *sessions.Session, cell *fakeCell) {
			cell.dies <- nsjail.Verdict{}
		}},
		sessions.Deleted: {lasting, func(_ *sessions.Registry, s *sessions.Session, _ *fakeCell) { s.End(sessions.Deleted) }},
		sessions.Drained: {lasting, func(r *sessions.Registry, _ *sessions.Session, _ *fakeCell) { r.Close() }},
	} {
		t.Run(string(want), func(t *testing.T) {
			registry, session, cell, ends := begin(t, c.cfg)
			c.act(registry, session, cell)
			if why := <-ends; why != want {
				t.Errorf("it ended as %s", why)
			}
			<-cell.released
			if over, _ := session.Over(); over != want || session.Env != nil {
				t.Errorf("it says that it ended as %q, and keeps the variables %v", over, session.Env)
			}
			if _, err := call(t.Context(), session, nsjail.Job{}); !errors.Is(err, sessions.ErrOver) {
				t.Errorf("a call afterwards: %v", err)
			}
			if found := registry.Find(session.ID, "ann"); (found == nil) != (want == sessions.Deleted) {
				t.Errorf("its owner finds %v", found)
			}
			if registry.Find(session.ID, "bob") != nil {
				t.Error("another finds it")
			}
		})
	}
}

func TestASessionTakesOneCallAtATime(t *testing.T) {
	_, session, cell, ends := begin(t, lasting)
	job := nsjail.Job{Limits: nsjail.Limits{Wall: time.Minute}}
	first := make(chan error, 1)
	go func() {
		_, err := call(t.Context(), session, job)
		first <- err
	}()
	<-cell.begun
	if !session.State().Busy {
		t.Error("it is not busy while a call runs")
	}
	if _, err := call(t.Context(), session, job); !errors.Is(err, sessions.ErrBusy) {
		t.Errorf("a second call: %v", err)
	}
	cell.answers <- nsjail.Verdict{}
	if err := <-first; err != nil || session.State() != (sessions.State{Calls: 1}) {
		t.Errorf("%v, %+v", err, session.State())
	}
	// A caller that hangs up has its call interrupted, and the session lives.
	ctx, hangUp := context.WithCancel(t.Context())
	go func() {
		<-cell.begun
		hangUp()
		cell.answers <- nsjail.Verdict{Status: protocol.StatusException}
	}()
	if got, err := call(ctx, session, job); err != nil || got.Status != protocol.StatusException || session.State() != (sessions.State{Calls: 2}) {
		t.Errorf("a call whose caller hangs up: %+v, %v, %+v", got, err, session.State())
	}
	// One that is ended for another reason takes the session with it.
	closing := errors.New("the service closes")
	reason, end := context.WithCancelCause(t.Context())
	go func() {
		<-cell.begun
		end(closing)
	}()
	if _, err := call(reason, session, job); !errors.Is(err, closing) || <-ends != sessions.Died {
		t.Errorf("a call that is ended: %v", err)
	}
	if _, how := session.Over(); how == nil || how.Status != protocol.StatusKilled {
		t.Errorf("its cell ended as %+v", how)
	}
}

// killedCell has calls that see only that their cell was killed.
type killedCell struct{ *fakeCell }

func (c killedCell) Call(context.Context, context.Context, nsjail.Job) (nsjail.Verdict, error) {
	close(c.begun)
	<-c.released
	return nsjail.Verdict{Status: protocol.StatusKilled, Ended: true}, nil
}

// The end of a session kills the cell, which its call may notice before it is told why.
func TestACallThatItsSessionsEndKilledSaysSo(t *testing.T) {
	registry := sessions.New(1, func(why sessions.End) { t.Log(why) })
	t.Cleanup(registry.Close)
	if err := registry.Reserve(lasting.Place, 1); err != nil {
		t.Fatal(err)
	}
	cell := killedCell{newFakeCell()}
	session, err := registry.Add(lasting, cell)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-cell.begun
		session.End(sessions.Deleted)
	}()
	if got, err := call(t.Context(), session, nsjail.Job{Limits: nsjail.Limits{Wall: time.Minute}}); !errors.Is(err, sessions.ErrOver) {
		t.Errorf("%v, %+v", err, got)
	}
}

// shortCell is given nothing while it is short.
type shortCell struct {
	*fakeCell
	short bool
	env   map[string]string // of the last call
}

func (c *shortCell) Call(_, _ context.Context, job nsjail.Job) (nsjail.Verdict, error) {
	if c.short {
		return nsjail.Verdict{}, errors.Join(nsjail.ErrCellLost, nsjail.ErrNotBegun)
	}
	c.env = job.Env
	return nsjail.Verdict{}, nil
}

func (c *shortCell) Files(context.Context, nsjail.Limits, func(*transfer.Files) error) (nsjail.Verdict, error) {
	return nsjail.Verdict{}, errors.Join(nsjail.ErrCellLost, nsjail.ErrNotBegun)
}

// A call or a transfer that cannot begin takes nothing from the session.
func TestASessionOutlivesAShortage(t *testing.T) {
	registry := sessions.New(1, func(why sessions.End) { t.Log(why) })
	t.Cleanup(registry.Close)
	cfg := lasting
	cfg.Env = map[string]string{"A": "session", "B": "session"}
	if err := registry.Reserve(cfg.Place, 1); err != nil {
		t.Fatal(err)
	}
	cell := &shortCell{fakeCell: newFakeCell(), short: true}
	session, err := registry.Add(cfg, cell)
	if err != nil {
		t.Fatal(err)
	}
	job := nsjail.Job{Limits: nsjail.Limits{Wall: time.Minute}, Env: map[string]string{"B": "call"}}
	_, called := call(t.Context(), session, job)
	moved := move(t.Context(), session, func(context.Context, *transfer.Files) error { return nil })
	over, _ := session.Over()
	if !errors.Is(called, nsjail.ErrNotBegun) || !errors.Is(moved, nsjail.ErrNotBegun) || over != "" || session.State() != (sessions.State{}) {
		t.Errorf("%v, %v, %q, %+v", called, moved, over, session.State())
	}
	cell.short = false
	if _, err := call(t.Context(), session, job); err != nil || cell.env["A"] != "session" || cell.env["B"] != "call" {
		t.Errorf("%v, %v", err, cell.env)
	}
	if _, err := call(t.Context(), session, job); err != nil || len(cell.env) != 1 || session.State() != (sessions.State{Calls: 2}) {
		t.Errorf("%v, %v", err, cell.env)
	}
}

func TestARefusalSaysThatASessionGoesOnOnlyIfItDoes(t *testing.T) {
	_, session, _, _ := begin(t, lasting)
	if err := session.Refusal(nsjail.ErrCellLost); !errors.Is(err, nsjail.ErrCellLost) {
		t.Errorf("a session that lives: %v", err)
	}
	for _, goesOn := range []bool{true, false} {
		var problem *api.Problem
		if err := session.Refusal(nsjail.ErrNotBegun); !errors.As(err, &problem) || problem.Code != api.CodeUnavailable || strings.Contains(problem.Detail, "goes on") != goesOn {
			t.Errorf("it goes on: %t; %v", goesOn, err)
		}
		session.End(sessions.Deleted)
	}
}

// slowCell is slow to notice that its rest is over.
type slowCell struct {
	*fakeCell
	resting, woken, mayGoOn chan struct{}
}

func (c *slowCell) Rest(ctx context.Context, limits nsjail.Limits) (nsjail.Verdict, bool) {
	c.resting <- struct{}{}
	<-ctx.Done()
	c.woken <- struct{}{}
	<-c.mayGoOn
	return nsjail.Verdict{}, false
}

func TestASessionIsNotBusyWhileItIsProlonged(t *testing.T) {
	cell := &slowCell{newFakeCell(), make(chan struct{}, 10), make(chan struct{}, 10), make(chan struct{})}
	registry := sessions.New(1, func(sessions.End) {})
	if err := registry.Reserve(sessions.Place{}, 1); err != nil {
		t.Fatal(err)
	}
	session, err := registry.Add(sessions.Config{TTL: time.Hour, Idle: time.Hour}, cell)
	if err != nil {
		t.Fatal(err)
	}
	<-cell.resting
	until, prolonged := time.Now().Add(2*time.Hour), make(chan error, 1)
	go func() { prolonged <- session.Prolong(until) }()
	<-cell.woken
	if session.State().Busy {
		t.Error("a call would be refused")
	}
	close(cell.mayGoOn)
	if err := <-prolonged; err != nil || !session.Expires().Equal(until) {
		t.Errorf("until %v: %v", session.Expires(), err)
	}
	called := make(chan error, 1)
	go func() {
		_, err := call(t.Context(), session, nsjail.Job{Limits: nsjail.Limits{Wall: time.Minute}})
		called <- err
	}()
	<-cell.begun
	cell.answers <- nsjail.Verdict{}
	if err := <-called; err != nil {
		t.Error(err)
	}
	session.End(sessions.Deleted)
	if err := session.Prolong(until); !errors.Is(err, sessions.ErrOver) {
		t.Errorf("prolong a session that is over: %v", err)
	}
}

var bobs = sessions.Place{Owner: "bob", Party: "bob"}

func TestThereAreAsManySessionsAsThereMayBe(t *testing.T) {
	registry, session, _, ends := begin(t, lasting)
	if err := registry.Reserve(bobs, 1); !errors.Is(err, sessions.ErrTooMany) {
		t.Errorf("one more: %v", err)
	}
	session.End(sessions.Deleted)
	<-ends
	for registry.Reserve(bobs, 1) != nil { // the cell is gone, and so is the place
		if t.Context().Err() != nil {
			t.Fatal("the place was not given back")
		}
	}
	registry.GiveBack(bobs)
	registry.Close()
	if err := registry.Reserve(bobs, 1); !errors.Is(err, sessions.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// Ids that owners choose are their own; one is free again when its session has ended.
func TestAnOwnerMayChooseAnID(t *testing.T) {
	registry := sessions.New(10, func(sessions.End) {})
	t.Cleanup(registry.Close)
	place := func(owner string) sessions.Place { return sessions.Place{Party: owner, Owner: owner, ID: "mine"} }
	open := func(owner string) *sessions.Session {
		t.Helper()
		if err := registry.Reserve(place(owner), 9); err != nil {
			t.Fatal(err)
		}
		if err := registry.Reserve(place(owner), 9); !errors.Is(err, sessions.ErrExists) {
			t.Errorf("while it is made: %v", err)
		}
		cfg := lasting
		cfg.Place = place(owner)
		session, err := registry.Add(cfg, newFakeCell())
		if err != nil || session.ID != "mine" {
			t.Fatal(err, session)
		}
		return session
	}
	anns, bobs := open("ann"), open("bob")
	if registry.Find("mine", "ann") != anns || registry.Find("mine", "bob") != bobs || registry.Find("mine", "") != nil {
		t.Error("one finds the session of another")
	}
	if err := registry.Reserve(place("ann"), 9); !errors.Is(err, sessions.ErrExists) {
		t.Errorf("while it lives: %v", err)
	}
	anns.End(sessions.Idle)
	again := open("ann")
	if registry.Find("mine", "ann") != again || registry.Count() != 2 {
		t.Errorf("%d sessions", registry.Count())
	}
	if err := registry.Reserve(place("cid"), 9); err != nil {
		t.Fatal(err)
	}
	registry.GiveBack(place("cid"))
	open("cid")
}
