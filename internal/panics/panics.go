// Package panics makes a panic the error of the client whose work it was. In a goroutine
// beside a request's handler it would end the server, and everybody's work.
package panics

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// Error is a panic that was caught.
type Error struct {
	Thrown any
	Stack  []byte
}

func (e *Error) Error() string { return fmt.Sprintf("panic: %v\n%s", e.Thrown, e.Stack) }

// Caught ends a panic, and tells it as an [*Error]. It must be deferred, before anything
// else but what is to run after it.
func Caught(tell func(err error)) {
	if thrown := recover(); thrown != nil {
		tell(&Error{thrown, debug.Stack()})
	}
}

// Is reports whether an error comes from a panic.
func Is(err error) bool { return errors.As(err, new(*Error)) }
