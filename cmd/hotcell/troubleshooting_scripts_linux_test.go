package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// What a script can meet, by the words of docs/troubleshooting.md.
func TestScriptsMeetWhatThePageExplains(t *testing.T) {
	s := startServing(t)
	statuses := []string{"exception", "not_json", "timeout", "memory_limit", "output_limit", "exited", "killed"}
	for _, c := range []struct {
		row, script, limits string
		want                string // besides the row's words, or instead of them
	}{
		{"exception", "def main(): 1 / 0", "", `"line":1`},
		{"not_json", "def main(): return {'rows': [object()]}", "", `$.rows[0]`},
		{"timeout", "import time\ndef main(): time.sleep(60)", `{"wall_ms": 100}`, `"limit":"wall"`},
		{"memory_limit", "def main(): return bytearray(b'x') * (1 << 30)", "", ""},
		{"output_limit", "def main():\n  while True: print('x' * 1000)", `{"output_bytes": 1000}`, `"limit":"output"`},
		{"exited", "import sys\ndef main(): sys.exit(3)", "", `"exit_code":3`},
		{"killed", "import ctypes\ndef main(): ctypes.string_at(0)", "", `"signal":"SIGSEGV"`},
		{"ModuleNotFoundError", "def main(): import nosuch", "", `"hint":`},
		{"there is no network in a hotcell cell", "import socket\ndef main(): socket.create_connection(('127.0.0.1', 1))", "", ""},
		{"ImportError: lib….so: cannot open shared object file", "import ctypes\ndef main():\n  try: ctypes.CDLL('libnosuch.so')\n  except OSError as e: raise ImportError(*e.args)", "", "libnosuch.so: cannot open shared object file"},
		{"OSError: [Errno 38]", "import ctypes, os\ndef main():\n  libc = ctypes.CDLL(None, use_errno=True)\n  if libc.syscall(435, 0, 0) < 0: raise OSError(ctypes.get_errno(), 'clone3')", "", "[Errno 38]"},
		{"PermissionError", "import os\ndef main(): os.chroot('/')", "", "[Errno 1]"},
		{"OSError: [Errno 24] Too many open files", "def main(): return [open('/dev/null') for _ in range(300)]", "", "[Errno 24] Too many open files"},
		{"OSError: [Errno 28] No space left on device", "def main(): open('f', 'wb').write(bytes(4 << 20))", `{"disk_bytes": 1048576}`, "[Errno 28] No space left on device"},
		{"BlockingIOError: [Errno 11]", "import os, time\ndef main():\n  while True:\n    if os.fork() == 0: time.sleep(60)", `{"processes": 3}`, "[Errno 11]"},
		{"RuntimeError: can't start new thread", "import threading, time\ndef main():\n  while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()", `{"processes": 3}`, "can't start new thread"},
		{"OSError: [Errno 109] Too many references", "import socket\ndef main():\n  a, b = socket.socketpair()\n  for _ in range(3): socket.send_fds(a, [b'x'], [0] * 200)", "", "[Errno 109] Too many references"},
	} {
		body, err := json.Marshal(map[string]any{"script": c.script, "limits": json.RawMessage(cmp.Or(c.limits, "{}"))})
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.Post(s.URL+"/execute", "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		var answer bytes.Buffer
		_, err = answer.ReadFrom(response.Body)
		_ = response.Body.Close()
		status, want := "exception", c.want
		if slices.Contains(statuses, c.row) {
			status = c.row
		}
		if want == "" {
			want = c.row
		}
		if err != nil || !strings.Contains(answer.String(), `"status":"`+status+`"`) || !strings.Contains(answer.String(), want) {
			t.Errorf("%s: %v, without %q: %s", c.row, err, want, &answer)
		}
	}
	s.stop()
}
