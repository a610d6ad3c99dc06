package doctor

import "slices"

// Check is the result of one check: of a layer of isolation, tried in a real cell, or
// of the machine.
type Check struct {
	Layer string `json:"layer"`
	// Profile is the profile that the check is about. Only [Examine] sets it.
	Profile string `json:"profile,omitempty"`
	Held    bool   `json:"held"`
	Found   string `json:"found"` // what was seen
	// Warning is set when the check held but an operator may want to change something.
	Warning bool `json:"warning,omitempty"`
	// Remedy is what an operator can do. It is empty when the check held without a warning.
	Remedy string `json:"remedy,omitempty"`
	// Optional is set when the layer does not hold because the kernel does not have
	// it, and hotcell serves nevertheless.
	Optional bool `json:"optional,omitempty"`
}

// Missing returns the checks that did not hold and are not optional.
func Missing(checks []Check) []Check {
	return slices.DeleteFunc(slices.Clone(checks), func(c Check) bool { return c.Held || c.Optional })
}
