package cli

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"

	"github.com/hotcell/hotcell/client"
)

// usageError is a mistake in the command line. Where it has no hint of its own,
// Main points to the command's help.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// Usagef returns an error about the command line, with [ExitUsage].
func Usagef(format string, args ...any) error {
	return Exit(ExitUsage, usageError{fmt.Errorf(format, args...)})
}

type hintedError struct {
	error
	hint string
}

func (e hintedError) Unwrap() error { return e.error }

// Hint adds to err what the user can do about it. It returns nil for nil.
func Hint(err error, hint string) error {
	if err == nil {
		return nil
	}
	return hintedError{err, hint}
}

// hintFor returns the hint that err carries, else one for a usual cause.
func hintFor(err error) string {
	var hinted hintedError
	switch {
	case errors.As(err, &hinted):
		return hinted.hint
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program listens there; choose another address, with --listen or in the setting that is named"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there; hotcell serve starts a server, and --listen sets its address"
	case errors.As(err, new(*net.DNSError)):
		return "check the name in the address"
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, new(tls.RecordHeaderError)):
		return "the server there speaks HTTP without TLS: begin the address with http://"
	case errors.As(err, new(*client.UnexpectedError)):
		return "another server, or a proxy, answers there: check the address, which may come from " + URLEnv
	case errors.Is(err, syscall.EMFILE):
		return "a process may not open more files: raise the limit, with ulimit -n or LimitNOFILE="
	case errors.Is(err, os.ErrPermission) && errors.As(err, new(*net.OpError)):
		return "ports below 1024 need root or CAP_NET_BIND_SERVICE; choose another one with --listen"
	default:
		return ""
	}
}

// Complain prints err, and its hint if it has one.
func Complain(w io.Writer, err error) {
	text := fmt.Sprintf("hotcell: %s\n", strings.ReplaceAll(err.Error(), "\n", "\nhotcell: "))
	if hint := hintFor(err); hint != "" {
		text += fmt.Sprintf("hint: %s\n", hint)
	}
	_, _ = io.WriteString(w, text)
}

// PrintJSON prints value on standard output as one line of JSON.
func PrintJSON(value any) {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // fails only when nobody reads any more
}
