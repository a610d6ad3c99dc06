package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
)

// Event is output that a script has written, or something that it has shown.
type Event struct {
	Stderr bool // else it is stdout
	Text   string
	Shown  *Output // nil for what was written
}

// Stream is a script that runs. The caller reads [Stream.Events] to the end or
// closes it.
type Stream struct {
	body   io.ReadCloser
	url    string
	answer *Answer
	err    error
}

// Stream runs a script and gives its output as it comes:
//
//	stream, err := c.Stream(ctx, request)
//	...
//	for event := range stream.Events() {
//		fmt.Print(event.Text)
//	}
//	answer, err := stream.Answer()
func (c *Client) Stream(ctx context.Context, request Request) (*Stream, error) {
	return c.stream(ctx, "/execute", request)
}

func (c *Client) stream(ctx context.Context, path string, request Request) (*Stream, error) {
	body, err := encode(request)
	if err != nil {
		return nil, err
	}
	for retries := c.retries; ; retries-- {
		response, err := c.once(ctx, http.MethodPost, path, "application/x-ndjson", body)
		if err != nil {
			if err := pauseBeforeRetry(ctx, err, retries); err != nil {
				return nil, err
			}
			continue
		}
		if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind != "application/x-ndjson" {
			other, err := read(response, maxAnswer)
			if err != nil {
				return nil, err
			}
			return nil, other.unexpected(errors.New("not a stream"))
		}
		return &Stream{body: response.Body, url: c.url + path}, nil
	}
}

// Events gives the output until the script ends. It ends early when the loop
// breaks; [Stream.Close] then ends the script.
func (s *Stream) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		lines := bufio.NewReader(io.LimitReader(s.body, maxAnswer))
		for s.answer == nil && s.err == nil {
			event, is := s.next(lines)
			if is && !yield(event) {
				return
			}
		}
		s.Close()
	}
}

// next reads one line; is reports whether it is output.
func (s *Stream) next(lines *bufio.Reader) (event Event, is bool) {
	var line struct {
		Event string          `json:"event"`
		Data  json.RawMessage `json:"data"`
	}
	text, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(text, &line)
	}
	if err == nil {
		switch line.Event {
		case "stdout", "stderr":
			event.Stderr, is = line.Event == "stderr", true
			err = json.Unmarshal(line.Data, &event)
		case "output":
			event.Shown, is = new(Output), true
			err = json.Unmarshal(line.Data, event.Shown)
		case "result":
			answer := new(Answer)
			if err = json.Unmarshal(line.Data, answer); err == nil {
				s.answer = answer
			}
		case "problem":
			problem := new(Problem)
			if err = json.Unmarshal(line.Data, problem); err == nil {
				s.err = problem
				return event, false
			}
		}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		s.err = fmt.Errorf("read the stream of %s: %w", s.url, err)
	}
	return event, is && err == nil
}

// Answer returns the answer after the last event, with all output once more, or
// why there is none: a [*Problem], or an error of the network.
func (s *Stream) Answer() (*Answer, error) {
	if s.answer == nil && s.err == nil {
		return nil, errors.New("the stream was not read to its end")
	}
	return s.answer, s.err
}

// Close ends the script if it still runs. It may be called again.
func (s *Stream) Close() { _ = s.body.Close() }
