package pyworker

// calls and loop are the code of calls.py, which only C calls.
func calls()
func loop()

var _, _ = calls, loop

// callsAt and loopAt return where they begin.
func callsAt() uintptr
func loopAt() uintptr
