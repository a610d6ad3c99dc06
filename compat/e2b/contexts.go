package e2b

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

const (
	home        = "/home/user"
	maxPath     = 4096
	maxContexts = 32 // of a sandbox; their sessions are bounded for themselves
)

// codeContext is a session in which code runs.
type codeContext struct {
	id   string // also the session's
	cwd  string // empty: home
	turn chan struct{}

	restarts atomic.Bool // it has no session for a moment

	// The fields below are for whose turn it is.
	runs  int      // of code, in the session
	stray []string // variables of the last run only
}

func newContext(id, cwd string) *codeContext {
	return &codeContext{id: id, cwd: cwd, turn: make(chan struct{}, 1)}
}

// take waits until nobody else uses the context; done lets the next one.
func (x *codeContext) take(ctx context.Context) (done func(), err error) {
	select {
	case x.turn <- struct{}{}:
		return func() { <-x.turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// inUse reports whether the context has a session, or will have one, whatever the list of
// sessions says.
func (x *codeContext) inUse() bool { return len(x.turn) > 0 || x.restarts.Load() }

// unset gives the variables of the last run the values of the sandbox's own again. What
// cannot be unset stays: the code that runs next is its client's, too.
func (x *codeContext) unset(ctx context.Context, session *client.Session, env map[string]string) {
	values := make(map[string]*string)
	for _, name := range x.stray {
		values[name] = nil
		if value, has := env[name]; has {
			values[name] = &value
		}
	}
	if about, err := json.Marshal(values); err == nil && len(values) > 0 {
		_, _ = session.Execute(ctx, asked("Unset", about))
	}
}

// open makes the session of a context.
func (b *sandbox) open(ctx context.Context, c *compat.Caller, x *codeContext) error {
	b.mu.Lock()
	left := max(1, int(time.Until(b.ends).Round(time.Second).Seconds()))
	b.mu.Unlock()
	session, _, err := c.Client().NewSession(ctx, client.SessionRequest{
		ID: x.id, Mode: "cell", Profile: b.profile, Env: b.env, TTLS: left, IdleS: int(c.Limits().SessionIdle.Seconds()),
	})
	if err != nil {
		return err
	}
	if b.isDead() { // meanwhile
		_ = session.End(ctx)
		return gone()
	}
	if x.cwd == "" {
		return nil
	}
	answer, err := session.Execute(ctx, client.Request{Script: "__import__('os').chdir(" + literal(x.cwd) + ")", Mode: "function"})
	if err == nil && answer.Status != client.StatusOK {
		err = compat.Refuse(client.CodeInvalidRequest, "Failed to set working directory %q", shorten(x.cwd))
	}
	if err != nil {
		_ = session.End(ctx)
	}
	return err
}

// end marks the sandbox as dead, and returns its contexts besides the default one.
func (b *sandbox) end() []*codeContext {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dead = true
	return b.contexts[1:]
}

// keep adds a context, unless the sandbox has ended.
func (b *sandbox) keep(x *codeContext) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.dead {
		b.contexts = append(b.contexts, x)
	}
	return !b.dead
}

func (b *sandbox) isDead() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dead
}

// prolong sets how long the sandbox lives from now on.
func (b *sandbox) prolong(ctx context.Context, c *compat.Caller, lives time.Duration) error {
	for i, x := range b.all() {
		session, err := c.Client().Session(x.id)
		if err != nil {
			return err
		}
		state, err := session.SetTTL(ctx, lives)
		if i > 0 && over(err) {
			continue
		}
		if err != nil {
			return err
		}
		if i == 0 {
			b.mu.Lock()
			b.ends = state.ExpiresAt
			b.mu.Unlock()
		}
	}
	return nil
}

func (b *sandbox) all() []*codeContext {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.contexts)
}

// context returns the context with that id; empty: the default one.
func (b *sandbox) context(id string) (*codeContext, error) {
	for _, x := range b.all() {
		if id == "" || x.id == id {
			return x, nil
		}
	}
	return nil, compat.Refuse(client.CodeNotFound, "Context %s not found", shorten(id))
}

// over reports whether an error says that a session is no more.
func over(err error) bool {
	var p *client.Problem
	return errors.As(err, &p) && (p.Code == client.CodeGone || p.Code == client.CodeNotFound)
}

// python refuses other languages as a server does that lacks them.
func python(language string) error {
	switch strings.ToLower(strings.TrimSpace(language)) {
	case "", "python":
		return nil
	}
	return compat.Refuse(client.CodeInvalidRequest, "Failed to create context: No such kernel named %s: hotcell runs python", shorten(language))
}

// told is a context as the SDK reads it.
func (x *codeContext) told() map[string]string {
	cwd := x.cwd
	if cwd == "" {
		cwd = home
	}
	return map[string]string{"id": x.id, "language": "python", "cwd": cwd}
}

func (s *server) addContext(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	var wanted struct{ Language, CWD string }
	box, err := s.here(r, c)
	if err == nil {
		err = c.JSON(&wanted)
	}
	if err == nil {
		err = python(wanted.Language)
	}
	if err != nil {
		return err
	}
	if len(wanted.CWD) > maxPath {
		return compat.Refuse(client.CodeInvalidRequest, "cwd has more than %d bytes", maxPath)
	}
	if len(box.all()) >= maxContexts {
		return compat.Refuse(client.CodeInvalidRequest, "the sandbox has %d contexts, the most that it may have", maxContexts)
	}
	x := newContext(box.id+"-"+strings.ToLower(rand.Text()[:8]), wanted.CWD)
	if err := box.open(r.Context(), c, x); err != nil {
		return err
	}
	if !box.keep(x) {
		if session, err := c.Client().Session(x.id); err == nil {
			_ = session.End(r.Context())
		}
		return gone()
	}
	return write(w, http.StatusOK, x.told())
}

func (s *server) listContexts(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	box, err := s.here(r, c)
	if err != nil {
		return err
	}
	var told []map[string]string
	for _, x := range box.all() {
		told = append(told, x.told())
	}
	return write(w, http.StatusOK, told)
}

func (s *server) removeContext(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	box, x, session, err := s.named(r, c)
	if err != nil {
		return err
	}
	if x.id == box.id {
		return compat.Refuse(client.CodeInvalidRequest, "the default context cannot be removed: kill the sandbox")
	}
	box.mu.Lock()
	box.contexts = slices.DeleteFunc(box.contexts, func(other *codeContext) bool { return other == x })
	box.mu.Unlock()
	if err := session.End(r.Context()); err != nil && !over(err) {
		return err
	}
	return write(w, http.StatusOK, nil)
}

// restartContext ends a context's session and makes it anew, without its files.
func (s *server) restartContext(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	box, x, session, err := s.named(r, c)
	if err != nil {
		return err
	}
	x.restarts.Store(true)
	defer x.restarts.Store(false)
	if err := session.End(r.Context()); err != nil && !over(err) {
		return err
	}
	done, err := x.take(r.Context())
	if err != nil {
		return err
	}
	defer done()
	x.runs, x.stray = 0, nil
	if err := box.open(r.Context(), c, x); err != nil {
		return err
	}
	return write(w, http.StatusOK, nil)
}

// named returns the context that the path names.
func (s *server) named(r *http.Request, c *compat.Caller) (*sandbox, *codeContext, *client.Session, error) {
	box, err := s.here(r, c)
	if err != nil {
		return nil, nil, nil, err
	}
	x, err := box.context(c.Var("context"))
	if err != nil {
		return nil, nil, nil, err
	}
	session, err := c.Client().Session(x.id)
	return box, x, session, err
}
