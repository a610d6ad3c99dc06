package doctor

import (
	"strings"
	"testing"
)

func TestAllowMissingKnowsItsLayers(t *testing.T) {
	if err := CheckNames([]string{"cgroup-cpu", "nosuch"}); err == nil || !strings.Contains(err.Error(), `"nosuch"`) || !strings.Contains(err.Error(), "cgroup-pids") {
		t.Errorf("%v", err)
	}
	if err := CheckNames(Layers()); err != nil {
		t.Error(err)
	}
}
