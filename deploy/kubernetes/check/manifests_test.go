// Package check builds every overlay as kubectl kustomize does, and checks the result
// against Kubernetes' own types and against hotcell itself. It is a separate module,
// so that hotcell does not depend on Kubernetes.
package check

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	node "k8s.io/api/node/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/metrics"

	gateway "sigs.k8s.io/gateway-api/apis/v1"
)

var kinds = map[string]func() any{
	"Namespace":               func() any { return new(core.Namespace) },
	"ServiceAccount":          func() any { return new(core.ServiceAccount) },
	"ConfigMap":               func() any { return new(core.ConfigMap) },
	"Service":                 func() any { return new(core.Service) },
	"Deployment":              func() any { return new(apps.Deployment) },
	"DaemonSet":               func() any { return new(apps.DaemonSet) },
	"StatefulSet":             func() any { return new(apps.StatefulSet) },
	"ScaledObject":            func() any { return new(scaledObject) },
	"PodDisruptionBudget":     func() any { return new(policy.PodDisruptionBudget) },
	"NetworkPolicy":           func() any { return new(networking.NetworkPolicy) },
	"Ingress":                 func() any { return new(networking.Ingress) },
	"HorizontalPodAutoscaler": func() any { return new(autoscaling.HorizontalPodAutoscaler) },
	"RuntimeClass":            func() any { return new(node.RuntimeClass) },
	"ServiceMonitor":          func() any { return new(monitoring.ServiceMonitor) },
	"HTTPRoute":               func() any { return new(gateway.HTTPRoute) },
}

// build returns the objects of an overlay, by kind and name. A field that its kind
// does not have is an error.
func build(t *testing.T, dir string) map[string]any {
	t.Helper()
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	objects := make(map[string]any)
	for _, resource := range made.Resources() {
		kind := resource.GetKind()
		empty, ok := kinds[kind]
		if !ok {
			t.Fatalf("%s: kind %s is not known here", dir, kind)
		}
		text, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		object := empty()
		if err := yaml.UnmarshalStrict(text, object); err != nil {
			t.Errorf("%s: %s %s: %v", dir, kind, resource.GetName(), err)
		}
		// Without one, kubectl makes it in the namespace of the context, usually "default":
		// the namespace of the base's kustomization does not reach what a component adds.
		if kind != "Namespace" && kind != "RuntimeClass" && resource.GetNamespace() == "" {
			t.Errorf("%s: %s %s names no namespace", dir, kind, resource.GetName())
		}
		fields, err := resource.Map()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range empties(fields) {
			t.Errorf("%s: %s %s: %s is empty, which the API server does not keep: kubectl diff would show it each time", dir, kind, resource.GetName(), path)
		}
		objects[kind+"/"+resource.GetName()] = object
	}
	return objects
}

// empties returns the paths of lists that have no elements.
func empties(value any) (paths []string) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			for _, path := range empties(member) {
				paths = append(paths, "."+name+path)
			}
		}
	case []any:
		if len(value) == 0 {
			return []string{""}
		}
		for _, element := range value {
			for _, path := range empties(element) {
				paths = append(paths, "[]"+path)
			}
		}
	}
	return paths
}

