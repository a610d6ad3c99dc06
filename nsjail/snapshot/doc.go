// Package snapshot makes a zygote's memory into one file that its cells map privately, so
// that a fork copies hardly any page tables, and a cell gets what it will write at once.
//
// The supervisor sees everything from outside: [Take] makes a [Plan] of the zygote's
// memory, looks at what trial cells write, and makes the [File], with the code by which the
// zygote moves into it. docs/performance.md says what that gains.
//
//   - take_linux.go: from the trial to the seal.
//   - smaps.go: reads /proc/PID/smaps.
//   - plan.go: what moves, and where to.
//   - hot_linux.go: the pages that a cell writes.
//   - file_linux.go: the file, in huge pages and sealed.
//   - code_linux.go: the machine code that a zygote and its cells run, of which
//     code_linux_amd64.s and code_linux_arm64.s are the source.
package snapshot
