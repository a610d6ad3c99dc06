package client

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Code names why a request was refused.
type Code string

// The codes. A newer server may know more.
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
	CodeUpgradeRequired      Code = "upgrade_required"
	CodeBusy                 Code = "busy"
	CodeGone                 Code = "gone"
	CodeRateLimited          Code = "rate_limited"
	CodeTooManySessions      Code = "too_many_sessions"
	CodeSessionExists        Code = "session_exists"
	CodeFileError            Code = "file_error"
	CodeDiskFull             Code = "disk_full"
	CodeIdempotencyConflict  Code = "idempotency_conflict"
	CodeJobsUnavailable      Code = "jobs_unavailable"
	CodeMisdirected          Code = "misdirected"
	CodeSaturated            Code = "saturated"
	CodeUnavailable          Code = "unavailable"
	CodeDraining             Code = "draining"
	CodeInternal             Code = "internal"
)

// Codes lists all codes.
var Codes = []Code{
	CodeInvalidJSON, CodeInvalidRequest, CodeLimitTooHigh, CodeUnknownProfile, CodeSyntaxError, CodeNoMain, CodeUnauthorized,
	CodeForbidden, CodeNotFound, CodeMethodNotAllowed, CodeTooLarge, CodeUnsupportedMediaType, CodeUpgradeRequired, CodeBusy,
	CodeGone, CodeRateLimited, CodeTooManySessions, CodeSessionExists, CodeFileError, CodeDiskFull,
	CodeIdempotencyConflict, CodeJobsUnavailable, CodeMisdirected, CodeSaturated, CodeUnavailable, CodeDraining, CodeInternal,
}

// Problem is a refusal (RFC 9457): the script did not run, or compiled to nothing
// that could.
type Problem struct {
	Type      string       `json:"type"`
	Title     string       `json:"title"`
	Status    int          `json:"status"` // of HTTP
	Detail    string       `json:"detail"`
	Code      Code         `json:"code"`
	RequestID string       `json:"request_id"`
	Errors    []FieldError `json:"errors,omitempty"`
	Err       ProblemError `json:"error"`
	Stdout    *string      `json:"stdout,omitempty"` // what a script printed that left no main
	Stderr    *string      `json:"stderr,omitempty"`
	Verdict   *Ending      `json:"verdict,omitempty"` // of a session that is gone: what ended it
	Node      string       `json:"node,omitempty"`    // that has the session
	Address   string       `json:"address,omitempty"` // of that node: host:port

	RetryAfter time.Duration `json:"-"` // the pause that the server asks for; 0: none
}

// FieldError says what is wrong with one field of a request, by JSON pointer.
type FieldError struct {
	Pointer string `json:"pointer"`
	Message string `json:"message"`
}

// ProblemError repeats a problem in the form of an answer's error.
type ProblemError struct {
	Type    string  `json:"type"`
	Message string  `json:"message"`
	Line    *int    `json:"line"`             // of a script that does not compile
	Column  *int    `json:"column,omitempty"` // likewise, from 1
	Text    *string `json:"text,omitempty"`   // that line
}

func (p *Problem) Error() string {
	text := p.Detail
	if !strings.HasPrefix(strings.ToLower(text), strings.ToLower(p.Title)+":") { // else it says the same twice
		text = p.Title + ": " + text
	}
	if p.Err.Line != nil {
		text += fmt.Sprintf(" (line %d)", *p.Err.Line)
	}
	return text
}

// MayRetry reports whether the same request may succeed after RetryAfter. It was
// refused before its script began, so the script cannot run twice.
func (p *Problem) MayRetry() bool {
	// Not draining: a script that runs when a server stops gets that code, too.
	return p.RetryAfter > 0 && slices.Contains([]Code{CodeRateLimited, CodeSaturated, CodeUnavailable}, p.Code)
}

// UnexpectedError is a response that is not hotcell's: for example of a proxy, or
// of another program at this address.
type UnexpectedError struct {
	Method, URL string
	Status      int    // of HTTP
	ContentType string // without parameters; empty: unknown
	Body        []byte

	cause error
}

const longestQuote = 300 // bytes of a body in an error's text

func (e *UnexpectedError) Error() string {
	text := fmt.Sprintf("%s %s: unexpected response: HTTP %d, type %q", e.Method, e.URL, e.Status, e.ContentType)
	if e.cause != nil {
		text += fmt.Sprintf(" (%v)", e.cause)
	}
	return fmt.Sprintf("%s: %.*q", text, longestQuote, e.Body)
}

func (e *UnexpectedError) Unwrap() error { return e.cause }
