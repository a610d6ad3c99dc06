// Package cluster connects to the NATS cluster that nodes share.
package cluster

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Config says where a cluster is, and how this node and the cluster know each other.
type Config struct {
	URL         string
	Credentials string // a credentials file; empty: none
	CA          string // a file with the certificates that the cluster's is checked with; empty: the system's
	Cert, Key   string // files with a certificate to show, and its key; empty: none
	Node        string // this node's name
	Log         *slog.Logger
}

// reconnectWait is how long it takes until a connection that was lost is tried again.
const reconnectWait = time.Second / 4

// Options are those of a connection that is made again whenever it is lost. While it is, what
// is sent is refused: nobody would wait for its answer any more. The log calls it what.
func (c Config) Options(what string) []nats.Option {
	options := []nats.Option{
		// A cluster may refuse all credentials for a while, as when its own configuration is changed.
		nats.Name("hotcell " + c.Node), nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(), nats.ReconnectWait(reconnectWait),
		nats.ReconnectBufSize(-1), nats.ErrorHandler(complain(c.Log, what)),
	}
	if c.Credentials != "" {
		options = append(options, nats.UserCredentials(c.Credentials))
	}
	if c.CA != "" {
		options = append(options, nats.RootCAs(c.CA))
	}
	if c.Cert != "" {
		options = append(options, nats.ClientCert(c.Cert, c.Key))
	}
	return options
}

// Dial returns a connection for something besides jobs, which need not be connected yet.
func Dial(cfg Config) (*nats.Conn, error) {
	return nats.Connect(cfg.URL, append(cfg.Options("the connection by which nodes find each other"), nats.RetryOnFailedConnect(true))...)
}

// Lacks returns which right the connection's user was last found to lack, or nil.
func Lacks(conn *nats.Conn) error {
	if err := conn.LastError(); errors.Is(err, nats.ErrPermissionViolation) {
		return explained(err)
	}
	return nil
}

func explained(err error) error {
	return fmt.Errorf("the user of the NATS cluster lacks a right that hotcell needs: %w", err)
}

// mostTold bounds the errors of which it is known when they were logged.
const mostTold = 100

// complain returns what logs the errors of a connection: the same one once a minute.
func complain(log *slog.Logger, what string) nats.ErrHandler {
	told := make(map[string]time.Time)
	return func(_ *nats.Conn, _ *nats.Subscription, err error) { // is called by one goroutine
		text := err.Error()
		if errors.Is(err, nats.ErrPermissionViolation) {
			text = text[:strings.LastIndex(text, ".")+1] // the rest of the subject may be an id
			err = explained(err)
		}
		if time.Since(told[text]) < time.Minute {
			return
		}
		if len(told) >= mostTold {
			clear(told)
		}
		told[text] = time.Now()
		log.Warn(what, "error", err)
	}
}
