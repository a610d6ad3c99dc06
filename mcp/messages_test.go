package mcp

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestIDsAreNumberedAndRestored(t *testing.T) {
	for body, numbered := range map[string]string{
		`{"id": 1.0,"method":"ping"}`: `{"id": 0,"method":"ping"}`,
		`[{"id":1e3}, {"method":"m"},{"params":{"id":2.0},"id" : "x"},{"id":12345678901234567890}]`: `[{"id":0}, {"method":"m"},{"params":{"id":2.0},"id" : 1},{"id":2}]`,
		`{"id":7}`:                  `{"id":7}`, // as it is
		`{"id":"a","params":[1e3]}`: `{"id":"a","params":[1e3]}`,
		`{"id":-0}`:                 `{"id":0}`,
		`{"id":9007199254740992}`:   `{"id":0}`, // 2⁵³
		`{"id":9007199254740991}`:   `{"id":9007199254740991}`,
	} {
		given, err := readMessages([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		sent, changed := given.numbered()
		if string(sent) != numbered || changed != (body != numbered) {
			t.Errorf("%s: numbered %s, changed %v", body, sent, changed)
		}
		if !changed {
			continue
		}
		pieces, err := given.restored(sent)
		if back := bytes.Join(pieces, nil); err != nil || string(back) != body {
			t.Errorf("%s: restored %s, %v", body, back, err)
		}
	}
}

func TestWrongMessagesAreRefusedWithTheRightCode(t *testing.T) {
	batch := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(`{"id":1},`, n), ",") + "]" }
	for body, want := range map[string]int{
		`{"id":1}`: 0, batch(1): 0, batch(maxBatch): 0, `{"method":"notifications/initialized"}`: 0,
		``: parseError, `{`: parseError, `{"id":1}x`: parseError, "{\"id\":\"\xff\"}": parseError, strings.Repeat("[", 20_000): parseError,
		`[]`: invalidRequest, batch(maxBatch + 1): invalidRequest, `[1]`: invalidRequest, `"x"`: invalidRequest, `{"id":[]}`: invalidRequest,
		`{"id":true}`: invalidRequest, `{"id":1,"id":1}`: invalidRequest, `{"id":1,"a":"\ud800"}`: invalidRequest, `{"\udc00":1}`: invalidRequest,
		`{"id":1,"method":"subscriptions\/listen"}`: methodNotFound,
	} {
		_, err := readMessages([]byte(body))
		var wrong *rpcError
		code := 0
		if errors.As(err, &wrong) {
			code = wrong.code
		}
		if code != want {
			t.Errorf("%.80s: %d (%v), want %d", body, code, err, want)
		}
	}
}

func FuzzMessages(f *testing.F) {
	f.Add(`[{"id":1e3,"method":"ping"},{"id":"x"}]`)
	f.Add(`{"id":-0.0}`)
	f.Fuzz(func(t *testing.T, body string) {
		given, err := readMessages([]byte(body))
		if err != nil {
			return
		}
		sent, changed := given.numbered()
		if !changed {
			return
		}
		again, err := readMessages(sent)
		if err != nil || len(again.ids) != len(given.ids) {
			t.Fatalf("%v: %q became %q", err, body, sent)
		}
		for n, id := range again.ids {
			if string(id.raw) != fmt.Sprint(n) {
				t.Fatalf("id %d is %s", n, id.raw)
			}
		}
		pieces, err := given.restored(sent)
		if err != nil || string(bytes.Join(pieces, nil)) != body {
			t.Fatalf("%v: %q", err, body)
		}
	})
}
