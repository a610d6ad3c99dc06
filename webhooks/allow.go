package webhooks

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"code.dny.dev/ssrf"
)

// Allow says where webhooks may go. Its zero value allows nothing.
type Allow struct {
	hosts     []host
	addresses []addresses
}

// host allows a name, as long as its addresses are public.
type host struct {
	name  string // without the dot at its end, in lower case
	below bool   // the names below it, and not the name itself
	ports ports
}

// addresses allows a range of addresses.
type addresses struct {
	prefix  netip.Prefix
	special bool // all of them are special: it was written to allow such
	ports   ports
}

// ports is a port, or one of these.
type ports int

const (
	webPorts ports = 0 // 80 and 443
	anyPort  ports = -1
)

func (p ports) has(port uint16) bool {
	return p == anyPort || p == webPorts && (port == 80 || port == 443) || p == ports(port)
}

// AllowedItems describes the items of the setting webhook_allow.
const AllowedItems = "names (hooks.example.com, *.example.com), addresses (203.0.114.7, 2a00::1) or ranges (10.1.0.0/16); " +
	"with :PORT (hooks.example.com:8443, [fd00::/8]:8443) or :* behind them for other ports than 80 and 443"

// ParseAllow parses the items of the setting webhook_allow. The error names everything
// that is wrong.
func ParseAllow(items []string) (Allow, error) {
	var allow Allow
	var errs []error
	for _, item := range items {
		if err := allow.add(item); err != nil {
			errs = append(errs, fmt.Errorf("%q: %w", item, err))
		}
	}
	return allow, errors.Join(errs...)
}

func (a *Allow) add(item string) error {
	if strings.Contains(item, "/") && strings.Contains(item, "://") {
		return fmt.Errorf("must not have a scheme: both http and https are allowed")
	}
	text, ports, err := splitPorts(item)
	if err != nil {
		return err
	}
	if prefix, ok, err := parsePrefix(text); ok || err != nil {
		a.addresses = append(a.addresses, addresses{prefix, isSpecial(prefix), ports})
		return err
	}
	name, below := strings.CutPrefix(strings.ToLower(text), "*.")
	switch {
	case text == "*":
		return errors.New("names must be named; 0.0.0.0/0 and ::/0 allow every public address")
	case isLocalhost(name):
		return errors.New("is an address of the machine itself, which must be named as one: for example 127.0.0.1:8000")
	case !isName(name):
		return fmt.Errorf("must be one of: %s", AllowedItems)
	}
	a.hosts = append(a.hosts, host{name, below, ports})
	return nil
}

// splitPorts splits what follows the last colon from an item, unless the item is an
// IPv6 address without brackets.
func splitPorts(item string) (text string, p ports, err error) {
	text, port, given := item, "", false
	if inside, ok := strings.CutPrefix(item, "["); ok {
		var rest string
		if text, rest, ok = strings.Cut(inside, "]"); !ok || !strings.Contains(text, ":") {
			return "", 0, errors.New("brackets must have an IPv6 address or range in them")
		}
		if port, given = strings.CutPrefix(rest, ":"); rest != "" && !given {
			return "", 0, fmt.Errorf("%q behind the brackets must be a port, as in :8443", rest)
		}
	} else if strings.Count(item, ":") == 1 {
		text, port, given = strings.Cut(item, ":")
	}
	switch n, err := strconv.ParseUint(port, 10, 16); {
	case !given:
		return text, webPorts, nil
	case port == "*":
		return text, anyPort, nil
	case err != nil || n == 0:
		return "", 0, fmt.Errorf("port %q must be a number from 1 to 65535, or *", port)
	default:
		return text, ports(n), nil
	}
}

// parsePrefix parses an address or a range; ok is false if text is neither.
func parsePrefix(text string) (prefix netip.Prefix, ok bool, err error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		if addr.Zone() != "" {
			return prefix, false, errors.New("must not have a zone")
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	} else if prefix, err = netip.ParsePrefix(text); err != nil {
		if strings.Contains(text, "/") {
			return prefix, false, errors.New("is not a range, such as 10.1.0.0/16 or fd00::/8")
		}
		return prefix, false, nil
	}
	switch {
	case prefix.Addr().Is4In6():
		return prefix, false, fmt.Errorf("must be written as IPv4, as in %s", prefix.Addr().Unmap())
	case prefix != prefix.Masked():
		return prefix, false, fmt.Errorf("has bits behind the first %d: %s is the range", prefix.Bits(), prefix.Masked())
	}
	return prefix, true, nil
}

// label is a part of a name; DNS has names with underscores, too.
const label = `[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?`

var (
	names   = regexp.MustCompile(`^` + label + `(\.` + label + `)*$`)
	numbers = regexp.MustCompile(`(^|\.)(0x[0-9a-f]*|[0-9]+)$`) // the end of an address in one of its old forms
)

// isName reports whether text is a name in lower case, and cannot be taken for an address.
func isName(text string) bool {
	return len(text) <= 253 && names.MatchString(text) && !numbers.MatchString(text)
}

func isLocalhost(name string) bool {
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// named reports whether a name is allowed. Its addresses must be public all the same.
func (a Allow) named(name string, port uint16) bool {
	return slices.ContainsFunc(a.hosts, func(h host) bool {
		return h.ports.has(port) && (h.below && strings.HasSuffix(name, "."+h.name) || !h.below && name == h.name)
	})
}

// reaches reports whether a connection for a URL with that name, or "", may go to an
// address. A range with public addresses does not name the special ones among them.
func (a Allow) reaches(name string, addr netip.Addr, port uint16) bool {
	addr = addr.Unmap().WithZone("") // Linux connects to 127.0.0.1 for ::ffff:127.0.0.1
	special := isSpecial(netip.PrefixFrom(addr, addr.BitLen()))
	return !special && a.named(name, port) || slices.ContainsFunc(a.addresses, func(r addresses) bool {
		return r.ports.has(port) && r.prefix.Contains(addr) && (r.special || !special)
	})
}

// azureAgent answers virtual machines about themselves, at an address that looks like
// any other.
var azureAgent = netip.MustParsePrefix("168.63.129.16/32")

// isSpecial reports whether no address of a range is a public one: loopback,
// link-local, private, multicast, and whatever else IANA has set aside.
func isSpecial(prefix netip.Prefix) bool {
	blocks := append([]netip.Prefix{azureAgent}, ssrf.IPv4DeniedPrefixes...)
	if prefix.Addr().Is6() {
		if !prefix.Overlaps(ssrf.IPv6GlobalUnicast) {
			return true
		}
		blocks = ssrf.IPv6DeniedPrefixes
	}
	return slices.ContainsFunc(blocks, func(block netip.Prefix) bool {
		return block.Bits() <= prefix.Bits() && block.Contains(prefix.Addr())
	})
}
