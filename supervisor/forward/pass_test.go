package forward_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/fleet"
)

// over is a body that the server has closed when all of it was read.
type over struct {
	io.Reader
	left  int
	asked bool // for more
}

func (b *over) Close() error { return nil }

func (b *over) Read(p []byte) (int, error) {
	if b.left == 0 {
		b.asked = true
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := b.Reader.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// The server closes a request's body when the answer begins, which may be before
// [http.Transport] has seen its end.
func TestAnAnswerIsNotCutByTheEndOfItsRequest(t *testing.T) {
	n := join(t, cluster(t), "a", "")
	address := owner(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	body := &over{Reader: strings.NewReader("body"), left: 4}
	r := httptest.NewRequest("POST", "/sessions/x", body)
	r.ContentLength = 4
	answer := httptest.NewRecorder()
	if err := n.Pass(answer, r, "id", "party", &fleet.Node{Advertise: address}); err != nil || answer.Body.String() != "body" || body.asked {
		t.Errorf("%v %q, the body was asked for more: %v", err, answer.Body, body.asked)
	}
}
