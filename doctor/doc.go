// Package doctor examines what hotcell's isolation depends on: the machine, and
// each layer in real cells.
//
//   - check.go: a check and its result.
//   - start_linux.go: starts a jail that passes its self-test, without a snapshot if it must.
//   - selftest_linux.go: the self-test, which every jail passes before it serves.
//   - evidence_linux.go: hostile probes in cells, and what they found.
//   - probe.py: the script that tries what no cell may do.
//   - layers_linux.go: the layers of isolation, and whether each one holds.
//   - examine_linux.go: all that hotcell doctor examines.
//   - maxima_linux.go: what all cells may take together, and what the kernel has.
package doctor
