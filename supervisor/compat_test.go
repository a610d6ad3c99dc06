package supervisor

import (
	"testing"

	"github.com/hotcell/hotcell/compat/apis"
	"github.com/hotcell/hotcell/supervisor/config"
)

func TestEveryDropInAPIIsASettingAndTheOtherWayRound(t *testing.T) {
	var served []string
	for _, a := range apis.All() {
		served = append(served, a.Name)
	}
	same(t, "drop-in APIs", served, append([]string{}, config.APIs[:]...))
}
