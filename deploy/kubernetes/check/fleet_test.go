package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// scaledObject has the fields of KEDA's type that are used here. KEDA's own would bring
// all that it is made of.
type scaledObject struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`
	Spec            struct {
		ScaleTargetRef  struct{ Name string } `json:"scaleTargetRef"`
		MinReplicaCount int32                 `json:"minReplicaCount"`
		MaxReplicaCount int32                 `json:"maxReplicaCount"`
		PollingInterval int32                 `json:"pollingInterval"`
		CooldownPeriod  int32                 `json:"cooldownPeriod"`
		Advanced        struct {
			HorizontalPodAutoscalerConfig struct {
				Behavior autoscaling.HorizontalPodAutoscalerBehavior `json:"behavior"`
			} `json:"horizontalPodAutoscalerConfig"`
		} `json:"advanced"`
		Triggers []struct {
			Type     string            `json:"type"`
			Metadata map[string]string `json:"metadata"`
		} `json:"triggers"`
	} `json:"spec"`
}

func TestTheClustersMembersFindEachOther(t *testing.T) {
	objects := build(t, with(t, "nats", "fleet"))
	set := object[*apps.StatefulSet](t, objects, "StatefulSet/nats")
	pods := labels.Set(set.Spec.Template.Labels)
	service := object[*core.Service](t, objects, "Service/nats")
	for name, selector := range map[string]*meta.LabelSelector{
		"StatefulSet": set.Spec.Selector, "Service": {MatchLabels: service.Spec.Selector},
		"PodDisruptionBudget": object[*policy.PodDisruptionBudget](t, objects, "PodDisruptionBudget/nats").Spec.Selector,
		"NetworkPolicy":       &object[*networking.NetworkPolicy](t, objects, "NetworkPolicy/nats").Spec.PodSelector,
	} {
		parsed, err := meta.LabelSelectorAsSelector(selector)
		if err != nil || !parsed.Matches(pods) || parsed.Matches(labels.Set(deployment(t, objects).Spec.Template.Labels)) {
			t.Errorf("%s selects by %q, and the members have %v (%v)", name, parsed, pods, err)
		}
	}
	if service.Name != set.Spec.ServiceName || service.Spec.ClusterIP != core.ClusterIPNone || !service.Spec.PublishNotReadyAddresses {
		t.Errorf("members have no names: %+v", service.Spec)
	}
	config := object[*core.ConfigMap](t, objects, "ConfigMap/"+set.Spec.Template.Spec.Volumes[0].ConfigMap.Name).Data["nats.conf"]
	container := set.Spec.Template.Spec.Containers[0]
	for _, port := range container.Ports {
		if !strings.Contains(config, fmt.Sprint("0.0.0.0:", port.ContainerPort)) {
			t.Errorf("nothing listens at port %s, %d", port.Name, port.ContainerPort)
		}
		if !slices.ContainsFunc(service.Spec.Ports, func(p core.ServicePort) bool {
			return p.Port == port.ContainerPort && p.TargetPort.String() == port.Name
		}) {
			t.Errorf("the service has no port %s", port.Name)
		}
	}
	for number := range *set.Spec.Replicas {
		if !strings.Contains(config, fmt.Sprintf("nats://%s-%d.%s:6222", set.Name, number, service.Name)) {
			t.Errorf("no route leads to member %d", number)
		}
	}
	security, pod := container.SecurityContext, set.Spec.Template.Spec.SecurityContext
	if *security.AllowPrivilegeEscalation || !*security.ReadOnlyRootFilesystem || !slices.Equal(security.Capabilities.Drop, []core.Capability{"ALL"}) ||
		!*pod.RunAsNonRoot || pod.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
		t.Errorf("a member is not what the namespace wants: %+v, %+v", security, pod)
	}
}

func TestAFleetsReplicasReachTheClusterAndNothingElse(t *testing.T) {
	objects := build(t, with(t, "nats", "fleet"))
	set := object[*apps.StatefulSet](t, objects, "StatefulSet/nats")
	given := settings(t, objects)
	if want := fmt.Sprintf("nats://%s:4222", object[*core.Service](t, objects, "Service/nats").Name); given["HOTCELL_NATS"] != want || given["HOTCELL_NATS_REPLICAS"] != fmt.Sprint(*set.Spec.Replicas) {
		t.Errorf("replicas have %v, and the cluster is %s", given, want)
	}
	var environ []string
	for _, one := range deployment(t, objects).Spec.Template.Spec.Containers[0].Env {
		environ = append(environ, one.Name+"="+one.Value)
	}
	slices.Sort(environ)
	if _, listen, _ := strings.Cut(given["HOTCELL_LISTEN"], ":"); !slices.Equal(environ, []string{"HOTCELL_ADVERTISE=$(POD_IP):" + listen, "HOTCELL_NODE=", "POD_IP="}) {
		t.Errorf("a replica is reached at %v, and listens on %s", environ, given["HOTCELL_LISTEN"])
	}
	replicas, members := labels.Set(deployment(t, objects).Spec.Template.Labels), labels.Set(set.Spec.Template.Labels)
	selects := func(peer networking.NetworkPolicyPeer, pods labels.Set) bool {
		parsed, err := meta.LabelSelectorAsSelector(peer.PodSelector)
		return err == nil && peer.PodSelector != nil && parsed.Matches(pods)
	}
	out := object[*networking.NetworkPolicy](t, objects, "NetworkPolicy/hotcell").Spec.Egress
	if len(out) != 3 || len(out[0].To) != 1 || !selects(out[0].To[0], members) || out[0].Ports[0].Port.String() != "4222" ||
		len(out[1].To) != 1 || !selects(out[1].To[0], replicas) || out[1].Ports[0].Port.String() != "http" || out[2].Ports[0].Port.String() != "53" {
		t.Errorf("replicas may reach %+v", out)
	}
	if in := object[*networking.NetworkPolicy](t, objects, "NetworkPolicy/nats").Spec.Ingress; len(in[0].From) != 1 || !selects(in[0].From[0], replicas) || in[0].Ports[0].Port.String() != "client" {
		t.Errorf("the cluster lets in %+v", in)
	}
	for name := range objects {
		if alone := build(t, "../base"); alone[name] == nil && !strings.HasSuffix(name, "/nats") && !strings.HasPrefix(name, "ConfigMap/") {
			t.Errorf("%s is new", name)
		}
	}
}

func TestTheQueueScalesTheDeployment(t *testing.T) {
	objects := build(t, with(t, "nats", "fleet", "keda"))
	scaler := object[*scaledObject](t, objects, "ScaledObject/hotcell")
	deployed := deployment(t, objects)
	if scaler.Spec.ScaleTargetRef.Name != deployed.Name || scaler.Namespace != deployed.Namespace || deployed.Spec.Replicas != nil {
		t.Errorf("it scales %+v in %s, and the deployment is %s in %s", scaler.Spec.ScaleTargetRef, scaler.Namespace, deployed.Name, deployed.Namespace)
	}
	queue := false
	for _, trigger := range scaler.Spec.Triggers {
		for _, name := range regexp.MustCompile(`hotcell_\w+`).FindAllString(trigger.Metadata["query"], -1) {
			queue = queue || name == "hotcell_jobs_queued"
			if metric(name) == nil || trigger.Type != "prometheus" || trigger.Metadata["threshold"] == "" {
				t.Errorf("%+v", trigger)
			}
		}
	}
	if !queue {
		t.Error("the queue does not count")
	}
}
