package attack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// inSession makes a session and gives the target whose requests are its calls.
// end ends it.
func (t *target) inSession(ctx context.Context) (session *target, end func(), err error) {
	base := strings.TrimSuffix(t.url, "/execute") + "/sessions"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base, strings.NewReader("{}"))
	if err != nil {
		return nil, nil, err
	}
	response, err := t.do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	var made struct {
		ID string `json:"id"`
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err == nil {
		err = json.Unmarshal(text, &made)
	}
	if err != nil || response.StatusCode != http.StatusCreated || made.ID == "" {
		return nil, nil, fmt.Errorf("no session was made: HTTP %d %s (%w)", response.StatusCode, quote(string(text)), err)
	}
	address := base + "/" + made.ID
	return &target{address + "/execute", t.key, t.client, t.slowness}, func() {
		request, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodDelete, address, nil)
		if err != nil {
			return
		}
		if response, err := t.do(request); err == nil {
			_ = response.Body.Close()
		}
	}, nil
}
