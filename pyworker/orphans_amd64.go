package pyworker

// orphans is the code of orphans.py, which only the kernel calls.
func orphans()

var _ = orphans

// orphansAt returns where it begins.
func orphansAt() uintptr
