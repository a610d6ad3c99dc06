// Package instance keeps the directory of a running instance of hotcell, below the state
// directory, and removes what dead instances left behind.
//
//   - dir_linux.go: the directory: a lock, the instance's cgroups, and the worker for jails.
//   - leftovers_linux.go: removes what a dead instance left behind.
package instance
