package nsjail_test

// bypassed are calls that the kernel asks no filter about: uretprobe(2), since Linux
// 6.14, and uprobe, since 6.18. The kernel ends a process that makes them outside of
// a probe's own code with a signal.
var bypassed = []uint32{335, 336}
