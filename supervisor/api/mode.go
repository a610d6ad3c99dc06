package api

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// scriptModes are the modes that a request may name.
var scriptModes = map[string]protocol.ScriptMode{
	"function": protocol.ScriptFunction,
	"program":  protocol.ScriptProgram,
	"cell":     protocol.ScriptCell,
}

// mode reads what a script is to its cell.
func (f *form) mode() protocol.ScriptMode {
	name, ok := f.text()
	if !ok {
		return ""
	}
	mode, known := scriptModes[name]
	if !known {
		var names []string
		for _, name := range slices.Sorted(maps.Keys(scriptModes)) {
			names = append(names, strconv.Quote(name))
		}
		f.refuse(CodeInvalidRequest, "unknown mode %q; available: %s", Shorten(name), strings.Join(names, ", "))
	}
	return mode
}

// program refuses what a program cannot take, which has a command line and no main, and
// what a cell cannot take, which has neither.
func (f *form) program(job *nsjail.Job) {
	if job.Mode == protocol.ScriptCell {
		for name, value := range map[string][]byte{"/args": job.Args, "/kwargs": job.Kwargs} {
			if value != nil {
				f.refuseAt(CodeInvalidRequest, f.root+name, `is for main, which mode "cell" does not call`)
			}
		}
	}
	if job.Mode != protocol.ScriptProgram {
		return
	}
	if job.Kwargs != nil {
		f.refuseAt(CodeInvalidRequest, f.root+"/kwargs", `is for main, which mode "program" does not call`)
	}
	if job.LastExpression {
		f.refuseAt(CodeInvalidRequest, f.root+"/last_expression", `mode "program" has no result`)
	}
	if job.Args == nil { // missing, or refused already
		return
	}
	f.again(f.root+"/args", job.Args, func() {
		f.array(math.MaxInt, func() {
			if text, ok := f.text(); ok && strings.ContainsRune(text, 0) {
				f.refuse(CodeInvalidRequest, "must not contain NUL, and has it at byte %d", strings.IndexByte(text, 0))
			}
		})
	})
}
