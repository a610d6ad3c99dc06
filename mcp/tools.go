package mcp

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// code is what both tools take that run Python. The descriptions are read by
// assistants.
type code struct {
	Code     string   `json:"code" jsonschema:"Python source"`
	Files    []file   `json:"files,omitempty" jsonschema:"files to write into the working directory before the code runs"`
	Collect  []string `json:"collect,omitempty" jsonschema:"patterns of files below the working directory to send back, such as *.png or out/**"`
	Stdin    string   `json:"stdin,omitempty" jsonschema:"what input() reads"`
	TimeoutS float64  `json:"timeout_s,omitempty" jsonschema:"seconds after which the code is ended; the default is the server's"`
}

type runInput struct {
	code
	Profile string `json:"profile,omitempty" jsonschema:"which set of libraries; list_packages tells them"`
}

type startInput struct {
	Profile string `json:"profile,omitempty" jsonschema:"which set of libraries; list_packages tells them"`
	TTLS    int    `json:"ttl_s,omitempty" jsonschema:"seconds that the session may live"`
}

type callInput struct {
	code
	Session string `json:"session" jsonschema:"the id from start_session"`
}

type endInput struct {
	Session string `json:"session" jsonschema:"the id from start_session"`
}

// sessionState has the fields of a session that an assistant is told.
type sessionState struct {
	ID      string `json:"id"`
	Profile string `json:"profile"`
	Expires string `json:"expires_at"`
	IdleS   int    `json:"idle_s"`
}

// execution has the fields of a request to execute.
type execution struct {
	Script         string           `json:"script"`
	Stdin          string           `json:"stdin,omitempty"`
	Files          []file           `json:"files,omitempty"`
	Collect        []string         `json:"collect,omitempty"`
	Limits         map[string]int64 `json:"limits,omitempty"`
	Profile        string           `json:"profile,omitempty"`
	LastExpression bool             `json:"last_expression,omitempty"`
}

func (c code) execution() execution {
	e := execution{Script: c.Code, Stdin: c.Stdin, Files: c.Files, Collect: c.Collect}
	if c.TimeoutS != 0 {
		e.Limits = map[string]int64{"wall_ms": int64(c.TimeoutS * 1000)}
	}
	return e
}

func authorization(request *sdk.CallToolRequest) string {
	if request.Extra == nil {
		return ""
	}
	return request.Extra.Header.Get("Authorization")
}

func (s *service) runPython(ctx context.Context, request *sdk.CallToolRequest, in runInput) (*sdk.CallToolResult, any, error) {
	e := in.execution()
	e.Profile, e.LastExpression = in.Profile, true
	return s.execute(ctx, request, "/execute", e)
}

func (s *service) runInSession(ctx context.Context, request *sdk.CallToolRequest, in callInput) (*sdk.CallToolResult, any, error) {
	return s.execute(ctx, request, sessionPath(in.Session)+"/execute", in.execution())
}

func (s *service) execute(ctx context.Context, request *sdk.CallToolRequest, path string, e execution) (*sdk.CallToolResult, any, error) {
	var got answer
	if err := s.do(ctx, authorization(request), "POST", path, e, &got); err != nil {
		return nil, nil, err
	}
	return tell(got), nil, nil
}

func (s *service) startSession(ctx context.Context, request *sdk.CallToolRequest, in startInput) (*sdk.CallToolResult, sessionState, error) {
	wanted := map[string]any{}
	if in.Profile != "" {
		wanted["profile"] = in.Profile
	}
	if in.TTLS != 0 {
		wanted["ttl_s"] = in.TTLS
	}
	var state sessionState
	err := s.do(ctx, authorization(request), "POST", "/sessions", wanted, &state)
	return nil, state, err
}

func (s *service) endSession(ctx context.Context, request *sdk.CallToolRequest, in endInput) (*sdk.CallToolResult, any, error) {
	if err := s.do(ctx, authorization(request), "DELETE", sessionPath(in.Session), nil, nil); err != nil {
		return nil, nil, err
	}
	return said("The session has ended."), nil, nil
}

// sessionPath is the path of a session. An id is letters and digits; what is
// not leads nowhere else.
func sessionPath(id string) string {
	for _, r := range id {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return "/sessions/none"
		}
	}
	return "/sessions/" + id
}

func (s *service) listPackages(ctx context.Context, request *sdk.CallToolRequest, _ struct{}) (*sdk.CallToolResult, any, error) {
	var info struct {
		Default  string `json:"default_profile"`
		Profiles map[string]struct {
			Python   string            `json:"python"`
			Packages map[string]string `json:"packages"`
			Limits   json.RawMessage   `json:"limits"`
		} `json:"profiles"`
	}
	if err := s.do(ctx, authorization(request), "GET", "/info", nil, &info); err != nil {
		return nil, nil, err
	}
	text, err := json.Marshal(info)
	if err != nil {
		return nil, nil, err
	}
	return said(string(text)), nil, nil
}

func said(text string) *sdk.CallToolResult {
	return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: text}}}
}

// tell puts an answer into words. The tool has worked when the code has run,
// but an assistant is to notice where it did not end well.
func tell(a answer) *sdk.CallToolResult {
	var text strings.Builder
	part := func(title, body string, truncated bool) {
		if body == "" {
			return
		}
		fmt.Fprintf(&text, "%s:\n%s\n", title, cut(body))
		if truncated {
			text.WriteString("[the limit cut it here]\n")
		}
	}
	fmt.Fprintf(&text, "status: %s", a.Status)
	if a.Limit != nil {
		fmt.Fprintf(&text, " (limit: %s)", *a.Limit)
	}
	if a.ExitCode != nil {
		fmt.Fprintf(&text, " (exit code %d)", *a.ExitCode)
	}
	if a.Signal != nil {
		fmt.Fprintf(&text, " (%s)", *a.Signal)
	}
	text.WriteString("\n")
	if a.Status == "ok" {
		part("result", string(a.Result), false)
	}
	part("stdout", a.Stdout, a.Truncated.Stdout)
	part("stderr", a.Stderr, a.Truncated.Stderr)
	if a.Error != nil && a.Error.Traceback != "" {
		part("error", a.Error.Traceback, false)
	} else if a.Error != nil {
		part("error", a.Error.Type+": "+a.Error.Message, false)
	}
	result := &sdk.CallToolResult{IsError: a.Status != "ok"}
	var shown []sdk.Content
	for _, file := range a.Files {
		content := show(file)
		if picture, ok := content.(*sdk.ImageContent); ok {
			shown = append(shown, picture)
			fmt.Fprintf(&text, "file %s is shown below\n", file.Path)
		} else {
			part("file "+file.Path+" ("+file.Encoding+")", file.Content, false)
		}
	}
	result.Content = append([]sdk.Content{&sdk.TextContent{Text: text.String()}}, shown...)
	return result
}

// show is a picture, or nil.
func show(f file) sdk.Content {
	kind, ok := map[string]string{".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"}[strings.ToLower(path.Ext(f.Path))]
	if !ok || f.Encoding != "base64" {
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(f.Content)
	if err != nil {
		return nil
	}
	return &sdk.ImageContent{Data: data, MIMEType: kind}
}

// longest is how much of one text an assistant is shown.
const longest = 50_000

func cut(text string) string {
	if len(text) <= longest {
		return text
	}
	kept := text[:longest]
	for !utf8.ValidString(kept[len(kept)-utf8.UTFMax:]) && len(kept) > longest-utf8.UTFMax {
		kept = kept[:len(kept)-1]
	}
	return fmt.Sprintf("%s\n[… %d bytes more …]", kept, len(text)-len(kept))
}
