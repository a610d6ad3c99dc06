package faults_test

import (
	"encoding/json"
	"fmt"
	"strings"
)

// answer has the fields of an answer or a refusal that the tests check.
type answer struct {
	ID        string          `json:"id"`
	Status    json.RawMessage `json:"status"` // a word in an answer, a number in a refusal
	Result    json.RawMessage `json:"result"`
	Stdout    string          `json:"stdout"`
	Stderr    string          `json:"stderr"`
	ExitCode  *int            `json:"exit_code"`
	Signal    *string         `json:"signal"`
	Limit     *string         `json:"limit"`
	Code      string          `json:"code"`
	RequestID string          `json:"request_id"`
	Error     *struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error"`
}

func (a answer) status() string { return strings.Trim(string(a.Status), `"`) }

// gave reports whether main returned the token.
func (a answer) gave(token string) bool {
	return a.status() == "ok" && string(a.Result) == fmt.Sprintf("%q", token)
}

// kind is a kind of script. Each run gets a token, and shows it in its answer.
type kind struct {
	name   string
	weight int // its share of all requests
	script string
	limits map[string]int64
	stdin  bool // the token comes on stdin
	is     func(a answer, token string) bool
}

var kinds = []kind{
	{name: "ok", weight: 6, script: "def main(token): return token", is: answer.gave},
	{name: "pandas", weight: 3, script: "import pandas as pd\ndef main(token): return pd.Series([token]).iloc[0]", is: answer.gave},
	{name: "stdin", weight: 2, stdin: true, script: "def main(_): return input()", is: answer.gave},
	{name: "sleep", weight: 3, script: "import time\ndef main(token):\n    time.sleep(0.2)\n    return token", is: answer.gave},
	{name: "children", weight: 1, script: "import os\ndef main(token):\n    for _ in range(4):\n        if os.fork() == 0: os._exit(0)\n    for _ in range(4): os.wait()\n    return token", is: answer.gave},
	{
		name: "print", weight: 2, script: "import sys\ndef main(token):\n    for _ in range(1000): print(token)\n    print(token, file=sys.stderr)\n    return token",
		is: func(a answer, token string) bool {
			return a.gave(token) && a.Stdout == strings.Repeat(token+"\n", 1000) && a.Stderr == token+"\n"
		},
	},
	{
		name: "exception", weight: 2, script: "def main(token): raise ValueError(token)",
		is: func(a answer, token string) bool {
			return a.status() == "exception" && a.Error != nil && a.Error.Type == "ValueError" && a.Error.Message == token
		},
	},
	{
		name: "timeout", weight: 1, script: "import time\ndef main(token):\n    print(token, flush=True)\n    time.sleep(60)", limits: map[string]int64{"wall_ms": 300},
		is: func(a answer, token string) bool {
			return a.status() == "timeout" && *a.Limit == "wall" && (a.Stdout == token+"\n" || a.Stdout == "")
		},
	},
	{
		name: "spin", weight: 1, script: "def main(token):\n    print(token, flush=True)\n    while True: pass", limits: map[string]int64{"cpu_ms": 100},
		is: func(a answer, token string) bool {
			return a.status() == "timeout" && *a.Limit == "cpu" && a.Stdout == token+"\n"
		},
	},
	{
		name: "memory", weight: 1, script: "def main(token):\n    print(token, flush=True)\n    bytearray(b'x') * (128 << 20)", limits: map[string]int64{"memory_bytes": 48 << 20},
		is: func(a answer, token string) bool {
			return a.status() == "memory_limit" && a.Stdout == token+"\n"
		},
	},
	{
		name: "exit", weight: 1, script: "import os\ndef main(token):\n    print(token, flush=True)\n    os._exit(3)",
		is: func(a answer, token string) bool {
			return a.status() == "exited" && *a.ExitCode == 3 && a.Stdout == token+"\n"
		},
	},
	{
		name: "no main", weight: 1, script: "import sys\nprint(sys.stdin.read())", stdin: true,
		is: func(a answer, token string) bool { return a.Code == "no_main" && a.Stdout == token+"\n" },
	},
}

// body returns the request for a kind of script.
func (k kind) body(token string) []byte {
	request := map[string]any{"script": k.script, "args": []string{token}}
	if k.limits != nil {
		request["limits"] = k.limits
	}
	if k.stdin {
		request["args"], request["stdin"] = []string{""}, token
	}
	body, err := json.Marshal(request)
	if err != nil {
		panic(err) // only strings and numbers
	}
	return body
}

// lottery has each kind as often as its weight.
var lottery = func() (all []kind) {
	for _, k := range kinds {
		for range k.weight {
			all = append(all, k)
		}
	}
	return all
}()
