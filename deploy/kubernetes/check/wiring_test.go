package check

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/hotcell/hotcell/supervisor/config"
)

// object returns the object of a kind and name, with the type that kinds gives it.
func object[T any](t *testing.T, objects map[string]any, name string) T {
	t.Helper()
	found, ok := objects[name].(T)
	if !ok {
		t.Fatalf("no %s among %v", name, slices.Sorted(maps.Keys(objects)))
	}
	return found
}

// A selector that matches everything would also apply to other programs in the
// namespace, and one that matches nothing protects nothing.
func TestSelectorsSelectThePodsAndNoOthers(t *testing.T) {
	objects := build(t, "../base")
	pods := labels.Set(deployment(t, objects).Spec.Template.Labels)
	selectors := map[string]*meta.LabelSelector{
		"Deployment":          deployment(t, objects).Spec.Selector,
		"PodDisruptionBudget": object[*policy.PodDisruptionBudget](t, objects, "PodDisruptionBudget/hotcell").Spec.Selector,
		"NetworkPolicy":       &object[*networking.NetworkPolicy](t, objects, "NetworkPolicy/hotcell").Spec.PodSelector,
	}
	for _, name := range []string{"hotcell", "hotcell-metrics"} {
		service := object[*core.Service](t, objects, "Service/"+name)
		selectors["Service/"+name] = &meta.LabelSelector{MatchLabels: service.Spec.Selector}
	}
	for name, selector := range selectors {
		parsed, err := meta.LabelSelectorAsSelector(selector)
		if err != nil || !parsed.Matches(pods) || parsed.Matches(labels.Set{"app": "another"}) {
			t.Errorf("%s selects by %q, and the pods have %v (%v)", name, parsed, pods, err)
		}
	}
}

func TestEveryPortThatIsNamedIsOneOfTheContainer(t *testing.T) {
	objects := build(t, with(t, "autoscaled"))
	container := deployment(t, objects).Spec.Template.Spec.Containers[0]
	ports := make(map[string]bool)
	for _, port := range container.Ports {
		ports[port.Name] = true
	}
	for name, probe := range map[string]*core.Probe{"startup": container.StartupProbe, "liveness": container.LivenessProbe, "readiness": container.ReadinessProbe} {
		if port := probe.HTTPGet.Port.String(); !ports[port] {
			t.Errorf("%s probe: the container has no port %s", name, port)
		}
	}
	for _, name := range []string{"hotcell", "hotcell-metrics"} {
		for _, port := range object[*core.Service](t, objects, "Service/"+name).Spec.Ports {
			if !ports[port.TargetPort.String()] {
				t.Errorf("service %s: the container has no port %s", name, port.TargetPort.String())
			}
		}
	}
	for _, rule := range object[*networking.NetworkPolicy](t, objects, "NetworkPolicy/hotcell").Spec.Ingress {
		for _, port := range rule.Ports {
			if !ports[port.Port.String()] {
				t.Errorf("network policy: the container has no port %s", port.Port.String())
			}
		}
	}
}

func TestTheMonitorFindsTheMetricsService(t *testing.T) {
	objects := build(t, with(t, "autoscaled"))
	monitor := object[*monitoring.ServiceMonitor](t, objects, "ServiceMonitor/hotcell")
	selector, err := meta.LabelSelectorAsSelector(&monitor.Spec.Selector)
	if err != nil {
		t.Fatal(err)
	}
	service := object[*core.Service](t, objects, "Service/hotcell-metrics")
	other := object[*core.Service](t, objects, "Service/hotcell")
	if !selector.Matches(labels.Set(service.Labels)) || selector.Matches(labels.Set(other.Labels)) {
		t.Errorf("the monitor selects by %q; the services have %v and %v", selector, service.Labels, other.Labels)
	}
	for _, endpoint := range monitor.Spec.Endpoints {
		if !slices.ContainsFunc(service.Spec.Ports, func(p core.ServicePort) bool { return p.Name == endpoint.Port }) || endpoint.Path != "/metrics" {
			t.Errorf("the monitor asks port %q for %q; the service has %v", endpoint.Port, endpoint.Path, service.Spec.Ports)
		}
	}
}

func TestTheAutoscalerScalesTheDeployment(t *testing.T) {
	objects := build(t, with(t, "autoscaled"))
	scaler := object[*autoscaling.HorizontalPodAutoscaler](t, objects, "HorizontalPodAutoscaler/hotcell")
	target := scaler.Spec.ScaleTargetRef
	deployed := deployment(t, objects)
	if target.APIVersion != deployed.APIVersion || target.Kind != deployed.Kind || target.Name != deployed.Name {
		t.Errorf("it scales %+v, and the deployment is %s %s", target, deployed.APIVersion, deployed.Name)
	}
	if deployed.Spec.Replicas != nil {
		t.Errorf("the deployment asks for %d replicas, so each apply undoes the autoscaler's", *deployed.Spec.Replicas)
	}
}

