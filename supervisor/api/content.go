package api

import (
	"mime"
	"net/http"
	"strings"
)

// CheckJSON returns the problem of a body that is not declared as JSON, or nil.
func CheckJSON(header http.Header) *Problem {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	fits := err == nil && kind == "application/json" && header.Get("Content-Encoding") == ""
	for name, value := range params {
		fits = fits && name == "charset" && strings.EqualFold(value, "utf-8")
	}
	if fits {
		return nil
	}
	return Refuse(CodeUnsupportedMediaType, "the Content-Type must be application/json in UTF-8, and the body must not be compressed")
}
