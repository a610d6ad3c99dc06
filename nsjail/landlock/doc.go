// Package landlock decides what Landlock allows a cell (landlock(7), and
// userspace-api/landlock.rst of the kernel). Landlock confines a cell a second time,
// behind its mounts and namespaces. The worker makes the system calls: nothing here
// restricts this process.
//
//   - landlock_linux.go: the version that the kernel has, and the rules for a cell.
package landlock
