// Package testkit holds what the tests of several packages need. Only tests import it.
//
//   - needs.go: a test says that it needs root, and is skipped by name without it
//   - places.go: the Python environments that make builds, directories that jails can reach, free addresses
//   - log.go: a log that a test reads while it is being written
//   - process_linux.go: a program that runs beside a test and ends with it
//   - serve_linux.go: a running hotcell serve, and a command line that is run to its end
//   - rights.go: what docs/fleet.md says that hotcell's user of a NATS cluster needs
//   - wait.go: waiting for a condition
//   - proc.go: the machine's processes, and the cgroups of an instance
//   - leftovers.go: what a package's tests must not leave behind
//   - ordinary.go: running a program as an ordinary user, in cgroups of its own
package testkit
