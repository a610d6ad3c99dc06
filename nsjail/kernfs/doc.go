// Package kernfs reads and writes the kernel's small files: those of /proc, /sys and
// cgroups. It makes the system calls directly. Package os would register each file with
// the poller, and hotcell reads about thirty such files for every cell.
//
//   - kernfs_linux.go: reading texts, words, numbers and fields; writing, and reading back;
//     the process of a pidfd.
//   - exit_linux.go: how the process of a pidfd ended.
//   - oom_linux.go: the order in which the kernel kills when memory runs out.
package kernfs
