package sandboxfusion

import (
	"net/http"
	"slices"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// A program is the body of POST /run_code.
type program struct {
	Code           string  `json:"code"`
	Language       string  `json:"language"`
	Stdin          *string `json:"stdin"`
	CompileTimeout float64 `json:"compile_timeout"` // seconds, as RunTimeout
	RunTimeout     float64 `json:"run_timeout"`
	resources
}

// languages are those that are Python.
var languages = []string{"", "python", "pytest"}

// asTests runs a program's own functions test_… if its language is pytest, and says how
// many there were. There need be no pytest.
const asTests = `

if __name__ == "__main__":
    import sys as _sys
    import traceback as _traceback

    _failed = 0
    _tests = [(n, f) for n, f in list(globals().items()) if n.startswith("test") and callable(f)]
    for _name, _test in _tests:
        try:
            _test()
        except BaseException:
            _failed += 1
            print(f"FAILED {_name}", file=_sys.stderr)
            _traceback.print_exc()
    print(f"{len(_tests) - _failed} passed, {_failed} failed")
    _sys.exit(1 if _failed else 0 if _tests else 5)
`

// runCode serves POST /run_code.
func runCode(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	given := program{CompileTimeout: 10, RunTimeout: 10}
	if err := c.JSON(&given); err != nil {
		return err
	}
	if !slices.Contains(languages, given.Language) {
		language := given.Language[:min(len(given.Language), 100)]
		return write(w, http.StatusOK, answer{Status: sandboxError, Message: "language " + language + " is not supported: there are python and pytest", Files: map[string]string{}})
	}
	limits := given.limits(c, given.RunTimeout)
	files, err := given.given()
	if err != nil {
		return err
	}
	wanted, err := given.wanted()
	if err != nil {
		return err
	}
	c.Patience = patience(given.CompileTimeout+given.RunTimeout, limits.WallMS)
	request := client.Request{Script: given.Code, Mode: "program", Stdin: value(given.Stdin), Files: files, Collect: wanted, Limits: &limits}
	if given.Language == "pytest" {
		request.Script += asTests
	}
	ran, err := c.Client().Execute(r.Context(), request)
	if err != nil {
		return err
	}
	told := answer{Status: failed, Result: new(asCommand(ran)), Files: given.fetched(ran.Files)}
	if told.Result.Status == finished && *told.Result.ReturnCode == 0 {
		told.Status = success
	}
	return write(w, http.StatusOK, told)
}

// answer is that to POST /run_code.
type answer struct {
	Status   string            `json:"status"`
	Message  string            `json:"message"`
	Compiled *command          `json:"compile_result"` // null: Python is not compiled
	Result   *command          `json:"run_result"`
	Pod      *string           `json:"executor_pod_name"`
	Files    map[string]string `json:"files"`
}

// patience returns how long a request may wait for a cell, if its client waits for so many
// seconds, and clientsGrace, and then gives up.
func patience(seconds float64, wallMS int64) time.Duration {
	seconds = min(max(seconds, 0), (24 * time.Hour).Seconds())
	return max(time.Second, time.Duration(seconds*float64(time.Second))+clientsGrace-forTheAnswer-time.Duration(wallMS)*time.Millisecond)
}
