package doctor

import (
	"strings"
	"testing"

	"github.com/hotcell/hotcell/nsjail"
)

func TestTheDoctorComparesWhatAllCellsMayTakeWithWhatThereIs(t *testing.T) {
	cfg := nsjail.HostConfig{BusyCells: 10, Cells: 20}
	d := demandOf(cfg, []nsjail.Profile{
		{Limits: nsjail.Limits{Processes: 8, MemoryBytes: 100}, MaxProcesses: 50},
		{Limits: nsjail.Limits{Processes: 100, MemoryBytes: 20}},
	})
	needed := map[string]int64{
		"open-files": 10 * 100 * nsjail.CellFiles, "processes": 10 * 100, "namespaces": 20,
		"own-descriptors": 20 * descriptorsOfACell, "pipe-pages": 20 * pagesOfPipes, "memory": 10 * 100,
	}
	for _, m := range maxima {
		want, known := needed[m.name]
		if !known {
			t.Errorf("%s is not tried", m.name)
			continue
		}
		if enough := m.compare(d, want); enough.Warning || enough.Remedy != "" || !enough.Held {
			t.Errorf("%s, with exactly enough: %+v", m.name, enough)
		}
		if short := m.compare(d, want-1); !short.Warning || short.Remedy == "" || !short.Held {
			t.Errorf("%s, with one too few: %+v", m.name, short)
		}
	}
}

func TestTheDoctorReadsWhatThisMachineHas(t *testing.T) {
	var found checkup
	found.examineMaxima(demand{busy: 1, cells: 1, processes: 1, memory: 1})
	if len(found.checks) != len(maxima) {
		t.Errorf("%d of %d were read", len(found.checks), len(maxima))
	}
	for _, check := range found.checks {
		if check.Warning || !strings.HasPrefix(check.Layer, "all-cells ") {
			t.Errorf("%+v", check)
		}
	}
	if _, err := sysctl("fs/no-such-maximum")(); err == nil {
		t.Error("a maximum that is not there was read")
	}
}
