// Package program starts the nsjail program (github.com/google/nsjail) and knows
// nothing of what runs in the jail.
//
//   - find_linux.go: which nsjail program is used.
//   - config.go: its configuration, typed: what a jail may see and who it is.
//   - program_linux.go: one running nsjail, its environment and its end.
//   - tail_linux.go: what it writes to its stderr.
package program
