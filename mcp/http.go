package mcp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// Handler serves a server as streamable HTTP. Each request stands for itself:
// nothing is kept between two, but hotcell's own sessions.
type Handler struct{ sdk http.Handler }

// NewHandler makes one.
func NewHandler(server *sdk.Server) *Handler {
	server.AddReceivingMiddleware(endWithClient)
	return &Handler{sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return server }, &sdk.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true,
		DisableLocalhostProtection: true, // hotcell has checked Host, as for every route
		MaxRequestBodyBytes:        -1,   // and read the body within its limits
	})}
}

// Refusal is a request that MCP's use of HTTP does not allow, with the HTTP status
// for it.
type Refusal struct {
	Status int
	Detail string
}

func (r *Refusal) Error() string { return r.Detail }

// Serve answers a POST whose body was read. Faults of its messages are answered in
// JSON-RPC; the error is a [*Refusal], and then nothing was written. The tools that
// it calls end with the request's context.
func (h *Handler) Serve(w http.ResponseWriter, r *http.Request, body []byte) error {
	given, err := readMessages(body)
	var wrong *rpcError
	if errors.As(err, &wrong) {
		wrong.write(w)
		return nil
	}
	body, changed := given.numbered()
	r = r.WithContext(context.WithValue(r.Context(), clientKey{}, r.Context()))
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	kept := &keeper{ResponseWriter: w, all: changed}
	h.sdk.ServeHTTP(kept, r)
	if !kept.keeps {
		return nil
	}
	answer := kept.body.Bytes()
	if !kept.isJSON() {
		return &Refusal{kept.status, strings.TrimSpace(string(answer))}
	}
	if answer, err = given.restored(answer); err != nil {
		return err
	}
	w.WriteHeader(kept.status)
	_, _ = w.Write(answer) // a client that is gone misses it
	return nil
}

type clientKey struct{}

// endWithClient ends what is done for a request when its client hangs up. The SDK
// does so from protocol version 2026-07-28 on only: before, a client might come
// back for the answer, which nobody keeps here.
func endWithClient(next sdk.MethodHandler) sdk.MethodHandler {
	return func(ctx context.Context, method string, request sdk.Request) (sdk.Result, error) {
		if client, ok := ctx.Value(clientKey{}).(context.Context); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithCancel(ctx)
			defer cancel()
			defer context.AfterFunc(client, cancel)()
		}
		return next(ctx, method, request)
	}
}

// keeper passes an answer on, and keeps it back where it is to be changed: a
// refusal in plain text, or all.
type keeper struct {
	http.ResponseWriter
	all    bool
	status int // 0: nothing was written yet
	keeps  bool
	body   bytes.Buffer
}

func (k *keeper) isJSON() bool {
	return strings.HasPrefix(k.Header().Get("Content-Type"), "application/json")
}

func (k *keeper) WriteHeader(status int) {
	if k.status != 0 {
		return
	}
	k.status = status
	k.keeps = status >= 400 && !k.isJSON() || k.all && k.isJSON()
	if !k.keeps {
		k.ResponseWriter.WriteHeader(status)
	}
}

func (k *keeper) Write(data []byte) (int, error) {
	if k.status == 0 {
		k.WriteHeader(http.StatusOK)
	}
	if k.keeps {
		return k.body.Write(data)
	}
	return k.ResponseWriter.Write(data)
}

// Unwrap is for [http.ResponseController].
func (k *keeper) Unwrap() http.ResponseWriter { return k.ResponseWriter }
