package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// natsAddress reports whether a text has addresses of a NATS cluster. A password in one
// would be shown wherever settings are.
func natsAddress(text string) bool {
	for address := range strings.SplitSeq(text, ",") {
		parsed, err := url.Parse(strings.TrimSpace(address))
		if err != nil || parsed.User != nil || parsed.Scheme != "nats" && parsed.Scheme != "tls" || !isAddress(parsed.Host) {
			return text == ""
		}
	}
	return true
}

var validNodeName = regexp.MustCompile(`^[A-Za-z0-9._-]{0,63}$`)

func nodeName(text string) bool { return validNodeName.MatchString(text) }

// reachable reports whether a text is an address that can be connected to.
func reachable(text string) bool {
	host, port, err := net.SplitHostPort(text)
	return text == "" || err == nil && host != "" && port != "0" && isAddress(text)
}

// checkNats finds settings of the cluster that contradict each other.
func (c Config) checkNats() error {
	var errs []error
	if (c.NatsCert == "") != (c.NatsKey == "") {
		errs = append(errs, errors.New("nats_cert and nats_key: one does not work without the other"))
	}
	if c.Nats == "" && c.Advertise != "" {
		errs = append(errs, fmt.Errorf("advertise = %q (%s): needs nats, by which nodes find each other", c.Advertise, c.Origin("advertise")))
	}
	return errors.Join(errs...)
}
