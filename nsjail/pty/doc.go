// Package pty opens terminals without a path to them, reads and writes them.
//
//   - terminal_linux.go: a terminal: our end, and the other for a cell.
package pty
