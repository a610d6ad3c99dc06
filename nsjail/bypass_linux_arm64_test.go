package nsjail_test

// bypassed are calls that the kernel asks no filter about.
var bypassed []uint32
