package conns

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// IsLocal reports whether a Host header names localhost, gives an address, or is
// missing. Browsers always send one.
func IsLocal(host string) bool {
	name := strings.ToLower(NameOf(host))
	return name == "" || name == "localhost" || strings.HasSuffix(name, ".localhost") || net.ParseIP(strings.Trim(name, "[]")) != nil
}

// NameOf returns a Host header without its port and without the final dot of a full
// name.
func NameOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(host, ".")
}

// crossOrigin detects requests that a browser sends for another site's page. Without
// this check such a page could run scripts here whenever its visitor can reach us.
var crossOrigin = http.NewCrossOriginProtection()

// IsCrossOrigin reports whether a browser sends a request for another site's page. It also
// covers the handshake of a WebSocket: a GET that a page may send anywhere, and whose answers
// it may read.
func IsCrossOrigin(r *http.Request) bool {
	if r.Header.Get("Upgrade") != "" {
		r = &http.Request{Method: http.MethodPost, URL: r.URL, Host: r.Host, Header: r.Header}
	}
	return crossOrigin.Check(r) != nil
}

// IsNamed reports whether a Host header has one of the names, in upper or lower case.
func IsNamed(host string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, NameOf(host)) })
}
