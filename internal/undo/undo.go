// Package undo undoes the steps of a start that failed half way.
package undo

// Stack has the functions that undo the steps made so far.
type Stack []func()

// Add adds what undoes a step.
func (s *Stack) Add(step func()) { *s = append(*s, step) }

// Run calls what was added since [Stack.Keep], last first.
func (s *Stack) Run() {
	for i := len(*s) - 1; i >= 0; i-- {
		(*s)[i]()
	}
	*s = nil
}

// Keep drops what was added, after success.
func (s *Stack) Keep() { *s = nil }
