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
	source, err := Files.ReadFile("printing.py")
	if err != nil {
		t.Fatal(err)
	}
	_, of, found := strings.Cut(string(source), `"x86_64": bytes.fromhex(`)
	of, _, closed := strings.Cut(of, ")")
	if !found || !closed {
		t.Fatal("printing.py has no code for x86_64")
	}
	code, err := hex.DecodeString(regexp.MustCompile(`[^0-9a-f]`).ReplaceAllString(of, ""))
	if err != nil {
		t.Fatal(err)
	}
	at := printingAt()
	made := unsafe.Slice(*(**byte)(unsafe.Pointer(&at)), len(code)+1<<10) // #nosec G103 -- the text of this program
	end := bytes.Index(made, []byte{0xc3, 0xcc}) + 1                      // RET, the last instruction, and what fills up
	if !bytes.Equal(code, made[:end]) {
		t.Errorf("printing.py has %x\nthe assembler makes %x", code, made[:end])
	}
}
