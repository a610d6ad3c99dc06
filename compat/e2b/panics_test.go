package e2b

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/hotcell/hotcell/internal/panics"
)

// breaking is an answer that cannot be written.
type breaking struct{ http.ResponseWriter }

func (breaking) Write([]byte) (int, error) { panic("broken") }

// What a stream says by itself may fail: then its request ends, and nothing else.
func TestAPanicOfAKeepaliveEndsItsRequest(t *testing.T) {
	failed := make(chan error, 1)
	told := newLines(breaking{httptest.NewRecorder()}, func(err error) { failed <- err })
	told.print("stdout", "a line without its end")
	if err := <-failed; !panics.Is(err) {
		t.Errorf("%v", err)
	}
	told.close()
}
