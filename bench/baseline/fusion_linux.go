package baseline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// programsAtOnce is how many run at a time for each processor: more would only share it.
const programsAtOnce = 2

// programs answers POST /run_code as SandboxFusion does: it starts a new Python for each
// program, which imports what the program imports. There is no jail.
func programs(python Interpreter) http.Handler {
	places := make(chan struct{}, programsAtOnce*runtime.NumCPU())
	mux := http.NewServeMux()
	mux.HandleFunc("POST /run_code", func(w http.ResponseWriter, r *http.Request) {
		var given struct {
			Code    string  `json:"code"`
			Stdin   string  `json:"stdin"`
			Seconds float64 `json:"run_timeout"`
		}
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<20)).Decode(&given); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		places <- struct{}{}
		defer func() { <-places }()
		ctx, cancel := context.WithTimeout(r.Context(), time.Duration(given.Seconds*float64(time.Second)))
		defer cancel()
		began := time.Now()
		code, stdout, stderr, err := runProgram(ctx, python, given.Code, given.Stdin)
		result := map[string]any{"status": "Finished", "execution_time": time.Since(began).Seconds(), "return_code": code, "stdout": stdout, "stderr": stderr}
		status := "Success"
		switch {
		case ctx.Err() != nil:
			status, result["status"], result["return_code"] = "Failed", "TimeLimitExceeded", nil
		case err != nil:
			status, result["status"], result["return_code"] = "SandboxError", "Error", nil
		case code != 0:
			status = "Failed"
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{ // fails only if the client is gone
			"status": status, "message": "", "compile_result": nil, "run_result": result, "executor_pod_name": nil, "files": map[string]string{},
		})
	})
	return mux
}

// runProgram runs a program in a process of its own, and returns how it ended.
func runProgram(ctx context.Context, python Interpreter, program, stdin string) (code int, stdout, stderr string, err error) {
	command := python.Command("-c", program)
	var out, diagnostics bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(stdin), &out, &diagnostics
	if err := command.Start(); err != nil {
		return 0, "", "", err
	}
	defer context.AfterFunc(ctx, func() { _ = command.Process.Kill() })() // it may have ended
	err = command.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil
	}
	return command.ProcessState.ExitCode(), out.String(), diagnostics.String(), err
}
