// Package machine says what a measurement ran on, and who used its processors.
//
//	facts_linux.go  Facts, what figures depend on
//	others.go       Fact; Others, what other programs used, and whether that is little
//	busy_linux.go   Used, a process's processor time; Tree, with descendants; Watch, which sees others
//	memory_linux.go PSS and PeakMemory of a process
package machine

import "fmt"

// Others is what a Watch saw: shares of all processors, in percent.
type Others struct {
	Mean   float64 `json:"mean_percent"`   // that others used, mean of all looks
	Most   float64 `json:"most_percent"`   // in one look
	Stolen float64 `json:"stolen_percent"` // that the hypervisor gave to other machines, from the first look to the last
	Looks  int     `json:"looks"`
}

// A machine is quiet if others use no more than this, in percent. An idle one has a few
// programs that wake up.
const (
	meanMost   = 5
	stolenMost = 2
)

// Quiet reports whether figures that were measured meanwhile count.
func (o Others) Quiet() bool { return o.Looks > 0 && o.Mean <= meanMost && o.Stolen <= stolenMost }

func (o Others) String() string {
	if o.Looks == 0 {
		return "not looked for"
	}
	return fmt.Sprintf("%.1f %% of the processors (at most %.0f %% in one of %d looks), and the hypervisor withheld %.1f %%", o.Mean, o.Most, o.Looks, o.Stolen)
}

// Fact is something that the figures depend on.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