// with makes an overlay of the base with those components.
func with(t *testing.T, components ...string) string {
	t.Helper()
	dir, err := os.MkdirTemp("..", "overlay-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	text := "resources: [../base]\ncomponents:\n"
	for _, name := range components {
		text += "  - ../components/" + name + "\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestEveryOverlayIsOfKubernetesOwnTypes(t *testing.T) {
	build(t, "../base")
	build(t, "../node")
	build(t, "../overlays/example")
	build(t, "../overlays/example/node")
	build(t, "../overlays/fleet")
	components, err := filepath.Glob("../components/*")
	if err != nil || len(components) < 5 {
		t.Fatalf("%v %v", components, err)
	}
	for _, component := range components {
		build(t, with(t, filepath.Base(component)))
	}
	build(t, with(t, "autoscaled", "ingress", "apparmor", "delegated-cgroups", "uid-range"))
	build(t, with(t, "nats", "fleet", "keda", "uid-range"))
}

// settings returns the settings in the ConfigMap that the Deployment uses.
func settings(t *testing.T, objects map[string]any) map[string]string {
	t.Helper()
	found := deployment(t, objects).Spec.Template.Spec.Containers[0].EnvFrom[0].ConfigMapRef.Name
	config, ok := objects["ConfigMap/"+found].(*core.ConfigMap)
	if !ok {
		t.Fatalf("no ConfigMap %s", found)
	}
	return config.Data
}

func deployment(t *testing.T, objects map[string]any) *apps.Deployment {
	t.Helper()
	found, ok := objects["Deployment/hotcell"].(*apps.Deployment)
	if !ok {
		t.Fatal("no deployment")
	}
	return found
}

func TestHotcellTakesTheSettings(t *testing.T) {
	for _, components := range [][]string{nil, {"autoscaled"}, {"ingress"}, {"gateway"}, {"uid-range"}, {"delegated-cgroups"}, {"nats", "fleet"}} {
		objects := build(t, with(t, components...))
		var environ []string
		for name, value := range settings(t, objects) {
			environ = append(environ, name+"="+value)
		}
		cfg, err := config.Load(nil, environ)
		if err != nil {
			t.Errorf("%v: %v", components, err)
			continue
		}
		pod := deployment(t, objects).Spec.Template.Spec
		stop := time.Duration(*pod.TerminationGracePeriodSeconds) * time.Second
		before := time.Duration(pod.Containers[0].Lifecycle.PreStop.Sleep.Seconds) * time.Second
		if cfg.DrainGrace+before >= stop {
			t.Errorf("%v: preStop %v and drain_grace %v are not within terminationGracePeriodSeconds %v", components, before, cfg.DrainGrace, stop)
		}
		if cfg.DrainGrace < cfg.Profile.Max.Wall {
			t.Errorf("%v: drain_grace %v is shorter than a script's %v", components, cfg.DrainGrace, cfg.Profile.Max.Wall)
		}
		most := int64(cfg.MaxRunning+cfg.MaxSessions)*cfg.Profile.Max.MemoryBytes + int64(cfg.MaxMemory)
		if limit := pod.Containers[0].Resources.Limits.Memory().Value(); most > limit || cfg.MaxMemory == 0 {
			t.Errorf("%v: scripts and hotcell may take %d bytes of %d", components, most, limit)
		}
		for _, port := range pod.Containers[0].Ports {
			if address := map[string]string{"http": cfg.Listen, "metrics": cfg.AdminListen}[port.Name]; !strings.HasSuffix(address, ":"+strconv.Itoa(int(port.ContainerPort))) {
				t.Errorf("%v: port %s is %d, and hotcell listens on %q", components, port.Name, port.ContainerPort, address)
			}
		}
	}
}

func TestPodsHaveTheLeastPrivileges(t *testing.T) {
	objects := build(t, "../base")
	pod := deployment(t, objects).Spec.Template.Spec
	container := pod.Containers[0].SecurityContext
	if !*pod.SecurityContext.RunAsNonRoot || *pod.SecurityContext.RunAsUser != 1000 || len(container.Capabilities.Add) > 0 ||
		!slices.Equal(container.Capabilities.Drop, []core.Capability{"ALL"}) || *container.AllowPrivilegeEscalation || !*container.ReadOnlyRootFilesystem ||
		pod.SecurityContext.SeccompProfile.Type != core.SeccompProfileTypeLocalhost || *pod.AutomountServiceAccountToken {
		t.Errorf("%+v\n%+v", pod.SecurityContext, container)
	}
	network, ok := objects["NetworkPolicy/hotcell"].(*networking.NetworkPolicy)
	if !ok || len(network.Spec.Egress) > 0 || !slices.Contains(network.Spec.PolicyTypes, networking.PolicyTypeEgress) {
		t.Errorf("egress is open: %+v", network)
	}
	profile, err := os.ReadFile("../node/seccomp.json")
	ours, err2 := os.ReadFile("../../seccomp.json")
	if err != nil || err2 != nil || !bytes.Equal(profile, ours) {
		t.Error("node/seccomp.json is not deploy/seccomp.json: copy it")
	}
}

func TestProbesAndMetricsExist(t *testing.T) {
	contract, err := os.ReadFile("../../../supervisor/api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	objects := build(t, with(t, "autoscaled"))
	container := deployment(t, objects).Spec.Template.Spec.Containers[0]
	for name, probe := range map[string]*core.Probe{"startup": container.StartupProbe, "liveness": container.LivenessProbe, "readiness": container.ReadinessProbe} {
		if !bytes.Contains(contract, []byte("\n  "+probe.HTTPGet.Path+":\n")) {
			t.Errorf("%s probe: the contract has no %s", name, probe.HTTPGet.Path)
		}
	}
	rules, err := os.ReadFile("../components/autoscaled/adapter-rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	served := make(map[string]bool)
	for _, name := range regexp.MustCompile(`as: (\w+)`).FindAllSubmatch(rules, -1) {
		served[string(name[1])] = true
	}
	scaler, ok := objects["HorizontalPodAutoscaler/hotcell"].(*autoscaling.HorizontalPodAutoscaler)
	if !ok || len(scaler.Spec.Metrics) == 0 {
		t.Fatal("no autoscaler")
	}
	for _, metric := range scaler.Spec.Metrics {
		if !served[metric.Pods.Metric.Name] {
			t.Errorf("the adapter serves %v, and not %s", slices.Sorted(maps.Keys(served)), metric.Pods.Metric.Name)
		}
	}
	for _, name := range regexp.MustCompile(`seriesQuery: '(\w+)`).FindAllSubmatch(rules, -1) {
		if metric(string(name[1])) == nil {
			t.Errorf("hotcell has no metric %s", name[1])
		}
	}
}

// metric returns the row of hotcell's own table, or nil.
func metric(name string) *metrics.Metric {
	for _, row := range metrics.Table {
		if row.Name == name {
			return &row
		}
	}
	return nil
}
