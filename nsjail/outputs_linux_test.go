package nsjail_test

import (
	"fmt"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// forger begins scripts that write to where a worker's answer goes.
const forger = `
import os, struct, time
def frame(kind, payload): return struct.pack('>IB', len(payload), kind) + payload
def show(data, head='{"kind":"display","parts":{"text/plain":%d},"metadata_bytes":0}'): return frame(13, (head % len(data)).encode() + b'\n' + data)
def send(*frames):
    for data in frames:
        while data: data = data[os.write(3, data):]
def main():
`

// What a script sends in the worker's place is refused as soon as the worker would not
// send it, and never held beyond what the job allows.
func TestForgedOutputsEndTheCell(t *testing.T) {
	testkit.NeedsJails(t)
	few := limits
	few.Wall, few.OutputsBytes = limits.Wall, 1000
	for _, c := range []struct {
		name, body string
		job        nsjail.Job
		shown      int // outputs of a run that ends well; -1: it does not
	}{
		{name: "a hundred", body: "send(*[show(b'x') for _ in range(100)])", job: nsjail.Job{Display: true}, shown: 100},
		{name: "to the byte", body: "send(show(b'x' * 1000))", job: nsjail.Job{Display: true, Limits: few}, shown: 1},
		{name: "a byte more", body: "send(show(b'x' * 999), show(b'xx'))", job: nsjail.Job{Display: true, Limits: few}, shown: -1},
		{name: "a byte more in one", body: "send(show(b'x' * 1001))", job: nsjail.Job{Display: true, Limits: few}, shown: -1},
		{name: "a byte more of metadata", body: `send(show(b'x' * 999 + b'{}', '{"kind":"display","parts":{"text/plain":999},"metadata_bytes":2}%.0s'))`, job: nsjail.Job{Display: true, Limits: few}, shown: -1},
		{name: "one too many", body: "send(*[show(b'') for _ in range(101)])", job: nsjail.Job{Display: true}, shown: -1},
		{name: "gigabytes announced", body: "send(b'\\xff\\xff\\xff\\xff\\x0d')", job: nsjail.Job{Display: true}, shown: -1},
		{name: "one that nobody asked for", body: "send(show(b'x'))", shown: -1},
		{name: "a last expression's", body: "send(show(b'x'))", job: nsjail.Job{LastExpression: true}, shown: 1},
		{name: "two of a last expression", body: "send(show(b'x'), show(b'x'))", job: nsjail.Job{LastExpression: true}, shown: -1},
		{name: "too much of a last expression", body: "send(show(b'x' * 65537))", job: nsjail.Job{LastExpression: true}, shown: -1},
		{name: "of no type", body: `send(show(b'x', '{"kind":"display","parts":{"image":%d}}'))`, job: nsjail.Job{Display: true}, shown: -1},
		{name: "after a file", body: "send(frame(11, b'{\"path\":\"a\"}\\nx'), show(b'x'))", job: nsjail.Job{Display: true, Collect: []string{"*"}}, shown: -1},
		{name: "after the result", body: "send(frame(9, b'{\"status\":\"ok\"}\\n1'), *[show(b'x') for _ in range(200)])", job: nsjail.Job{Display: true}, shown: 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			job := c.job
			if job.Limits == (nsjail.Limits{}) {
				job.Limits = limits
			}
			job.Script = forger + " " + c.body + "\n"
			if c.shown < 0 {
				job.Script += " time.sleep(60)\n"
			}
			got := execute(t, protocol.ModeFork, job)
			switch {
			case c.shown < 0:
				checkError(t, got.Error, "ProtocolError", 0)
				if got.Status != protocol.StatusKilled || len(got.Outputs) > 0 {
					t.Errorf("%s with %d outputs", got.Status, len(got.Outputs))
				}
			case got.Status != protocol.StatusOK || len(got.Outputs) != c.shown:
				t.Errorf("%s with %d outputs, want %d: %+v", got.Status, len(got.Outputs), c.shown, got.Error)
			}
		})
	}
}

func TestWhatWasShownIsThereHoweverTheScriptEnded(t *testing.T) {
	testkit.NeedsJails(t)
	soon := limits
	soon.Wall = limits.Wall / 10
	for end, want := range map[string]protocol.Status{
		"raise ValueError":                   protocol.StatusException,
		"os._exit(3)":                        protocol.StatusExited,
		"time.sleep(60)":                     protocol.StatusTimeout,
		"return":                             protocol.StatusOK,
		"import ctypes as c; c.string_at(0)": protocol.StatusKilled,
	} {
		var seen []string
		bounds := limits
		if want == protocol.StatusTimeout {
			bounds = soon
		}
		got := execute(t, protocol.ModeFork, nsjail.Job{Script: forger + " send(show(b'first'), show(b'second'))\n " + end, Display: true, Limits: bounds,
			Shown: func(output protocol.Output) { seen = append(seen, string(output.Parts[0].Data)) }})
		if got.Status != want || len(got.Outputs) != 2 || string(got.Outputs[1].Parts[0].Data) != "second" {
			t.Errorf("%s: %s with %s (%+v)", end, got.Status, got.Outputs, got.Error)
		}
		if fmt.Sprint(seen) != "[first second]" {
			t.Errorf("%s: it told of %v", end, seen)
		}
	}
}
