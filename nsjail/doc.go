// Package nsjail makes cells: jailed Python interpreters, each used once.
//
// How a cell comes about, and which file tells of it:
//
//	host_linux.go         this process' share of the machine: a state directory, uids, cgroups;
//	leftovers_linux.go    what a dead instance left behind goes
//	environment_linux.go  the Python environment and the nsjail program, and whether a jail can reach them
//	config.go             the nsjail program's configuration, typed
//	jail_linux.go         a jail: nsjail, and in it the zygote; the handshake START, HELLO
//	control_linux.go      the channel to the zygote: SPAWN, SPAWNED, EXITED
//	seccomp               which system calls a cell may make: a package of its own
//	landlock              what Landlock allows a cell, where the kernel has it
//	cgroup_linux.go       a cgroup for each cell, in version 1 or 2; limits are read back
//	spawn_linux.go        a cell: descriptors, SPAWN, its cgroup, GO, READY
//	run_linux.go          RUN, the output, RESULT, and the verdict
//	terminal_linux.go     the same on a terminal, whose near end stays here
//	watch_linux.go        the limits that are watched from outside while it runs
//	cell_linux.go         a cell's life and end: nothing of it is left when Close returns
//	selftest_linux.go     hostile probes in real cells; layers_linux.go says of each layer whether it held
//
// Everything that a cell sends is taken as hostile, and nothing here opens,
// writes or reads a path that a script can influence. The package leaves out
// when cells are made and who gets them (package pool), and HTTP.
package nsjail
