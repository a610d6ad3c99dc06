package config

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
)

// ErrOpen is wrapped when the configuration would let everyone who can reach a
// listener use it, without saying that this is intended.
var ErrOpen = errors.New("without keys hotcell listens on loopback only")

// CheckOpen returns an error that wraps [ErrOpen] if everybody who can reach an
// address could run scripts, and the configuration does not say so.
func (c Config) CheckOpen(address net.Addr) error {
	tcp, ok := address.(*net.TCPAddr)
	if c.Keys != "" || c.OpenToAll || ok && tcp.IP.IsLoopback() {
		return nil
	}
	return fmt.Errorf("listen on %v: %w", address, ErrOpen)
}

// Address is an address that the service listens on.
type Address struct{ Setting, Address string }

// Addresses returns all of them.
func (c Config) Addresses() []Address {
	all := []Address{{"listen", c.Listen}}
	if c.AdminListen != "" {
		all = append(all, Address{"admin_listen", c.AdminListen})
	}
	for i, name := range APIs {
		for _, address := range c.CompatListen[i] {
			all = append(all, Address{"compat_listen." + name, address})
		}
	}
	return all
}

// checkAddresses finds addresses that are given twice, and those of drop-in APIs that
// nobody could use.
func (c Config) checkAddresses() error {
	var errs []error
	all := c.Addresses()
	for i, a := range all {
		name, isAPI := strings.CutPrefix(a.Setting, "compat_listen.")
		if isAPI && !slices.Contains(c.Compat, name) {
			errs = append(errs, fmt.Errorf("%s = %q (%s): compat (%s) does not have %s", a.Setting, a.Address, c.Origin(a.Setting), c.Origin("compat"), name))
		}
		for _, other := range all[:i] {
			if overlap(a.Address, other.Address) {
				errs = append(errs, fmt.Errorf("%s = %q (%s): %s has that address (%q, %s); each needs an address of its own",
					a.Setting, a.Address, c.Origin(a.Setting), other.Setting, other.Address, c.Origin(other.Setting)))
			}
		}
	}
	return errors.Join(errs...)
}

// overlap reports whether two addresses cannot be listened on at the same time: they
// have the same port, and the same host or one that stands for all.
func overlap(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	if errA != nil || errB != nil || portA != portB || portA == "0" {
		return false
	}
	hostA, hostB = plainHost(hostA), plainHost(hostB)
	return hostA == hostB || hostA == "" || hostB == ""
}

// plainHost returns a host in the form that [overlap] compares: empty for all.
func plainHost(host string) string {
	ip := net.ParseIP(host)
	switch {
	case strings.EqualFold(host, "localhost"):
		return "127.0.0.1"
	case ip == nil:
		return strings.ToLower(host)
	case ip.IsUnspecified():
		return ""
	default:
		return ip.String()
	}
}
