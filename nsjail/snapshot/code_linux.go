package snapshot

import (
	"bytes"
	"unsafe"
)

// routine is what the zygote and its cells call: a C function without a library, without
// data and without a stack of its own. It is never called from Go.
//
//	long routine(struct { u64 a, b, c, d; } *table, long n, int fd)
//
// With a descriptor it moves the regions of a table {start, bytes, offset, protection}
// into the file, each by pwrite(2), and maps the file over it. Between the two nothing
// else runs, so that nothing is lost. It returns 0, or the error of the kernel.
//
// With fd -1 it copies the pages of a table {start, bytes, 0, 0} for this process,
// by MADV_POPULATE_WRITE, and returns how many rows failed.
func routine()

var _ = routine // only its bytes are used

// address returns where routine is.
func address() unsafe.Pointer

// codeEnd is what follows the code, in code_linux_*.s.
var codeEnd = []byte("\xee\x0f\x0ehotc\xee")

const maxCode = 512

// machineCode returns the bytes of routine, which may lie at any address.
func machineCode() []byte {
	text := unsafe.Slice((*byte)(address()), maxCode) // #nosec G103 -- its own code, which is longer
	return bytes.Clone(text[:bytes.Index(text, codeEnd)])
}
