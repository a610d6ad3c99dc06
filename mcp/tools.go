package mcp

import (
	"context"
	"encoding/json"
	"math"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hotcell/hotcell/client"
)

// code has the arguments of both tools that run Python. Assistants read the
// descriptions.
type code struct {
	Code     string        `json:"code" jsonschema:"Python source"`
	Files    []client.File `json:"files,omitempty" jsonschema:"files to write into the working directory before the code runs"`
	Collect  []string      `json:"collect,omitempty" jsonschema:"patterns of files below the working directory to send back, such as *.png or out/**"`
	Stdin    string        `json:"stdin,omitempty" jsonschema:"what input() reads"`
	TimeoutS float64       `json:"timeout_s,omitempty" jsonschema:"seconds that the code may take by the wall clock; then it is stopped. The default and the maximum are the profile's: see list_packages"`
}

type runInput struct {
	code
	Profile string `json:"profile,omitempty" jsonschema:"which set of libraries; list_packages tells them"`
}

type startInput struct {
	Profile string `json:"profile,omitempty" jsonschema:"which set of libraries; list_packages tells them"`
	TTLS    int    `json:"ttl_s,omitempty" jsonschema:"seconds that the session may live; the default and the maximum are the server's"`
}

type callInput struct {
	code
	Session string `json:"session" jsonschema:"the id from start_session"`
}

type endInput struct {
	Session string `json:"session" jsonschema:"the id from start_session"`
}

// sessionState has the fields of a session that assistants see.
type sessionState struct {
	ID      string `json:"id"`
	Profile string `json:"profile"`
	Expires string `json:"expires_at"`
	IdleS   int    `json:"idle_s"`
}

func (c code) request() client.Request {
	r := client.Request{Script: c.Code, Stdin: c.Stdin, Files: c.Files, Collect: c.Collect}
	if c.TimeoutS != 0 {
		// Less than a millisecond must not become 0, which is the server's default.
		r.Limits = &client.Limits{WallMS: int64(math.Ceil(c.TimeoutS * 1000))}
	}
	return r
}

// tools implements the tools. They call hotcell as any client does.
type tools struct{ hotcell *client.Client }

// as returns the client for a call: with the assistant's own authorization if the
// call has one, else with the server's key.
func (t *tools) as(request *sdk.CallToolRequest) *client.Client {
	if request.Extra != nil {
		if header := request.Extra.Header.Get("Authorization"); header != "" {
			return t.hotcell.WithAuthorization(header)
		}
	}
	return t.hotcell
}

func (t *tools) runPython(ctx context.Context, request *sdk.CallToolRequest, in runInput) (*sdk.CallToolResult, any, error) {
	r := in.request()
	r.Profile, r.Mode = in.Profile, "cell"
	answer, err := t.as(request).Execute(ctx, r)
	return told(answer, err)
}

func (t *tools) runInSession(ctx context.Context, request *sdk.CallToolRequest, in callInput) (*sdk.CallToolResult, any, error) {
	session, err := t.as(request).Session(in.Session)
	if err != nil {
		return nil, nil, err
	}
	answer, err := session.Execute(ctx, in.request())
	return told(answer, err)
}

func (t *tools) startSession(ctx context.Context, request *sdk.CallToolRequest, in startInput) (*sdk.CallToolResult, sessionState, error) {
	_, state, err := t.as(request).NewSession(ctx, client.SessionRequest{Profile: in.Profile, TTLS: in.TTLS, Mode: "cell"})
	if err != nil {
		return nil, sessionState{}, err
	}
	return nil, sessionState{state.ID, state.Profile, state.ExpiresAt.Format("2006-01-02T15:04:05.000Z07:00"), state.IdleS}, nil
}

func (t *tools) endSession(ctx context.Context, request *sdk.CallToolRequest, in endInput) (*sdk.CallToolResult, any, error) {
	session, err := t.as(request).Session(in.Session)
	if err == nil {
		err = session.End(ctx)
	}
	if err != nil {
		return nil, nil, err
	}
	return said("The session has ended."), nil, nil
}

func (t *tools) listPackages(ctx context.Context, request *sdk.CallToolRequest, _ struct{}) (*sdk.CallToolResult, any, error) {
	info, err := t.as(request).Info(ctx)
	if err != nil {
		return nil, nil, err
	}
	type profile struct {
		Python   string            `json:"python"`
		Packages map[string]string `json:"packages"`
		Limits   client.InfoLimits `json:"limits"`
	}
	profiles := make(map[string]profile)
	for name, p := range info.Profiles {
		profiles[name] = profile{p.Python, p.Packages, p.Limits}
	}
	text, err := json.Marshal(map[string]any{"default_profile": info.DefaultProfile, "profiles": profiles})
	if err != nil {
		return nil, nil, err
	}
	return said(string(text)), nil, nil
}

func said(text string) *sdk.CallToolResult {
	return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: text}}}
}
