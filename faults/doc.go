// Package faults contains only tests. Each starts the real program, puts it under load,
// injects one fault, and checks that nothing is lost.
//
//	program_linux_test.go  a running hotcell, its processes and its figures
//	load_linux_test.go     the load: what is sent, and which answers are allowed
//	scripts_linux_test.go  the scripts of the load, each with its own token
//	fault_linux_test.go    the course of one fault: load, inject, recover, compare, end
//	table_linux_test.go    the table that is printed at the end
//	kills, stops           SIGKILL and SIGSTOP of cells, zygotes, nsjail
//	restarts               SIGKILL and SIGTERM of hotcell itself
//	disk, descriptors      ENOSPC, EMFILE
//	logs                   a log whose reader stops or leaves
//	memory, clock          no memory left, clocks that jump
//	megabytes              large arguments and results
//	budget                 clients that try to exceed max_memory
//	overload               more requests than can be answered, impatient clients
//	revoked                a key that is revoked with work under way
//	slow                   clients that are slow, hang, or disconnect
//	connections            clients that take connections, are half-closed, or are
//	                       connected when the service ends
//	jobs                   kills, a full disk and scripts that kill their cells, with jobs
//	fleet, cluster         two nodes and a NATS cluster of three whose processes are
//	                       killed and cut off; HOTCELL_FLEET_JOBS=2000 has more jobs and faults
//	soak                   many requests; HOTCELL_SOAK=30m sends them for half an hour
//
// go test -v ./faults prints the table at the end; docs/faults.md has one. The tests
// mount file systems only in a mount namespace of their own.
//
// Nothing is lost if each request got its own answer, or a refusal with the right code;
// the service was ready again soon after the fault's end; and neither the running service
// nor its end left anything behind.
package faults
