package config

import (
	"errors"
	"net/url"
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

// checkNats finds settings of the cluster that contradict each other.
func (c Config) checkNats() error {
	var errs []error
	if c.NatsReplicas == 2 {
		errs = append(errs, errors.New("nats_replicas: 2 members cannot lose one: use 1 or 3"))
	}
	if (c.NatsCert == "") != (c.NatsKey == "") {
		errs = append(errs, errors.New("nats_cert and nats_key: one does not work without the other"))
	}
	return errors.Join(errs...)
}
