package jupyter

import (
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/hotcell/hotcell/client"
)

// asks is Python source that defines complete and inspect.
//
//go:embed asks.py
var asks string

// answer answers a request of the shell channel.
func (s *socket) answer(w waiting) {
	s.about(w, func() {
		kind, isRequest := strings.CutSuffix(w.Header.Type, "_request")
		var reply any
		switch kind {
		case "execute":
			s.execute(w)
			return
		case "kernel_info":
			reply = s.kernelInfo(w)
		case "complete":
			reply = s.ask(w, "complete", map[string]any{"status": "ok", "matches": []any{}, "cursor_start": 0, "cursor_end": 0, "metadata": struct{}{}})
		case "inspect":
			reply = s.ask(w, "inspect", map[string]any{"status": "ok", "found": false, "data": struct{}{}, "metadata": struct{}{}})
		case "is_complete":
			reply = map[string]string{"status": "unknown"}
		case "history":
			reply = map[string]any{"status": "ok", "history": []any{}}
		case "comm_info":
			reply = map[string]any{"status": "ok", "comms": struct{}{}}
		default: // widgets' messages, which are not answered
			return
		}
		if isRequest {
			s.send("shell", kind+"_reply", reply, &w.Header)
		}
	})
	s.aborting = max(s.aborting-1, 0)
}

// control answers a request of the control channel at once, while a cell runs.
func (s *socket) control(w waiting) {
	defer w.done()
	s.about(w, func() {
		switch w.Header.Type {
		case "kernel_info_request":
			s.send("control", "kernel_info_reply", s.kernelInfo(w), &w.Header)
		case "interrupt_request":
			_, _ = s.session(w.caller).Interrupt(s.asks) // a kernel that has ended needs none
			s.send("control", "interrupt_reply", map[string]string{"status": "ok"}, &w.Header)
		case "shutdown_request":
			s.shutdown(w)
		}
	})
}

// about tells the client that its request is being served, and that it has been.
func (s *socket) about(w waiting, serve func()) {
	s.send("iopub", "status", map[string]string{"execution_state": "busy"}, &w.Header)
	serve()
	s.send("iopub", "status", map[string]string{"execution_state": "idle"}, &w.Header)
}

func (s *socket) shutdown(w waiting) {
	var given struct{ Restart bool }
	_ = json.Unmarshal(w.Content, &given) // without content: no
	if given.Restart {
		_, _ = restart(s.asks, w.caller, s.session(w.caller), s.profile) // the next cell finds out
	} else {
		_ = s.session(w.caller).End(s.asks) // it may have ended
	}
	s.send("control", "shutdown_reply", map[string]any{"status": "ok", "restart": given.Restart}, &w.Header)
	if !given.Restart {
		s.all.endEverywhere(w.caller, s.session(w.caller))
	}
}

func (s *socket) kernelInfo(w waiting) any {
	python := "3"
	if info, err := w.caller.Client().Info(s.asks); err == nil {
		python = info.Profiles[s.profile].Python
	}
	return map[string]any{
		"status": "ok", "protocol_version": kernelProtocol, "implementation": "hotcell", "implementation_version": version,
		"banner": "Python " + python + " in a hotcell", "help_links": []any{}, "debugger": false,
		"language_info": map[string]any{
			"name": "python", "version": python, "mimetype": "text/x-python", "file_extension": ".py", "pygments_lexer": "ipython3",
			"nbconvert_exporter": "python", "codemirror_mode": map[string]any{"name": "ipython", "version": 3},
		},
	}
}

// ask lets the kernel itself answer a question about its names. It answers with nothing
// where the profile has no IPython, or while a call of another client runs.
func (s *socket) ask(w waiting, what string, nothing any) any {
	var given struct {
		Code   string `json:"code"`
		Cursor int    `json:"cursor_pos"`
		Detail int    `json:"detail_level"`
	}
	if json.Unmarshal(w.Content, &given) != nil {
		return nothing
	}
	// A string of JSON is one of Python, too.
	source, _ := json.Marshal(asks)
	question, _ := json.Marshal([]any{given.Code, given.Cursor, given.Detail})
	s.uncounted++
	answer, err := s.session(w.caller).Execute(s.asks, client.Request{
		Script:         "(lambda names: (exec(" + string(source) + ", names), names[\"" + what + "\"](*" + string(question) + "))[1])({})",
		LastExpression: true, Mode: "function",
		Limits: w.caller.Clip(client.Limits{WallMS: 5_000, ResultBytes: 1 << 20}),
	})
	if err != nil || answer.Status != client.StatusOK || len(answer.Result) == 0 || answer.Result[0] != '{' {
		return nothing
	}
	return answer.Result
}
