package doctor_test

import (
	"os"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

func TestExamineGoesAsFarAsItCan(t *testing.T) {
	state, err := os.MkdirTemp("", "hotcell-examine-")
	if err == nil {
		err = os.Chmod(state, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(state)
	cfg := nsjail.HostConfig{StateDir: state}
	p := profile(t, protocol.ModeFork)
	checks := doctor.Examine(t.Context(), cfg, p)
	if missing := doctor.Missing(checks); len(missing) > 0 || len(checks) < len(doctor.Layers())+9 {
		t.Errorf("%d checks, missing %+v", len(checks), missing)
	}
	p.Python = "/nosuch"
	checks = doctor.Examine(t.Context(), cfg, p)
	missing := doctor.Missing(checks)
	if len(missing) != 1 || missing[0].Layer != "python-environment" || missing[0].Remedy == "" {
		t.Errorf("%+v", missing)
	}
	p = profile(t, protocol.ModeFork)
	p.Preload = []string{"nosuch"}
	missing = doctor.Missing(doctor.Examine(t.Context(), cfg, p))
	if len(missing) != 1 || missing[0].Layer != "jail" || !strings.Contains(missing[0].Found, "import nosuch") {
		t.Errorf("%+v", missing)
	}
}
