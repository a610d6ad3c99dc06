// Package fidelity compares what Python's own tests say in a cell with what they say
// beside it. It has tests only:
//
//   - suites_linux_test.go: the suites, and which modules of them run
//   - run_linux_test.go: one module in a cell, and the same without a jail
//   - table_test.go: the table of known differences, differences.txt
//
// tools/fidelity/suite.py runs a module on both sides.
package fidelity
