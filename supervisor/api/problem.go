package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/hotcell/hotcell/supervisor/jsonwriter"
)

// Code names why a request was refused. The values are part of the HTTP contract:
// more may be added, none is renamed.
type Code string

// The codes.
const (
	CodeInvalidJSON          Code = "invalid_json"
	CodeInvalidRequest       Code = "invalid_request"
	CodeLimitTooHigh         Code = "limit_too_high"
	CodeUnknownProfile       Code = "unknown_profile"
	CodeSyntaxError          Code = "syntax_error"
	CodeNoMain               Code = "no_main"
	CodeUnauthorized         Code = "unauthorized"
	CodeForbidden            Code = "forbidden"
	CodeNotFound             Code = "not_found"
	CodeMethodNotAllowed     Code = "method_not_allowed"
	CodeTooLarge             Code = "too_large"
	CodeUnsupportedMediaType Code = "unsupported_media_type"
	CodeRateLimited          Code = "rate_limited"
	CodeUpgradeRequired      Code = "upgrade_required"
	CodeSaturated            Code = "saturated"
	CodeUnavailable          Code = "unavailable"
	CodeDraining             Code = "draining"
	CodeInternal             Code = "internal"
	CodeBusy                 Code = "busy"
	CodeGone                 Code = "gone"
	CodeTooManySessions      Code = "too_many_sessions"
	CodeSessionExists        Code = "session_exists"
	CodeFileError            Code = "file_error"
	CodeDiskFull             Code = "disk_full"
	CodeIdempotencyConflict  Code = "idempotency_conflict"
	CodeJobsUnavailable      Code = "jobs_unavailable"
	CodeMisdirected          Code = "misdirected"
)

// codes holds the HTTP status and title of each code.
var codes = map[Code]struct {
	status int
	title  string
}{
	CodeInvalidJSON:          {http.StatusBadRequest, "The body is not a JSON object"},
	CodeInvalidRequest:       {http.StatusBadRequest, "The request is not valid"},
	CodeLimitTooHigh:         {http.StatusBadRequest, "A limit exceeds the server's maximum"},
	CodeUnknownProfile:       {http.StatusBadRequest, "Unknown profile"},
	CodeSyntaxError:          {http.StatusBadRequest, "The script does not compile"},
	CodeNoMain:               {http.StatusBadRequest, "The script has no main function"},
	CodeUnauthorized:         {http.StatusUnauthorized, "A key is required"},
	CodeForbidden:            {http.StatusForbidden, "This is not allowed"},
	CodeNotFound:             {http.StatusNotFound, "There is nothing at this address"},
	CodeMethodNotAllowed:     {http.StatusMethodNotAllowed, "The address does not support this method"},
	CodeTooLarge:             {http.StatusRequestEntityTooLarge, "The request is too large"},
	CodeUnsupportedMediaType: {http.StatusUnsupportedMediaType, "The body is not declared as JSON"},
	CodeRateLimited:          {http.StatusTooManyRequests, "The key's rate or share is used up"},
	CodeUpgradeRequired:      {http.StatusUpgradeRequired, "The address requires WebSocket"},
	CodeSaturated:            {http.StatusServiceUnavailable, "All places are taken"},
	CodeUnavailable:          {http.StatusServiceUnavailable, "No cell can be created right now"},
	CodeDraining:             {http.StatusServiceUnavailable, "The server is shutting down"},
	CodeInternal:             {http.StatusInternalServerError, "The server failed"},
	CodeBusy:                 {http.StatusConflict, "Another call of the session is running"},
	CodeGone:                 {http.StatusGone, "The session has ended"},
	CodeTooManySessions:      {http.StatusTooManyRequests, "Too many sessions"},
	CodeSessionExists:        {http.StatusConflict, "There is a session of that id"},
	CodeFileError:            {http.StatusConflict, "The file cannot be read or written"},
	CodeDiskFull:             {http.StatusInsufficientStorage, "The session's disk is full"},
	CodeIdempotencyConflict:  {http.StatusConflict, "The idempotency key was used before"},
	CodeJobsUnavailable:      {http.StatusServiceUnavailable, "Jobs cannot be stored right now"},
	CodeMisdirected:          {http.StatusMisdirectedRequest, "Another node has the session"},
}

// Codes returns all codes, sorted.
func Codes() []Code { return slices.Sorted(maps.Keys(codes)) }

// ErrClientGone is returned instead of a problem if the client is gone.
var ErrClientGone = errors.New("the client hung up")

// ErrCutShort is the cause of a problem with a body that has ended early: the client is
// gone, or, which is rare, still waits for an answer with its sending side shut down.
var ErrCutShort = errors.New("the client ended the connection before the end of the body")

