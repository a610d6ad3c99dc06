// Package removals tries again to remove what could not be removed.
//
//   - removals.go: tries in the background until nothing is left.
package removals
