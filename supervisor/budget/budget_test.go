package budget_test

import (
	"testing"

	"github.com/hotcell/hotcell/supervisor/budget"
)

const mib = 1 << 20

func settings() budget.Settings {
	return budget.Settings{Available: 8 << 30, Body: 8 * mib, Bodies: 512 * mib, Answer: 7 * mib, Waiting: 1056, Turns: 2}
}

func TestTheTotalIsHalfOfTheAvailableMemoryUpToTheDefault(t *testing.T) {
	for available, want := range map[int64]int64{64 << 30: budget.Default, 8 << 30: budget.Default, 2 << 30: 1 << 30} {
		s := settings()
		s.Available = available
		if b, err := budget.Divide(s); err != nil || b.Figure != want {
			t.Errorf("of %d: %+v, %v", available, b, err)
		}
	}
}

func TestPartsFitIntoTheTotalWithAQuarterLeft(t *testing.T) {
	for _, memory := range []int64{0, 600 * mib, 1 << 30, 16 << 30} {
		s := settings()
		s.Memory = memory
		b, err := budget.Divide(s)
		if err != nil {
			t.Fatal(err)
		}
		if held := budget.BodyCopies*b.Bodies + b.Answers; held > b.Figure/4*3 || held < b.Figure/4 || b.Bodies > s.Bodies || b.Bodies < s.Body || b.Answers < s.Answer {
			t.Errorf("%+v", b)
		}
	}
}

func TestATotalThatIsTooSmallIsRefusedOnlyIfConfigured(t *testing.T) {
	s := settings()
	s.Memory = 64 * mib
	if _, err := budget.Divide(s); err == nil {
		t.Error("taken")
	}
	s.Memory, s.Available = 0, 64*mib
	b, err := budget.Divide(s)
	if err != nil || b.Bodies < s.Body || b.Answers < s.Answer {
		t.Errorf("%+v, %v", b, err)
	}
}
