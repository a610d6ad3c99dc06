package conns

import (
	"net"
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
