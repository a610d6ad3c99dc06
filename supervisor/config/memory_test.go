package config_test

import (
	"testing"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
)

func TestEveryDefaultRequestFitsIntoTheMemoryOfASmallMachine(t *testing.T) {
	cfg := config.Default()
	memory, err := cfg.Memory()
	if err != nil {
		t.Fatal(err)
	}
	if most := budget.AnswerBytes(nsjail.Job{Limits: cfg.Profile.Default, Collect: []string{"*"}}); memory.Answers < 2*most {
		t.Errorf("%+v, and one takes %d", memory, most)
	}
	cfg.MaxMemory = 100 << 20
	if _, err := cfg.Memory(); err == nil {
		t.Error("100 MiB are taken for enough")
	}
}
