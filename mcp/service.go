package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// service is hotcell, as its clients see it.
type service struct {
	client http.Client
	url    string
	key    string
}

// answer has the fields of POST /execute's answer that an assistant is told.
type answer struct {
	Status    string          `json:"status"`
	Result    json.RawMessage `json:"result"`
	Stdout    string          `json:"stdout"`
	Stderr    string          `json:"stderr"`
	Truncated struct {
		Stdout bool `json:"stdout"`
		Stderr bool `json:"stderr"`
	} `json:"truncated"`
	Error *struct {
		Type      string `json:"type"`
		Message   string `json:"message"`
		Traceback string `json:"traceback"`
	} `json:"error"`
	ExitCode *int    `json:"exit_code"`
	Signal   *string `json:"signal"`
	Limit    *string `json:"limit"`
	Files    []file  `json:"files"`
}

// file is one that goes in or comes back.
type file struct {
	Path     string `json:"path" jsonschema:"relative to the working directory"`
	Content  string `json:"content"`
	Encoding string `json:"encoding,omitempty" jsonschema:"utf-8, which is the default, or base64"`
}

// problem is a refusal.
type problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Err    struct {
		Line *int `json:"line"`
	} `json:"error"`
}

func (p *problem) Error() string {
	text := p.Title + ": " + p.Detail
	if p.Err.Line != nil {
		text += fmt.Sprintf(" (line %d)", *p.Err.Line)
	}
	return text
}

// maxAnswer bounds what is read: hotcell's own limits are below it.
const maxAnswer = 256 << 20

// do makes a request; into may be nil. authorization is that of the assistant,
// and goes before the service's own key.
func (s *service) do(ctx context.Context, authorization, method, path string, body, into any) error {
	var reader io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, reader)
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if authorization == "" && s.key != "" {
		authorization = "Bearer " + s.key
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("ask hotcell: %w", err)
	}
	defer response.Body.Close()
	var answer bytes.Buffer
	if n := response.ContentLength; n > 0 {
		answer.Grow(int(min(n, maxAnswer)) + bytes.MinRead) // else it would double
	}
	if _, err := answer.ReadFrom(io.LimitReader(response.Body, maxAnswer)); err != nil {
		return fmt.Errorf("read hotcell's answer: %w", err)
	}
	text := answer.Bytes()
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/problem+json") {
		var refused problem
		if err := json.Unmarshal(text, &refused); err != nil {
			return fmt.Errorf("read hotcell's problem: %w", err)
		}
		return &refused
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("hotcell answered HTTP %d", response.StatusCode)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read hotcell's answer: %w", err)
	}
	return nil
}
