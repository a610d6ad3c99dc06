// Package faults has nothing but tests: each starts the real program, puts it
// under load, injects one fault, and looks that nothing is lost.
//
//	program_linux_test.go  a running hotcell, its processes and its figures
//	load_linux_test.go     the load: what is sent, and what may come back
//	scripts_linux_test.go  the scripts of the load, each with its own token
//	fault_linux_test.go    one fault's course: load, inject, recover, compare, end
//	table_linux_test.go    what is printed at the end
//	*_linux_test.go        the faults
//
// Nothing is lost when each request got its own answer, or a refusal with the
// right code; the service was ready again soon after the fault's end; and
// neither the running service nor its end left anything behind.
package faults
