package supervisor

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/refusals"
)

// Clients can read the answer to a connection over the limit.
func TestTheRefusalOfAConnectionIsAnAnswer(t *testing.T) {
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(refusals.TooManyConnections())), nil)
	if err != nil {
		t.Fatal(err)
	}
	var p api.Problem
	if err := json.NewDecoder(response.Body).Decode(&p); err != nil || response.StatusCode != 503 || p.Code != api.CodeSaturated || !response.Close || response.Header.Get("Retry-After") != "1" {
		t.Errorf("%v %v %+v", err, response, p)
	}
}
