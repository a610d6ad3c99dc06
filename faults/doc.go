// Package faults has nothing but tests: each starts the real program, puts it
// under load, injects one fault, and looks that nothing is lost.
//
//	program_linux_test.go  a running hotcell, its processes and its figures
//	load_linux_test.go     the load: what is sent, and what may come back
//	scripts_linux_test.go  the scripts of the load, each with its own token
//	fault_linux_test.go    one fault's course: load, inject, recover, compare, end
//	table_linux_test.go    what is printed at the end
//	kills, stops           SIGKILL and SIGSTOP of cells, zygotes, nsjail
//	restarts               SIGKILL and SIGTERM of hotcell itself
//	disk, descriptors      ENOSPC, EMFILE
//	logs                   a log whose reader stops, or is gone
//	memory, clock          no memory left, clocks that jump
//	slow                   clients that are slow, hang, hang up
//	connections            clients that take connections, are half-closed, or are
//	                       there when the service ends
//	soak                   many requests; HOTCELL_SOAK=30m for half an hour of them
//
// go test -v ./faults prints the table at the end; docs/faults.md has one. What
// the tests mount is in a mount namespace of their own.
//
// Nothing is lost when each request got its own answer, or a refusal with the
// right code; the service was ready again soon after the fault's end; and
// neither the running service nor its end left anything behind.
package faults
