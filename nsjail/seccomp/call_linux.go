package seccomp

import "slices"

// Group is a part of the table whose calls have one purpose.
type Group struct {
	Title string
	// Why its calls have this answer. A call's own Why adds to it.
	Why   string
	Calls []Call
}

// Call is a row of the table.
type Call struct {
	Name   string // as in syscalls(2)
	Number uint32
	// Answer is what the call gets when all its tests hold.
	Answer Answer
	Why    string
	// Tests are made in this order. The first that does not hold gives the answer.
	Tests []Test
}

// Test looks at one argument of a call. It has either Values, of which the
// argument must be one, or Bits, of which the argument may have any, or Most.
type Test struct {
	Argument uint32 // counted from 0
	Name     string // "command", "flags"
	// Wide says that the kernel looks at all 64 bits. Otherwise it takes the
	// argument as an int, and the upper half is not looked at here either.
	Wide bool
	// Mask has the bits that Values are compared with, or is 0 for all.
	Mask   uint32
	Values []Value
	Bits   []Value
	Most   uint32
	Else   Answer // for everything that is not listed

	// refuses turns the test around: what is listed gets Else, and the rest holds.
	refuses bool
}

// Value is a command, a flag or an option that is allowed.
type Value struct {
	Name  string // as the kernel's headers name it
	Value uint32
	Why   string
	// Answer is what the call gets instead of going to the kernel.
	Answer Answer
	// Then tests more arguments, for this command alone.
	Then []Test
}

// Decide returns what a cell's call gets. A call that is not in the table
// gets ENOSYS, as on an older kernel, so that libraries fall back.
func Decide(number uint32, arguments [6]uint64) Answer {
	calls := Calls()
	at := indexOf(calls, number)
	if at < 0 {
		return ENOSYS
	}
	return calls[at].Decide(arguments)
}

// Decide returns what the call gets with these arguments.
func (c Call) Decide(arguments [6]uint64) Answer { return decide(c.Tests, c.Answer, arguments) }

func decide(tests []Test, answer Answer, arguments [6]uint64) Answer {
	for _, t := range tests {
		argument := arguments[t.Argument]
		low := uint32(argument & 0xffffffff)
		if t.Wide && argument>>32 != 0 {
			return t.Else
		}
		if t.Most != 0 {
			if low > t.Most {
				return t.Else
			}
			continue
		}
		if t.Bits != nil {
			if low&^t.bits() != 0 {
				return t.Else
			}
			continue
		}
		at := slices.IndexFunc(t.Values, func(v Value) bool { return v.Value == low&t.mask() })
		if at < 0 {
			return t.Else
		}
		value := t.Values[at]
		if value.Answer != Allow {
			return value.Answer
		}
		if after := decide(value.Then, Allow, arguments); after != Allow {
			return after
		}
	}
	return answer
}

func (t Test) bits() uint32 {
	var all uint32
	for _, bit := range t.Bits {
		all |= bit.Value
	}
	return all
}

func (t Test) mask() uint32 {
	if t.Mask == 0 {
		return 0xffffffff
	}
	return t.Mask
}

func indexOf(calls []Call, number uint32) int {
	return slices.IndexFunc(calls, func(c Call) bool { return c.Number == number })
}

// Calls returns the rows of the table, in its order.
func Calls() []Call {
	var calls []Call
	for _, group := range table() {
		calls = append(calls, group.Calls...)
	}
	return calls
}
