package pyworker

// printing is the code of printing.py, which only C calls.
func printing()

var _ = printing

// printingAt returns where it begins.
func printingAt() uintptr
