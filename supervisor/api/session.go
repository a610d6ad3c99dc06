package api

import (
	"regexp"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/config"
)

const (
	defaultSessionTTL  = 10 * time.Minute
	defaultSessionIdle = 5 * time.Minute
	// maxSessionEnv bounds the variables that a session keeps until its first call.
	maxSessionEnv = 64 << 10
)

// SessionRequest is a decoded request for a session.
type SessionRequest struct {
	Profile   string
	Limits    nsjail.Limits
	TTL, Idle time.Duration
	Mode      protocol.ScriptMode // of calls that name none
	Env       map[string]string
	Files     []protocol.File // their content aliases the body
	ID        string          // that the client chose; empty: none
}

// DecodeSession decodes a request for a session in one of the profiles. ttl and idle
// are the longest lifetime, and the longest time without a call, that it may ask for.
func DecodeSession(body []byte, profiles []config.Profile, ttl, idle time.Duration) (SessionRequest, *Problem) {
	f, given := readForm(body, sessionFields, sessionForm{
		ttl: min(defaultSessionTTL, ttl), idle: min(defaultSessionIdle, idle), maxTTL: ttl, maxIdle: idle,
	})
	chosen := f.profile(given.profile, profiles)
	limits := chosen.Default
	f.limits(given.limits, &limits, chosen.Max)
	f.fit(&nsjail.Job{Files: given.files, Limits: limits})
	size := 0
	for name, value := range given.env {
		size += len(name) + len(value)
	}
	if size > maxSessionEnv {
		f.refuseAt(CodeInvalidRequest, "/env", "has %d bytes; the maximum for a session is %d", size, maxSessionEnv)
	}
	return SessionRequest{
		Profile: chosen.Name, Limits: limits, TTL: given.ttl, Idle: given.idle,
		Mode: given.mode, Env: given.env, Files: given.files, ID: given.id,
	}, f.problem()
}

// DecodeLifetime decodes a request to change a session's lifetime, of at most ttl from
// now on.
func DecodeLifetime(body []byte, ttl time.Duration) (time.Duration, *Problem) {
	f, given := readForm(body, lifetimeFields, lifetimeForm{maxTTL: ttl})
	if !given.has {
		f.refuseAt(CodeInvalidRequest, "/ttl_s", "is missing")
	}
	return given.ttl, f.problem()
}

type lifetimeForm struct {
	ttl, maxTTL time.Duration
	has         bool // ttl is given, be it allowed or not
}

// lifetimeFields lists the fields of [DecodeLifetime].
var lifetimeFields = []field[lifetimeForm]{
	{"ttl_s", func(f *form, s *lifetimeForm) { s.has = true; f.seconds(&s.ttl, s.maxTTL) }},
}

// sessionForm holds the fields of a request for a session until all are read.
type sessionForm struct {
	profile, limits []byte // nil: missing
	ttl, idle       time.Duration
	maxTTL, maxIdle time.Duration
	mode            protocol.ScriptMode
	env             map[string]string
	files           []protocol.File
	id              string
}

// sessionFields lists the fields of [DecodeSession].
var sessionFields = []field[sessionForm]{
	{"profile", func(f *form, s *sessionForm) { s.profile = f.raw() }},
	{"limits", func(f *form, s *sessionForm) { s.limits = f.raw() }},
	{"ttl_s", func(f *form, s *sessionForm) { f.seconds(&s.ttl, s.maxTTL) }},
	{"idle_s", func(f *form, s *sessionForm) { f.seconds(&s.idle, s.maxIdle) }},
	{"mode", func(f *form, s *sessionForm) { s.mode = f.mode() }},
	{"env", func(f *form, s *sessionForm) { s.env = f.variables() }},
	{"files", func(f *form, s *sessionForm) { s.files = f.files() }},
	{"id", func(f *form, s *sessionForm) { s.id = f.sessionID() }},
}

// sessionID is what an id that a client chooses looks like: it is part of addresses.
var sessionID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func (f *form) sessionID() string {
	id, ok := f.text()
	if ok && !sessionID.MatchString(id) {
		f.refuse(CodeInvalidRequest, "%q is not allowed: an id has 1 to 64 letters, digits, dots, dashes and underscores, and begins with a letter or digit", Shorten(id))
	}
	return id
}

// seconds reads a whole number of seconds.
func (f *form) seconds(into *time.Duration, most time.Duration) {
	if n, ok := f.whole(1, int64(most.Seconds())); ok {
		*into = time.Duration(n) * time.Second
	}
}

// perCall names the limits that a call may set; a session's other limits are fixed.
var perCall = map[string]bool{"wall_ms": true, "cpu_ms": true, "output_bytes": true, "result_bytes": true, "files_bytes": true, "outputs_bytes": true, "interrupt_grace_ms": true}

// DecodeCall decodes a call of a session. given and mode are the session's. The limits
// of profile are the most that the call may ask for; nil: the key may not use the
// profile any more.
func DecodeCall(body []byte, given nsjail.Limits, mode protocol.ScriptMode, profile *config.Profile) (nsjail.Job, *Problem) {
	f, call := readForm(body, callFields, scriptForm{job: nsjail.Job{Mode: mode}})
	call.needsScript(f)
	f.program(&call.job)
	job := &call.job
	job.Limits = given
	if call.limits != nil {
		if profile == nil {
			return nsjail.Job{}, Refuse(CodeForbidden, "the key may no longer use the profile of the session")
		}
		f.limits(call.limits, &job.Limits, profile.Max)
		for _, limit := range config.Limits {
			if own := limit.Amount(&given); !perCall[limit.Wire] && limit.Amount(&job.Limits) != own {
				f.refuseAt(CodeInvalidRequest, "/limits/"+limit.Wire, "is %d; it is set when the session is created, to %d", limit.Amount(&job.Limits), own)
			}
		}
	}
	f.fit(job)
	return *job, f.problem()
}

// callFields lists the fields of [DecodeCall].
var callFields = append([]field[scriptForm]{
	{"profile", func(f *form, _ *scriptForm) { f.refuse(CodeInvalidRequest, "is set when the session is created") }},
}, executionFields...)

// SessionState is a session as its owner sees it.
type SessionState struct {
	ID      string           `json:"id"`
	Profile string           `json:"profile"`
	Created time.Time        `json:"created_at"`
	Expires time.Time        `json:"expires_at"`
	IdleS   int64            `json:"idle_s"` // the longest time without a call, in seconds
	Limits  map[string]int64 `json:"limits"`
	Busy    bool             `json:"busy"`
	Calls   int              `json:"calls"` // finished

	// Key is the name of the key that made it. Only administrators see it.
	Key string `json:"key,omitempty"`
}
