package tracing

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// endpoints lists the variables that say where spans go.
var endpoints = []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"}

// Wanted reports whether OpenTelemetry's variables ask for spans. environ has the
// form of [os.Environ]. The exporter and the SDK read the other variables themselves.
func Wanted(environ []string) bool {
	env := make(map[string]string)
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		env[name] = strings.TrimSpace(value)
	}
	off := strings.EqualFold(env["OTEL_SDK_DISABLED"], "true") || env["OTEL_TRACES_EXPORTER"] == "none"
	return !off && slices.ContainsFunc(endpoints, func(name string) bool { return env[name] != "" })
}

var samplers = []string{"", "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"}

// checkEnv refuses values that the SDK would silently replace by a default.
func checkEnv(env func(string) string) error {
	var errs []error
	for _, name := range endpoints {
		u, err := url.Parse(env(name))
		if env(name) != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			errs = append(errs, fmt.Errorf(`environment %s = %q: must be a URL such as "http://localhost:4318"`, name, env(name)))
		}
	}
	oneOf := func(name string, allowed ...string) {
		if !slices.Contains(allowed, env(name)) {
			errs = append(errs, fmt.Errorf("environment %s = %q: must be empty, or one of %q", name, env(name), allowed[1:]))
		}
	}
	oneOf("OTEL_EXPORTER_OTLP_PROTOCOL", "", "http/protobuf", "http/json")
	oneOf("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "", "http/protobuf", "http/json")
	oneOf("OTEL_TRACES_EXPORTER", "", "otlp")
	oneOf("OTEL_TRACES_SAMPLER", samplers...)
	return errors.Join(errs...)
}
