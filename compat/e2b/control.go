package e2b

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

const (
	defaultTimeout = 300 // seconds
	envdVersion    = "0.5.8"
	maxMetadata    = 16 << 10 // bytes
	// debugID is what the SDK sends with E2B_DEBUG=true, which makes no sandbox.
	debugID = "debug_sandbox_id"
)

// theirs are templates of E2B's own, for which the default profile stands.
var theirs = []string{"", "base", "code-interpreter-v1", "code-interpreter"}

// wish is what a client asks of a new sandbox; the rest does not apply here.
type wish struct {
	Template string            `json:"templateID"`
	Timeout  *float64          `json:"timeout"` // seconds
	Metadata map[string]string `json:"metadata"`
	Env      map[string]string `json:"envVars"`
}

func (s *server) create(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	var wanted wish
	if err := c.JSON(&wanted); err != nil {
		return err
	}
	if size := sizeOf(wanted.Metadata) + len(wanted.Template); size > maxMetadata {
		return compat.Refuse(client.CodeInvalidRequest, "metadata: has %d bytes; the maximum is %d", size, maxMetadata)
	}
	if _, _, err := s.living(r.Context(), c); err != nil {
		return err
	}
	box, err := s.begin(r, c, newID(c.Node()), wanted)
	if err != nil {
		return err
	}
	return write(w, http.StatusCreated, box.access())
}

func sizeOf(texts map[string]string) (size int) {
	for name, value := range texts {
		size += len(name) + len(value)
	}
	return size
}

// begin makes a sandbox.
func (s *server) begin(r *http.Request, c *compat.Caller, id string, wanted wish) (*sandbox, error) {
	box := &sandbox{
		id: id, owner: c.Owner(), key: keyOf(r), token: rand.Text(), template: wanted.Template,
		metadata: wanted.Metadata, env: wanted.Env, began: time.Now(),
	}
	if !slices.Contains(theirs, wanted.Template) {
		box.profile = wanted.Template
	}
	box.ends = box.began.Add(lifetime(c, wanted.Timeout))
	first := newContext(id, "")
	err := box.open(r.Context(), c, first)
	if p := new(client.Problem); errors.As(err, &p) && p.Code == client.CodeUnknownProfile {
		return nil, compat.Refuse(client.CodeNotFound, "template %q not found: a template is the name of a profile", shorten(box.template))
	}
	if err != nil {
		return nil, err
	}
	box.contexts = []*codeContext{first}
	s.add(box)
	return box, nil
}

// keyOf returns the key in a request to E2B's own API.
func keyOf(r *http.Request) string {
	key := r.Header.Get("X-Api-Key")
	if key == "" {
		_, key, _ = strings.Cut(r.Header.Get("Authorization"), " ")
	}
	if len(key) > maxKey { // it is not one of hotcell's; there are no keys
		return ""
	}
	return strings.TrimSpace(key)
}

const maxKey = 1024 // bytes; they are kept with the sandbox

// lifetime returns how long a sandbox may live that is asked for with a timeout.
func lifetime(c *compat.Caller, timeout *float64) time.Duration {
	seconds := float64(defaultTimeout)
	if timeout != nil {
		seconds = *timeout
	}
	return time.Duration(max(1, min(seconds, c.Limits().SessionTTL.Seconds()))) * time.Second
}

// access is what the SDK needs to know to reach a sandbox.
func (b *sandbox) access() map[string]any {
	return map[string]any{
		"sandboxID": b.id, "templateID": b.template, "clientID": "hotcell", "envdVersion": envdVersion,
		"envdAccessToken": b.token, "trafficAccessToken": b.token,
	}
}

// detail is what it shows of a sandbox.
func (b *sandbox) detail(state client.SessionState) map[string]any {
	told := b.access()
	metadata := b.metadata
	if metadata == nil {
		metadata = map[string]string{}
	}
	for name, value := range map[string]any{
		"startedAt": b.began.UTC(), "endAt": state.ExpiresAt.UTC(), "state": "running", "metadata": metadata,
		"cpuCount": 1, "memoryMB": state.Limits.MemoryBytes >> 20, "diskSizeMB": state.Limits.DiskBytes >> 20,
	} {
		told[name] = value
	}
	delete(told, "trafficAccessToken")
	return told
}

func (s *server) list(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	query := r.URL.Query()
	wanted, err := url.ParseQuery(query.Get("metadata"))
	if err != nil {
		return compat.Refuse(client.CodeInvalidRequest, "metadata: %v", err)
	}
	boxes, states, err := s.living(r.Context(), c)
	if err != nil {
		return err
	}
	told := []any{}
	for i, box := range boxes {
		fits := len(query["state"]) == 0 || slices.ContainsFunc(query["state"], func(s string) bool { return strings.Contains(s, "running") })
		for name := range wanted {
			fits = fits && box.metadata[name] == wanted.Get(name)
		}
		if fits {
			shown := box.detail(states[i])
			delete(shown, "envdAccessToken")
			told = append(told, shown)
		}
	}
	if err := c.Everywhere(func(answer []byte) error {
		var theirs []json.RawMessage
		if err := json.Unmarshal(answer, &theirs); err != nil {
			return fmt.Errorf("its list of sandboxes: %w", err)
		}
		for _, box := range theirs {
			told = append(told, box)
		}
		return nil
	}); err != nil {
		return err
	}
	return write(w, http.StatusOK, told)
}

// owned returns the caller's sandbox that the path names.
func (s *server) owned(c *compat.Caller) (*sandbox, *client.Session, error) {
	box := s.find(c.Var("id"))
	if box == nil || box.owner != c.Owner() {
		return nil, nil, missing(c.Var("id"))
	}
	session, err := c.Client().Session(box.id)
	return box, session, err
}

// state returns the caller's sandbox that the path names, and its session.
func (s *server) state(ctx context.Context, c *compat.Caller) (*sandbox, *client.SessionState, error) {
	box, session, err := s.owned(c)
	if err != nil {
		return nil, nil, err
	}
	state, err := session.State(ctx)
	if over(err) {
		s.forget(box)
		return nil, nil, missing(box.id)
	}
	return box, state, err
}

func (s *server) show(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	box, state, err := s.state(r.Context(), c)
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, box.detail(*state))
}

func (s *server) metrics(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	if _, _, err := s.state(r.Context(), c); err != nil {
		return err
	}
	return write(w, http.StatusOK, []any{})
}

func (s *server) kill(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	box, session, err := s.owned(c)
	if err != nil {
		return err
	}
	s.remove(box)
	others := box.end()
	err = session.End(r.Context())
	for _, other := range others {
		if session, err := c.Client().Session(other.id); err == nil {
			_ = session.End(r.Context()) // it may have ended
		}
	}
	if over(err) {
		return missing(box.id)
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *server) setTimeout(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	var wanted wish
	if err := c.JSON(&wanted); err != nil {
		return err
	}
	box, _, err := s.state(r.Context(), c)
	if err != nil {
		return err
	}
	if err := box.prolong(r.Context(), c, lifetime(c, wanted.Timeout)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// connect prolongs a sandbox, if that makes it live longer, and tells how to reach it.
func (s *server) connect(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	var wanted wish
	if err := c.JSON(&wanted); err != nil {
		return err
	}
	box, state, err := s.state(r.Context(), c)
	if err != nil {
		return err
	}
	if lives := lifetime(c, wanted.Timeout); time.Now().Add(lives).After(state.ExpiresAt) {
		if err := box.prolong(r.Context(), c, lives); err != nil {
			return err
		}
	}
	return write(w, http.StatusOK, box.access())
}
