package pyworker

import (
	"bytes"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"
	"unsafe"
)

func TestTheCodeOfPrintingIsItsAssembly(t *testing.T) {
	compare(t, "printing.py", "_CODE", printingAt())
}
func TestTheCodeOfOrphansIsItsAssembly(t *testing.T) { compare(t, "orphans.py", "_CODE", orphansAt()) }
func TestTheCodeOfCallsIsItsAssembly(t *testing.T)   { compare(t, "calls.py", "_CODE", callsAt()) }
func TestTheCodeOfTheLoopIsItsAssembly(t *testing.T) { compare(t, "calls.py", "_LOOP", loopAt()) }

// compare compares the machine code in a module with what Go's assembler made of its source.
func compare(t *testing.T, module, name string, at uintptr) {
	t.Helper()
	source, err := Files.ReadFile(module)
	if err != nil {
		t.Fatal(err)
	}
	_, of, found := strings.Cut(string(source), name+" = {")
	_, of, ok := strings.Cut(of, `"x86_64": bytes.fromhex(`)
	of, _, closed := strings.Cut(of, ")")
	if !found || !ok || !closed {
		t.Fatalf("%s has no %s for x86_64", module, name)
	}
	code, err := hex.DecodeString(regexp.MustCompile(`[^0-9a-f]`).ReplaceAllString(of, ""))
	if err != nil {
		t.Fatal(err)
	}
	made := unsafe.Slice(*(**byte)(unsafe.Pointer(&at)), 2<<10) // #nosec G103 -- the text of this program
	end := bytes.Index(made, []byte{0xc3, 0xcc}) + 1            // RET, the last instruction, and what fills up
	if !bytes.Equal(code, made[:end]) {
		t.Errorf("%s has %x\nthe assembler makes %x", module, code, made[:end])
	}
}
