// Package seccomp decides which system calls a cell may make, and with which commands
// and flags.
//
// The table is the only place where this is written down. The filters that the kernel
// runs, the profile for container engines and docs/syscalls.md are made from it.
//
//   - answer_linux.go: what a call gets: the kernel's own answer, 0, or an errno.
//   - call_linux.go: the rows of the table, and Decide, which reads them.
//   - table_linux.go: the table: groups of calls, most of them allowed as they are.
//   - memory_linux.go: calls on memory, which their arguments decide.
//   - files_linux.go: calls on files, likewise.
//   - channels_linux.go: calls on pipes, sockets and event descriptors, likewise.
//   - processes_linux.go: calls on processes and threads, likewise.
//   - refused_linux.go: the calls that a cell never makes.
//   - arch_linux_amd64.go, arch_linux_arm64.go: what only one architecture has.
//   - zygote_linux.go: what a zygote may do and a cell may not.
//   - filter_linux.go: the two filters.
//   - keep_linux.go: a third one, for cells that share a snapshot.
//   - program_linux.go: the assembler of classic BPF.
//   - engine_linux.go: the profile for container engines.
//
// The rule is: a call is judged by what it does. If the commands or flags of a call do
// different things, it has a list of those that are allowed, each with its reason. A
// command or flag that is not listed is refused, also one that a later kernel adds.
package seccomp