// Problem is a refusal: an RFC 9457 problem document, and an error.
type Problem struct {
	Type      string       `json:"type"`
	Title     string       `json:"title"`
	Status    int          `json:"status"`
	Detail    string       `json:"detail"`
	Code      Code         `json:"code"`
	RequestID string       `json:"request_id"`
	Errors    []FieldError `json:"errors,omitempty"`
	// Err is for clients that read only `error`. For a script that was refused it is
	// the script's error.
	Err ProblemError `json:"error"`
	// What a script printed that defines no main.
	Stdout *string `json:"stdout,omitempty"`
	Stderr *string `json:"stderr,omitempty"`

	// How the cell of a session that is gone ended.
	Verdict *Ending `json:"verdict,omitempty"`

	// Node has the session, and may be reached at Address (host:port), if that is known.
	Node    string `json:"node,omitempty"`
	Address string `json:"address,omitempty"`

	printed *printed // nil, or written as Stdout and Stderr

	// RetryAfter is 0 if retrying does not help. refusals.go, authorize.go and listen.go of
	// package supervisor set it, and terminals/places.go.
	RetryAfter time.Duration `json:"-"`
	Allow      string        `json:"-"` // the allowed methods
	Upgrade    string        `json:"-"` // the protocol that the address requires
	Challenge  string        `json:"-"` // the value of WWW-Authenticate
	Cause      error         `json:"-"` // for the log only
}

// ProblemError has the form of an answer's error.
type ProblemError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Line    *int   `json:"line"`
	// Column and Text are those of a syntax error.
	Column *int    `json:"column,omitempty"`
	Text   *string `json:"text,omitempty"`
}

// FieldError is an error in one part of a request, which a JSON pointer names.
type FieldError struct {
	Pointer string `json:"pointer"`
	Message string `json:"message"`
}

// Refuse returns a problem with the status and title of its code.
func Refuse(code Code, detail string, args ...any) *Problem {
	p := &Problem{
		Type:   "urn:hotcell:problem:" + string(code),
		Title:  codes[code].title,
		Status: codes[code].status,
		Detail: fmt.Sprintf(detail, args...),
		Code:   code,
	}
	p.Err = ProblemError{Type: string(code), Message: p.Detail}
	return p
}

// Incomplete returns the problem with a body that cannot be read to its end; err is that
// of the reader.
func Incomplete(err error) *Problem {
	p := Refuse(CodeInvalidRequest, "the body is incomplete: it ended early or arrived too slowly")
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) {
		p.Cause = ErrCutShort
	}
	return p
}

// Internal returns the problem for a failure of the service. Only the log shows the
// cause.
func Internal(cause error) *Problem {
	p := Refuse(CodeInternal, "the server failed to handle the request; its log has the details under this request ID")
	p.Cause = cause
	return p
}

func (p *Problem) Error() string { return fmt.Sprintf("%s: %s", p.Code, p.Detail) }

func (p *Problem) Unwrap() error { return p.Cause }

// Encode writes the problem as JSON.
func (p *Problem) Encode(w *jsonwriter.Writer, id string) {
	p.RequestID = id
	if p.printed == nil {
		w.Value(p)
		return
	}
	head, err := Encode(p)
	if err != nil {
		panic(err) // it has only strings and numbers
	}
	w.Raw(bytes.TrimSuffix(head, []byte("}\n")))
	w.RawString(`,"stdout":`)
	w.Text(p.printed.stdout)
	w.RawString(`,"stderr":`)
	w.Text(p.printed.stderr)
	w.RawString("}")
}

// Write answers the request with that id.
func (p *Problem) Write(w http.ResponseWriter, id string) {
	encode := func(w *jsonwriter.Writer) { p.Encode(w, id) }
	header := w.Header()
	header.Set("Content-Type", "application/problem+json")
	header.Set("Content-Length", strconv.FormatInt(jsonwriter.Size(encode), 10))
	if p.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.RetryAfter.Seconds()))))
	}
	if p.Allow != "" {
		header.Set("Allow", p.Allow)
	}
	if p.Challenge != "" {
		header.Set("WWW-Authenticate", p.Challenge)
	}
	if p.Upgrade != "" {
		header.Set("Upgrade", p.Upgrade)
		header.Set("Connection", "Upgrade")
	}
	w.WriteHeader(p.Status)
	out := jsonwriter.New(w)
	encode(out)
	_ = out.Close() // fails only if the client is gone
}

// WriteJSON writes an answer that is plain JSON. An error comes before anything is
// written.
func WriteJSON(w http.ResponseWriter, status int, value any) error {
	encoded, err := Encode(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(encoded)))
	w.WriteHeader(status)
	_, _ = w.Write(encoded) // fails only if the client is gone
	return nil
}
