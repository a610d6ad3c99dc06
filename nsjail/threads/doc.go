// Package threads says which threads a zygote has that must have one only, and which
// libraries started them.
//
//   - threads_linux.go: all of it.
package threads
