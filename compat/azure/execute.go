package azure

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// execution is a request to code/execute.
type execution struct {
	Properties struct {
		CodeInputType  string  `json:"codeInputType"`
		ExecutionType  string  `json:"executionType"`
		Code           string  `json:"code"`
		TimeoutSeconds float64 `json:"timeoutInSeconds"`
	} `json:"properties"`
}

// check refuses what the service has and hotcell has not.
func (e execution) check() error {
	p := e.Properties
	switch {
	case p.CodeInputType != "" && !strings.EqualFold(p.CodeInputType, "inline"):
		return compat.Refuse(client.CodeInvalidRequest, "properties.codeInputType is %.80q; must be \"inline\"", p.CodeInputType)
	case p.ExecutionType != "" && !strings.EqualFold(p.ExecutionType, "synchronous"):
		return compat.Refuse(client.CodeInvalidRequest, "properties.executionType is %.80q; must be \"synchronous\"", p.ExecutionType)
	case p.TimeoutSeconds < 0:
		return compat.Refuse(client.CodeInvalidRequest, "properties.timeoutInSeconds is %v; must be positive", p.TimeoutSeconds)
	}
	return nil
}

// outcome is how it ended.
type outcome struct {
	Status string  `json:"status"`
	Stdout string  `json:"stdout"`
	Stderr string  `json:"stderr"`
	Result any     `json:"result"`
	Took   float64 `json:"executionTimeInMilliseconds"`
}

// execute serves POST code/execute.
func execute(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	var given execution
	if err := c.JSON(&given); err != nil {
		return err
	}
	if err := given.check(); err != nil {
		return err
	}
	session, err := ready(r, c)
	if err != nil {
		return err
	}
	request := client.Request{Script: given.Properties.Code, Mode: "cell"}
	if wanted := given.Properties.TimeoutSeconds; wanted > 0 {
		request.Limits = c.Clip(client.Limits{WallMS: int64(min(wanted, time.Hour.Seconds())*1000) + 1})
	}
	done, err := session.Execute(r.Context(), request)
	if err != nil {
		return err
	}
	return compat.WriteJSON(w, http.StatusOK, map[string]any{"properties": outcomeOf(done)})
}

// outcomeOf translates an answer. What went wrong is on stderr, where clients show it.
func outcomeOf(a *client.Answer) outcome {
	o := outcome{Status: "Success", Stdout: a.Stdout, Stderr: a.Stderr, Result: resultOf(a), Took: a.Usage.WallMS}
	if a.Status == client.StatusOK || a.Status == client.StatusNotJSON {
		return o
	}
	o.Status = "Failure"
	words := []string{}
	if a.Error != nil {
		words = append(words, strings.TrimRight(a.Error.Traceback, "\n"))
	}
	if a.Status != client.StatusException {
		word := "the code was stopped: " + string(a.Status)
		switch {
		case a.Limit != nil:
			word += " (" + *a.Limit + ")"
		case a.Signal != nil:
			word += " (" + *a.Signal + ")"
		case a.ExitCode != nil:
			word += fmt.Sprintf(" with status %d", *a.ExitCode)
		}
		words = append(words, word)
	}
	if o.Stderr != "" && !strings.HasSuffix(o.Stderr, "\n") {
		o.Stderr += "\n"
	}
	o.Stderr += strings.Join(words, "\n") + "\n"
	return o
}

// resultOf returns the last picture, if there is one; else the last expression: numbers
// and texts as they are, anything else as Python shows it.
func resultOf(a *client.Answer) any {
	var shown any = ""
	for _, output := range a.Outputs {
		if output.Kind == "result" {
			shown = textOf(output)
		}
	}
	for _, output := range a.Outputs {
		if png, ok := output.Data["image/png"]; ok {
			shown = map[string]any{"type": "image", "format": "png", "base64_data": png}
		}
	}
	if _, isText := shown.(string); !isText {
		return shown
	}
	// Its first byte tells a text or a number: decoded it could take many times its size.
	if len(a.Result) > 0 && strings.IndexByte(`"-0123456789`, a.Result[0]) >= 0 {
		return a.Result // its digits as they are
	}
	return shown
}

func textOf(o client.Output) string {
	var text string
	_ = json.Unmarshal(o.Data["text/plain"], &text) // empty if it has none
	return text
}
