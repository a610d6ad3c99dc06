package doctor

import "slices"

// Check is one layer of isolation, tried in a real cell.
type Check struct {
	Layer string `json:"layer"`
	// nsjail.Profile is set by [Examine], where the check is about one.
	Profile string `json:"profile,omitempty"`
	Held    bool   `json:"held"`
	Found   string `json:"found"` // what was seen, in a few words
	// Warning says that it held, and that an operator may want to change something.
	Warning bool `json:"warning,omitempty"`
	// Remedy says what an operator can do; empty when it held without a warning.
	Remedy string `json:"remedy,omitempty"`
	// Optional is set where the layer does not hold because the kernel does not
	// have it, and hotcell serves all the same.
	Optional bool `json:"optional,omitempty"`
}

// Missing gives the checks that did not hold, without those that are optional.
func Missing(checks []Check) []Check {
	return slices.DeleteFunc(slices.Clone(checks), func(c Check) bool { return c.Held || c.Optional })
}
