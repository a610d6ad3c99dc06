package deploy

import (
	"os/exec"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestRulesDoWhatTheirTestsSay(t *testing.T) {
	promtool := tool(t, "promtool")
	for _, args := range [][]string{
		{"check", "rules", "prometheus/recording.rules.yml", "prometheus/alerts.rules.yml"},
		{"test", "rules", "prometheus/rules.test.yml"},
	} {
		if out, err := exec.Command(promtool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

func decode(t *testing.T, file string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, file)), into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func TestEveryAlertIsTestedBothWaysAndExplained(t *testing.T) {
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert  string            `yaml:"alert"`
				Labels map[string]string `yaml:"labels"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	decode(t, "prometheus/alerts.rules.yml", &rules)
	var tests struct {
		Tests []struct {
			Alerts []struct {
				Name     string `yaml:"alertname"`
				Expected []any  `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		} `yaml:"tests"`
	}
	decode(t, "prometheus/rules.test.yml", &tests)
	fires, rests := make(map[string]bool), make(map[string]bool)
	for _, one := range tests.Tests {
		for _, alert := range one.Alerts {
			fires[alert.Name] = fires[alert.Name] || len(alert.Expected) > 0
			rests[alert.Name] = rests[alert.Name] || len(alert.Expected) == 0
		}
	}
	docs := read(t, "../docs/observability.md")
	count := 0
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			count++
			if !fires[rule.Alert] || !rests[rule.Alert] {
				t.Errorf("%s: tested to fire: %t; not to: %t", rule.Alert, fires[rule.Alert], rests[rule.Alert])
			}
			if severity := rule.Labels["severity"]; severity != "page" && severity != "ticket" {
				t.Errorf("%s: severity %q, allowed are page and ticket", rule.Alert, severity)
			}
			if !strings.Contains(docs, "| `"+rule.Alert+"` |") {
				t.Errorf("docs/observability.md does not say what to do about %s", rule.Alert)
			}
		}
	}
	if count == 0 {
		t.Error("no alerts")
	}
}
