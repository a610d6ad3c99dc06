package baseline

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// HTTP serves a baseline as POST /execute with as little code as possible, so that
// baselines and hotcell have the same client and both pay for HTTP.
type HTTP struct {
	server *http.Server
	URL    string
	served chan error
}

// Serve starts a server on a port of loopback.
func Serve(do func(ctx context.Context, request []byte) ([]byte, error)) (*HTTP, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /execute", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
		var result []byte
		if err == nil {
			result, err = do(r.Context(), body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		for _, part := range [][]byte{[]byte(`{"status":"ok","result":`), result, []byte("}\n")} {
			_, _ = w.Write(part) // fails only if the client is gone
		}
	})
	return serve(mux)
}

func serve(handler http.Handler) (*HTTP, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &HTTP{
		server: &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second},
		URL:    "http://" + listener.Addr().String(), served: make(chan error, 1),
	}
	go func() { p.served <- p.server.Serve(listener) }()
	return p, nil
}

// Close stops the server, and leaves the baseline running.
func (p *HTTP) Close() error {
	err := p.server.Close()
	if served := <-p.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
