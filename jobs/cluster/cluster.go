// Package cluster connects to the NATS cluster that nodes share.
package cluster

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
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

// said is an error that was logged.
type said struct {
	log  *slog.Logger
	text string
}

// told has when errors were logged last: also those of earlier connections, since one that
// cannot be used is made again and again. It has at most mostTold of them.
var told = struct {
	sync.Mutex
	at map[said]time.Time
}{at: make(map[said]time.Time)}

const mostTold = 100

// complain returns what logs the errors of a connection: the same one once a minute.
func complain(log *slog.Logger, what string) nats.ErrHandler {
	return func(_ *nats.Conn, _ *nats.Subscription, err error) {
		is := said{log, what + err.Error()}
		if errors.Is(err, nats.ErrPermissionViolation) {
			is.text = is.text[:strings.LastIndex(is.text, ".")+1] // the rest of the subject may be an id
			err = explained(err)
		}
		told.Lock()
		defer told.Unlock()
		if time.Since(told.at[is]) < time.Minute {
			return
		}
		if len(told.at) >= mostTold {
			clear(told.at)
		}
		told.at[is] = time.Now()
		log.Warn(what, "error", err)
	}
}
