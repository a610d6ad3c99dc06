package check

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
)

// kubectl notes what it was told: a line for each call.
const kubectl = `#!/bin/sh
for word in "$@"; do printf '%s\t' "$word" >>calls; done
echo >>calls
`

// lines runs the commands of docs/kubernetes.md in a copy of the manifests. It returns
// the directory, and what kubectl was told.
func lines(t *testing.T) (dir string, calls [][]string) {
	t.Helper()
	page, err := os.ReadFile("../../../docs/kubernetes.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(page), "```sh\n")
	block, _, _ = strings.Cut(block, "```")
	program, err := filepath.Abs("../../../build/hotcell")
	if _, missing := os.Stat(program); !found || err != nil || missing != nil {
		t.Fatalf("%v: %v: run make build", err, missing)
	}
	dir = t.TempDir()
	bin := filepath.Join(dir, "bin")
	for _, err := range []error{
		os.CopyFS(filepath.Join(dir, "deploy", "kubernetes"), os.DirFS("..")), os.Mkdir(bin, 0o700),
		os.Symlink(program, filepath.Join(bin, "hotcell")), os.WriteFile(filepath.Join(bin, "kubectl"), []byte(kubectl), 0o700), // #nosec G306 -- it is a program
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("/bin/bash", "-euo", "pipefail", "-c", block) // #nosec G204 -- of the page
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + bin + ":/usr/bin:/bin"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		calls = append(calls, strings.Split(strings.TrimSuffix(line, "\t\n"), "\t"))
	}
	return dir, calls
}

// The commands of the page make what the manifests name, where they look for it.
func TestTheCommandsOfThePageFitTheManifests(t *testing.T) {
	dir, calls := lines(t)
	made := make(map[string]any)                // objects by kind and name
	spaces := make(map[string]bool)             // namespaces
	secrets := make(map[string]map[string]bool) // their keys
	var literal string
	for _, call := range calls {
		command := strings.Join(call, " ")
		space := ""
		if call[0] == "-n" {
			if space, call = call[1], call[2:]; !spaces[space] {
				t.Errorf("%s: there is no namespace %s yet", command, space)
			}
		}
		switch strings.Join(call[:2], " ") {
		case "apply -k":
			for name, object := range build(t, filepath.Join(dir, call[2])) {
				made[name] = object
				if namespace, ok := object.(*core.Namespace); ok {
					spaces[namespace.Name] = true
				}
			}
		case "apply -f":
			text, err := os.ReadFile(filepath.Join(dir, call[2])) // #nosec G304 -- of the page
			var namespace core.Namespace
			if err != nil || yaml.UnmarshalStrict(text, &namespace) != nil || namespace.Kind != "Namespace" {
				t.Fatalf("%s: %v %+v", command, err, namespace)
			}
			spaces[namespace.Name] = true
		case "create secret":
			name, source := call[3], call[4]
			if call[2] != "generic" || len(call) != 5 || space != "hotcell" {
				t.Fatalf("%s", command)
			}
			kind, from, _ := strings.Cut(source, "=")
			key, value, _ := strings.Cut(from, "=")
			if kind == "--from-literal" {
				literal = value
			}
			secrets[name] = map[string]bool{key: true}
		case "rollout status", "port-forward service/hotcell":
			if what := strings.TrimPrefix(command, "-n hotcell "); what != "rollout status deployment/hotcell" && what != "port-forward service/hotcell 8080:80" {
				t.Errorf("%s: is it so?", command)
			}
		default:
			t.Errorf("%s: this test does not know the command", command)
		}
	}

	deployed := deployment(t, made)
	pod := deployed.Spec.Template.Spec
	for _, at := range []string{deployed.Namespace, object[*core.Service](t, made, "Service/hotcell").Namespace} {
		if at != "hotcell" {
			t.Errorf("it is in namespace %q", at)
		}
	}
	if ports := object[*core.Service](t, made, "Service/hotcell").Spec.Ports; len(ports) != 1 || ports[0].Port != 80 {
		t.Errorf("the service has the ports %+v, and the page forwards 80", ports)
	}
	// Each image is one that the nodes can pull.
	containers := slices.Concat(pod.Containers, pod.InitContainers)
	for name, object := range made {
		if set, ok := object.(*apps.DaemonSet); ok {
			containers = slices.Concat(containers, set.Spec.Template.Spec.InitContainers, set.Spec.Template.Spec.Containers)
			if !spaces[set.Namespace] {
				t.Errorf("%s is in namespace %s, which nobody makes", name, set.Namespace)
			}
		}
	}
	for _, container := range containers {
		if container.Image != "registry.example.org/hotcell:1.0" {
			t.Errorf("%s has the image %s", container.Name, container.Image)
		}
	}
	// The keys file is where the settings look for it.
	var volumes []string
	for _, volume := range pod.Volumes {
		if volume.Secret != nil {
			volumes = append(volumes, volume.Name)
			for _, mount := range pod.Containers[0].VolumeMounts {
				if mount.Name == volume.Name && !secrets[volume.Secret.SecretName][strings.TrimPrefix(settings(t, made)["HOTCELL_KEYS"], mount.MountPath+"/")] {
					t.Errorf("the settings name %s, and the secrets have %v", settings(t, made)["HOTCELL_KEYS"], secrets)
				}
			}
		}
	}
	if len(volumes) != 1 {
		t.Errorf("volumes of secrets: %q", volumes)
	}
	cfg := config.Default()
	cfg.Keys = filepath.Join(dir, "keys.yaml")
	listed, err := keys.List(cfg)
	if err != nil || len(listed) != 2 {
		t.Fatalf("%v %v", listed, err)
	}
	// The key that Prometheus has is the one that may read metrics.
	digest := sha256.Sum256([]byte(literal))
	if hash := hex.EncodeToString(digest[:4]); !slices.Equal(listed[1].Rights, []string{"admin"}) || !slices.Contains(listed[1].Hashes, hash) {
		t.Errorf("Prometheus has the key %q…, and the file %+v", hash, listed[1])
	}
	for _, endpoint := range object[*monitoring.ServiceMonitor](t, made, "ServiceMonitor/hotcell").Spec.Endpoints {
		if from := endpoint.Authorization.Credentials; !secrets[from.Name][from.Key] {
			t.Errorf("Prometheus looks for %s in the secret %s, and there are %v", from.Key, from.Name, secrets)
		}
	}
}
