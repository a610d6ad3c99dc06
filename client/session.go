package client

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// Session is a jail that keeps names and files from one call to the next.
type Session struct {
	client *Client
	path   string
	id     string
}

// NewSession starts a session. The caller ends it with [Session.End].
func (c *Client) NewSession(ctx context.Context, request SessionRequest) (*Session, *SessionState, error) {
	response, err := c.exchange(ctx, http.MethodPost, "/sessions", request)
	if err != nil {
		return nil, nil, err
	}
	state := new(SessionState)
	if err := response.into(state); err != nil {
		return nil, nil, err
	}
	session, err := c.Session(state.ID)
	if err != nil {
		return nil, nil, response.unexpected(err)
	}
	return session, state, nil
}

var sessionID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// Session returns the session with this id, which was started elsewhere. It does
// not ask the server. An id has letters, digits, dots, dashes and underscores, and
// begins with a letter or digit; any other is an error, as it could lead to another
// address.
func (c *Client) Session(id string) (*Session, error) {
	if !sessionID.MatchString(id) {
		return nil, fmt.Errorf("there is no session %q: an id has letters, digits, dots, dashes and underscores only", id)
	}
	return &Session{c, "/sessions/" + id, id}, nil
}

// Sessions lists the key's live sessions, the oldest first.
func (c *Client) Sessions(ctx context.Context) ([]SessionState, error) {
	var list struct {
		Sessions []SessionState `json:"sessions"`
	}
	return list.Sessions, c.call(ctx, http.MethodGet, "/sessions", nil, &list)
}

// ID returns the session's id.
func (s *Session) ID() string { return s.id }

// Queue returns the same session for callers who wait in line while another call or
// transfer runs in it, for at most so long.
func (s *Session) Queue(longest time.Duration) *Session {
	waits, client := *s, *s.client
	client.prefer = "queue=" + strconv.FormatFloat(longest.Seconds(), 'f', -1, 64)
	waits.client = &client
	return &waits
}

// Execute runs a script with the names and files of the calls before. A session
// runs one call at a time: another one gets [CodeBusy], unless [Session.Queue] lets it wait.
// Profile must be empty.
func (s *Session) Execute(ctx context.Context, request Request) (*Answer, error) {
	return s.client.execute(ctx, s.path+"/execute", request)
}

// ExecuteRaw is [Client.ExecuteRaw] in the session.
func (s *Session) ExecuteRaw(ctx context.Context, body []byte) (*Response, error) {
	return s.client.exchangeBytes(ctx, http.MethodPost, s.path+"/execute", body)
}

// Stream is [Client.Stream] in the session.
func (s *Session) Stream(ctx context.Context, request Request) (*Stream, error) {
	return s.client.stream(ctx, s.path+"/execute", request)
}

// Interrupt interrupts the call that runs in the session, as Ctrl-C does on a terminal,
// and reports whether there is one. The session lives.
func (s *Session) Interrupt(ctx context.Context) (bool, error) {
	var done struct {
		Interrupted bool `json:"interrupted"`
	}
	err := s.client.call(ctx, http.MethodPost, s.path+"/interrupt", nil, &done)
	return done.Interrupted, err
}

// State asks the server for the session's state. It does not count as a call.
func (s *Session) State(ctx context.Context) (*SessionState, error) {
	state := new(SessionState)
	return state, s.client.call(ctx, http.MethodGet, s.path, nil, state)
}

// SetTTL sets for how long the session lives from now on, in whole seconds. The server
// allows no more than its session_ttl since the session began: see the state's ExpiresAt.
func (s *Session) SetTTL(ctx context.Context, ttl time.Duration) (*SessionState, error) {
	state := new(SessionState)
	return state, s.client.call(ctx, http.MethodPatch, s.path, map[string]int64{"ttl_s": int64(ttl.Seconds())}, state)
}

// End ends the session, and a call that runs in it.
func (s *Session) End(ctx context.Context) error {
	return s.client.call(ctx, http.MethodDelete, s.path, nil, nil)
}
