// Package pyworker embeds the Python side into the binary. Package nsjail writes the
// files into jails and starts them.
//
//   - embed.go: the files.
//   - printing_amd64.go, orphans_amd64.go, calls_amd64.go: the sources of the machine code in printing.py, orphans.py and calls.py, for the test that compares them.
package pyworker

import "embed"

// Files has the worker's modules, a Python package named pyworker.
//
//go:embed *.py
var Files embed.FS

// Requirements lists the packages of the default profile, one a line: what hotcell needs
// itself, and what it brings along.
//
//go:embed requirements.in
var Requirements string
