package pyworker

// calls is the code of calls.py, which only C calls.
func calls()

var _ = calls

// callsAt returns where it begins.
func callsAt() uintptr