// The adapter's queries use values of labels, which types do not check.
func TestTheAdapterUsesExistingMetrics(t *testing.T) {
	rules, err := os.ReadFile("../components/autoscaled/adapter-rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	claims := metric("hotcell_claims_total")
	asked := regexp.MustCompile(`result="(\w+)"`).FindAllStringSubmatch(string(rules), -1)
	if len(asked) == 0 {
		t.Fatal("the rules ask for no result")
	}
	for _, result := range asked {
		if !strings.Contains(claims.Help, " "+result[1]+": ") {
			t.Errorf("hotcell_claims_total has no result %q", result[1])
		}
	}
}

// SIGTERM refuses waiting requests, so it must come after their turn.
func TestPreStopOutlastsTheLine(t *testing.T) {
	objects := build(t, "../base")
	var environ []string
	for name, value := range settings(t, objects) {
		environ = append(environ, name+"="+value)
	}
	cfg, err := config.Load(nil, environ)
	if err != nil {
		t.Fatal(err)
	}
	before := time.Duration(deployment(t, objects).Spec.Template.Spec.Containers[0].Lifecycle.PreStop.Sleep.Seconds) * time.Second
	if before <= cfg.MaxWait {
		t.Errorf("preStop waits %v, and requests in line %v", before, cfg.MaxWait)
	}
}

func TestTheNodesHaveTheProfileThatPodsName(t *testing.T) {
	pod := deployment(t, build(t, "../base")).Spec.Template.Spec
	text, err := os.ReadFile("../node/daemonset.yaml")
	if err != nil {
		t.Fatal(err)
	}
	named := *pod.SecurityContext.SeccompProfile.LocalhostProfile
	dir, file := filepath.Split(named)
	if !strings.Contains(string(text), "/var/lib/kubelet/seccomp/"+filepath.Clean(dir)+",") || !strings.Contains(string(text), "/node/"+file+"]") {
		t.Errorf("pods name the profile %s, and node/daemonset.yaml installs no such file", named)
	}
}

// The root is read-only, and the image keeps its state below /tmp.
func TestTmpIsATmpfs(t *testing.T) {
	pod := deployment(t, build(t, "../base")).Spec.Template.Spec
	at := slices.IndexFunc(pod.Containers[0].VolumeMounts, func(m core.VolumeMount) bool { return m.MountPath == "/tmp" && !m.ReadOnly })
	if at < 0 {
		t.Fatal("nothing is mounted on /tmp")
	}
	name := pod.Containers[0].VolumeMounts[at].Name
	if !slices.ContainsFunc(pod.Volumes, func(v core.Volume) bool {
		return v.Name == name && v.EmptyDir != nil && v.EmptyDir.Medium == core.StorageMediumMemory
	}) {
		t.Errorf("volume %s is not an emptyDir in memory", name)
	}
}

// A session is in one replica: there are none unless any replica answers for all of them.
func TestThereAreSessionsOnlyWhereAnyReplicaAnswersForThem(t *testing.T) {
	components, err := filepath.Glob("../components/*")
	if err != nil {
		t.Fatal(err)
	}
	able := 0
	for _, component := range components {
		its := settings(t, build(t, with(t, filepath.Base(component))))
		if its["HOTCELL_MAX_SESSIONS"] == "0" {
			continue
		}
		able++
		if its["HOTCELL_NATS"] == "" {
			t.Errorf("%s: %s sessions, and calls of them may reach a replica that does not have them", component, its["HOTCELL_MAX_SESSIONS"])
		}
	}
	if able == 0 {
		t.Error("no component has sessions")
	}
	ingress := object[*networking.Ingress](t, build(t, with(t, "ingress")), "Ingress/hotcell")
	if paths := ingress.Spec.Rules[0].HTTP.Paths; len(paths) != 1 || paths[0].Path != "/" || paths[0].Backend.Service.Name != "hotcell" {
		t.Errorf("ingress: %+v", paths)
	}
	route := object[*gateway.HTTPRoute](t, build(t, with(t, "gateway")), "HTTPRoute/hotcell")
	if rules := route.Spec.Rules; len(rules) != 1 || *rules[0].Matches[0].Path.Value != "/" || rules[0].BackendRefs[0].Name != "hotcell" || rules[0].SessionPersistence != nil {
		t.Errorf("gateway: %+v", rules)
	}
}
