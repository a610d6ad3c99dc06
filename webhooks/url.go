package webhooks

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const maxURL = 2048

// target is where a webhook goes.
type target struct {
	name string     // empty if it is an address
	addr netip.Addr // not valid if it is a name
	port uint16
}

// parseTarget parses the URL that a client gives. Errors do not repeat it, since its
// path may be a secret between the client and its server.
func parseTarget(text string) (target, error) {
	if len(text) > maxURL {
		return target{}, fmt.Errorf("has %d bytes, at most %d are allowed", len(text), maxURL)
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return target{}, errors.New("must be a URL such as https://hooks.example.com/done")
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return target{}, errors.New("must begin with https:// or http://, and a name or address")
	case u.User != nil:
		return target{}, errors.New("must not have a user name or password: the signature says who sends it")
	case u.Fragment != "":
		return target{}, errors.New("must not have a fragment (#), which is not sent")
	}
	t := target{port: 443}
	if u.Scheme == "http" {
		t.port = 80
	}
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return target{}, fmt.Errorf("port %q must be a number from 1 to 65535", port)
		}
		t.port = uint16(n)
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if t.addr, err = netip.ParseAddr(host); err == nil {
		if t.addr.Zone() != "" {
			return target{}, errors.New("must not have a zone")
		}
		return t, nil
	}
	if t.name = host; !isName(host) {
		return target{}, fmt.Errorf("host %q must be a name in ASCII (xn--… for others) or an address", host)
	}
	return t, nil
}

func (t target) host() string {
	if t.name != "" {
		return t.name
	}
	return t.addr.String()
}

// String returns what [ParseAllow] would have to read.
func (t target) String() string { return net.JoinHostPort(t.host(), strconv.Itoa(int(t.port))) }

// check says why a webhook may not go there, as far as that can be said without
// looking up its name.
func (a Allow) check(t target) error {
	someAddress := slices.ContainsFunc(a.addresses, func(r addresses) bool { return r.ports.has(t.port) })
	switch {
	case len(a.hosts)+len(a.addresses) == 0:
		return errors.New("this service sends no webhooks: its setting webhook_allow is empty")
	case t.name != "" && (a.named(t.name, t.port) || someAddress), t.name == "" && a.reaches("", t.addr, t.port):
		return nil
	default:
		return fmt.Errorf("%s is not in this service's setting webhook_allow", t)
	}
}
