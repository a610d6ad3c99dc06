// Package pyworker carries the Python side into the binary. It leaves out
// everything else: the nsjail package writes the files and starts them.
package pyworker

import "embed"

// Files are the worker's modules, a Python package named pyworker.
//
//go:embed *.py
var Files embed.FS
