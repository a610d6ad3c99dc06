// Package fidelity compares what scripts, and Python's own tests, see in a cell with what
// they see without a jail. It has tests only:
//
//   - page_linux_test.go: each line of docs/differences.md, with a script that shows it
//   - suites_linux_test.go: the suites, and which modules of them run
//   - run_linux_test.go: one module in a cell, and the same without a jail
//   - table_test.go: the table of known differences, differences.txt
//
// tools/fidelity/suite.py runs a module on both sides.
package fidelity
