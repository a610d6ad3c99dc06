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

// Handler serves an MCP server as streamable HTTP. It keeps nothing from one
// request to the next; only hotcell's own sessions last.
type Handler struct{ sdk http.Handler }

// NewHandler returns the handler of a server.
func NewHandler(server *sdk.Server) *Handler {
	server.AddReceivingMiddleware(endWithClient)
	return &Handler{sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return server }, &sdk.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true,
		DisableLocalhostProtection: true, // hotcell checks Host itself
		MaxRequestBodyBytes:        -1,   // and limits the body
	})}
}

// Refusal is the error for a request that MCP does not allow over HTTP, with its HTTP
// status.
type Refusal struct {
	Status int
	Detail string
}

func (r *Refusal) Error() string { return r.Detail }

// Serve answers a POST whose body was read. It answers invalid messages in JSON-RPC.
// If it returns an error, that is a [*Refusal], and nothing was written. The tools
// that it calls end with the request's context.
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
	kept := &keeper{ResponseWriter: w}
	if changed {
		kept.restored = given.restored
	}
	h.sdk.ServeHTTP(kept, r)
	if kept.refused {
		return &Refusal{kept.status, strings.TrimSpace(kept.refusal.String())}
	}
	return nil
}

type clientKey struct{}

// endWithClient ends the work for a request when its client hangs up. The SDK does so
// only from protocol version 2026-07-28 on: before, a client might come back for its
// answer, which hotcell does not keep.
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

// keeper passes an answer on with its ids restored, and holds back refusals in plain
// text.
type keeper struct {
	http.ResponseWriter
	restored func(answer []byte) ([][]byte, error) // nil: pass the answer on unchanged
	status   int                                   // 0: nothing was written yet
	refused  bool
	refusal  bytes.Buffer
}

func (k *keeper) isJSON() bool {
	return strings.HasPrefix(k.Header().Get("Content-Type"), "application/json")
}

func (k *keeper) WriteHeader(status int) {
	if k.status != 0 {
		return
	}
	k.status = status
	k.refused = status >= 400 && !k.isJSON()
	if !k.refused {
		k.ResponseWriter.WriteHeader(status)
	}
}

// Write expects JSON answers in a single call, which is how the SDK writes them.
func (k *keeper) Write(data []byte) (int, error) {
	if k.status == 0 {
		k.WriteHeader(http.StatusOK)
	}
	switch {
	case k.refused:
		return k.refusal.Write(data)
	case k.restored == nil || !k.isJSON():
		return k.ResponseWriter.Write(data)
	}
	pieces, err := k.restored(data)
	if err != nil {
		return 0, err
	}
	for _, piece := range pieces {
		if _, err := k.ResponseWriter.Write(piece); err != nil {
			return 0, err
		}
	}
	return len(data), nil
}

// Unwrap lets [http.ResponseController] reach the connection.
func (k *keeper) Unwrap() http.ResponseWriter { return k.ResponseWriter }
