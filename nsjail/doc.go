// Package nsjail makes cells: jailed Python interpreters, each used once.
//
// The files, in the order in which a cell comes about and ends:
//
//   - host_linux.go: this process's share of the machine: a state directory, uids, cgroups.
//   - jail_linux.go: a jail of one profile: its configuration, its start and its end.
//   - zygote_linux.go: the zygote in a jail and the channel to it: START, HELLO, SPAWN, SPAWNED, EXITED.
//   - shortcuts_linux.go: what makes cells cheaper, and can be turned off.
//   - snapshot_linux.go: one of these: moves the zygote's memory into a file.
//   - reads_linux.go: how fast cells may read from disks.
//   - rlimits_linux.go: the resource limits of a cell, and what cells of one uid share.
//   - spawn_linux.go: makes a cell: descriptors, SPAWN, its cgroup, GO, READY.
//   - cell_linux.go: a cell's life and end. Nothing of it is left when Close returns.
//   - job.go: what a cell is given, and the verdict that comes back.
//   - outputs.go: what a script may show, and how much of it.
//   - run_linux.go: the one way for a job to run: as a script, a session's call or on a terminal.
//   - exchange_linux.go: what is sent to a cell for a job, and what it may answer.
//   - watch_linux.go: the limits that are watched from outside while a job runs.
//   - interrupt_linux.go: interrupts a session's call, before it is killed.
//   - judge_linux.go: the verdict on how a job ended.
//   - session_linux.go: a cell that a session keeps, during its calls and between them.
//   - terminal_linux.go: a job on a terminal.
//   - removals_linux.go: removes a cell's cgroup and gives back its uid.
//
// The packages below this one each have a subject of their own: cgroup, environment,
// instance, kernfs, landlock, lease, output, program, pty, removals, seccomp, snapshot, threads, transfer, uids and wire.
//
// Everything that a cell sends is hostile. Nothing here opens, writes or reads a
// path that a script can influence. When cells are made and who gets them is the
// subject of package pool and of the packages below supervisor.
package nsjail
