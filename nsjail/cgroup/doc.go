// Package cgroup makes cgroups for sandboxed processes, in version 1 and in version 2,
// and reads each limit back. See cgroups(7) and the kernel's admin-guide/cgroup-v1 and
// admin-guide/cgroup-v2.rst.
//
//   - cgroup_linux.go: what a tree and a group of either version can do, and which
//     version this process uses.
//   - v1_linux.go: version 1, with a directory in each hierarchy.
//   - again_linux.go: cgroups of version 1 that are used again, and when that is sound.
//   - v2_linux.go: version 2.
//   - effort_linux.go: how much a run uses of the processors, and its weight.
//   - counters_linux.go: the files that are read while a script runs.
//   - refused_linux.go: whether a script was refused a process.
//   - reads_linux.go: the limit of reads from disks.
//   - remove_linux.go: takes back a cgroup's memory and removes it.
//   - realtime_linux.go: the real-time policies, which no cell may have.
//   - own_limit_linux.go: the memory limit of this process itself.
package cgroup
