// Package preflight finds what is wrong with a configuration without starting
// anything, for hotcell serve --check.
package preflight

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/secrets"
)

// Check returns everything that would keep a service with this configuration from
// starting, as far as that can be seen without listening and without making a jail:
// hotcell doctor tries the rest. Another service may be running with the same
// configuration.
func Check(cfg config.Config) error {
	errs := []error{doctor.CheckNames(cfg.AllowMissing), checkConnections(cfg), checkAddresses(cfg)}
	if cfg.Keys != "" {
		_, err := keys.List(cfg)
		errs = append(errs, err)
	}
	_, err := secrets.Open(cfg, slog.New(slog.DiscardHandler))
	errs = append(errs, err)
	return errors.Join(append(errs, Environments(cfg))...)
}

// Warnings returns what does not keep a service from starting, and is likely a mistake.
func Warnings(cfg config.Config) []string {
	all := cfg.Warnings()
	file, err := secrets.Open(cfg, slog.New(slog.DiscardHandler))
	if err != nil || cfg.Keys == "" {
		return all
	}
	listed, err := keys.List(cfg)
	if err != nil {
		return all // Check returns the error
	}
	for secret, key := range file.Uses() {
		if !slices.ContainsFunc(listed, func(l keys.Listed) bool { return l.Name == key }) {
			all = append(all, fmt.Sprintf("%s: secret %q: keys names %q, which %s does not have", cfg.WebhookSecrets, secret, key, cfg.Keys))
		}
	}
	return all
}

// Environments returns what is wrong with the Python environments, warm-up scripts and
// nsjail programs of the profiles.
func Environments(cfg config.Config) error {
	jails, err := cfg.Jails()
	if err != nil {
		return err
	}
	var errs []error
	for _, jail := range jails {
		if err := doctor.CheckEnvironment(cfg.Host(nil), jail); err != nil {
			errs = append(errs, fmt.Errorf("profile %q: %w", jail.Name, err))
		}
	}
	return errors.Join(errs...)
}

func checkConnections(cfg config.Config) error {
	memory, err := cfg.Memory()
	if err != nil {
		return err
	}
	limit, err := config.DescriptorLimit()
	if err != nil {
		return err
	}
	_, _, err = cfg.Connections(limit, memory.Connections)
	return err
}

func checkAddresses(cfg config.Config) error {
	var errs []error
	for _, a := range cfg.Addresses() {
		address, err := net.ResolveTCPAddr("tcp", a.Address)
		if err == nil {
			err = cfg.CheckOpen(address)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s (%s): %w", a.Setting, cfg.Origin(a.Setting), err))
		}
	}
	return errors.Join(errs...)
}
