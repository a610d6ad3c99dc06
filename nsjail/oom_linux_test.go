package nsjail_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/protocol"
)

// When memory runs out on the machine, cells are killed first, zygotes next, and
// hotcell last.
func TestTheKernelKillsCellsFirst(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		score := func(pid int) int {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid))
			if err != nil {
				t.Fatal(err)
			}
			value, err := strconv.Atoi(strings.TrimSpace(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
		jail := theJail(t, mode)
		cell := spawn(t, jail)
		if score(cell.PID()) != 1000 {
			t.Errorf("a cell has %d", score(cell.PID()))
		}
		if zygote := jail.ZygotePID(); zygote != 0 && (score(zygote) <= score(os.Getpid()) || score(zygote) >= 1000) {
			t.Errorf("a zygote has %d, and this process %d", score(zygote), score(os.Getpid()))
		}
	})
}
