package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// SessionFile is a file of a session.
type SessionFile struct {
	Path  string `json:"path"` // below the working directory
	Bytes int64  `json:"bytes"`
}

// Files lists the files in and below the working directory: all, or those like
// pattern, such as out/**. more reports that there are more than the server lists.
func (s *Session) Files(ctx context.Context, pattern string) (files []SessionFile, more bool, err error) {
	path := s.path + "/files"
	if pattern != "" {
		path += "?" + url.Values{"pattern": {pattern}}.Encode()
	}
	var list struct {
		Files []SessionFile `json:"files"`
		More  bool          `json:"more"`
	}
	err = s.client.call(ctx, http.MethodGet, path, nil, &list)
	return list.Files, list.More, err
}

// ReadFile returns a file's content as it comes. The caller closes it.
func (s *Session) ReadFile(ctx context.Context, path string) (io.ReadCloser, error) {
	place, err := s.file(path)
	if err != nil {
		return nil, err
	}
	response, err := s.client.send(ctx, http.MethodGet, place, "*/*", "", nil)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// WriteFile writes a file, as large as the session's disk. It is not tried again, since
// content can be read once. It does not close content.
func (s *Session) WriteFile(ctx context.Context, path string, content io.Reader) error {
	place, err := s.file(path)
	if err != nil {
		return err
	}
	if _, closes := content.(io.Closer); closes { // to close the part of a form is to read it to its end
		content = struct{ io.Reader }{content}
	}
	response, err := s.client.send(ctx, http.MethodPut, place, "application/json", "application/octet-stream", content)
	if err != nil {
		return err
	}
	_, err = read(response, maxAnswer)
	return err
}

// RemoveFile removes a file.
func (s *Session) RemoveFile(ctx context.Context, path string) error {
	place, err := s.file(path)
	if err != nil {
		return err
	}
	return s.client.call(ctx, http.MethodDelete, place, nil, nil)
}

// file returns a file's address. A path that could lead to another one is an error.
func (s *Session) file(path string) (string, error) {
	parts := strings.Split(path, "/")
	if slices.ContainsFunc(parts, func(part string) bool { return part == "" || part == "." || part == ".." }) {
		return "", fmt.Errorf("%q is not a path below a directory", path)
	}
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return s.path + "/files/" + strings.Join(parts, "/"), nil
}
