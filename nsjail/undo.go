package nsjail

// undo is a stack of functions that undo the steps of a start, which may fail half
// way. Each step adds one; run calls them, last first; keep drops them after success.
type undo []func()

func (u *undo) add(step func()) { *u = append(*u, step) }

func (u *undo) run() {
	for i := len(*u) - 1; i >= 0; i-- {
		(*u)[i]()
	}
	*u = nil
}

func (u *undo) keep() { *u = nil }
