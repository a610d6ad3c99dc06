package deploy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// service has the members of a service in the compose file that the tests check.
type service struct {
	Image       string            `yaml:"image"`
	CapDrop     []string          `yaml:"cap_drop"`
	CapAdd      []string          `yaml:"cap_add"`
	SecurityOpt []string          `yaml:"security_opt"`
	Privileged  bool              `yaml:"privileged"`
	ReadOnly    bool              `yaml:"read_only"`
	Environment map[string]string `yaml:"environment"`
	Volumes     []string          `yaml:"volumes"`
	Ports       []string          `yaml:"ports"`
	Secrets     []string          `yaml:"secrets"`
}

func TestTheComposeFileMountsExistingFiles(t *testing.T) {
	var compose struct {
		Services map[string]service             `yaml:"services"`
		Secrets  map[string]map[string]string   `yaml:"secrets"`
		Volumes  map[string]map[string]struct{} `yaml:"volumes"`
	}
	decode(t, "compose.yaml", &compose)
	inside := make(map[string]string) // path in a container: the file here
	for name, s := range compose.Services {
		for _, volume := range s.Volumes {
			from, rest, _ := strings.Cut(volume, ":")
			to, _, readOnly := strings.Cut(rest, ":")
			if _, named := compose.Volumes[from]; named {
				continue
			}
			inside[to] = from
			if _, err := os.Stat(from); err != nil && !strings.HasPrefix(from, "./secrets/") {
				t.Errorf("%s: %v", name, err)
			}
			if !readOnly {
				t.Errorf("%s may write to %s", name, from)
			}
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s: port %s is not only on loopback", name, port)
			}
		}
		for _, secret := range s.Secrets {
			if compose.Secrets[secret]["file"] == "" {
				t.Errorf("%s: there is no secret %s", name, secret)
			}
			inside["/run/secrets/"+secret] = compose.Secrets[secret]["file"]
		}
		if s.Privileged || !slices.Contains(s.CapDrop, "ALL") {
			t.Errorf("%s has privileges that it does not need", name)
		}
		if name != "hotcell" && (len(s.CapAdd) > 0 || !strings.Contains(s.Image, ":v") && !strings.Contains(s.Image, ":1")) {
			t.Errorf("%s: capabilities %v, or no version in image %s", name, s.CapAdd, s.Image)
		}
	}
	// The compose file mounts files at the paths that the configurations name.
	for _, config := range []struct{ file, path string }{
		{"prometheus/prometheus.yml", "/run/secrets/metrics_key"},
		{"prometheus/prometheus.yml", "/etc/prometheus"},
		{"compose.yaml", "/etc/hotcell/keys.yaml"},
		{"compose.yaml", "/var/lib/grafana/dashboards/hotcell.json"},
	} {
		if !strings.Contains(read(t, config.file), config.path) || inside[config.path] == "" {
			t.Errorf("%s names %s, where nothing is", config.file, config.path)
		}
	}
	if provider := read(t, "grafana/provisioning/dashboards/hotcell.yaml"); !strings.Contains(provider, filepath.Dir("/var/lib/grafana/dashboards/hotcell.json")) {
		t.Error("Grafana does not look where the dashboard is")
	}
}

// The compose file grants the same privileges as the page's docker run command.
func TestTheComposeFileGrantsThePrivilegesOfTheDocumentationAndNoOthers(t *testing.T) {
	var compose struct {
		Services map[string]service `yaml:"services"`
	}
	decode(t, "compose.yaml", &compose)
	s := compose.Services["hotcell"]
	_, line, _ := strings.Cut(read(t, "../docs/container.md"), "\n## With SETUID and SETGID\n")
	line, _, _ = strings.Cut(line, "\n## Without any capability\n")
	if len(s.CapAdd) != strings.Count(line, "--cap-add") || len(s.SecurityOpt) != strings.Count(line, "--security-opt") || !s.ReadOnly {
		t.Errorf("%+v", s)
	}
	for _, capability := range s.CapAdd {
		if !strings.Contains(line, "--cap-add "+capability) {
			t.Errorf("capability %s", capability)
		}
	}
	for _, option := range s.SecurityOpt {
		if name, _, isFile := strings.Cut(option, "="); !strings.Contains(line, "--security-opt "+name) || isFile && name != "seccomp" {
			t.Errorf("security option %s", option)
		}
	}
}
