package nsjail

// undo is a stack of steps back, for a start that may fail half way: each step
// forward adds one, run goes back, and keep forgets them after success.
type undo []func()

func (u *undo) add(step func()) { *u = append(*u, step) }

func (u *undo) run() {
	for i := len(*u) - 1; i >= 0; i-- {
		(*u)[i]()
	}
	*u = nil
}

func (u *undo) keep() { *u = nil }
