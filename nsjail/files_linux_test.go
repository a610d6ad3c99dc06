package nsjail_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

func TestFilesAreThereBeforeTheScriptAndComeBackAfter(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		got := execute(t, mode, nsjail.Job{
			Script: `import os
def main():
    text = open("in/deep/a.txt").read()
    raw = open("b.bin", "rb").read()
    os.mkdir("out")
    open("out/copy.txt", "w").write(text.upper())
    open("out/raw.bin", "wb").write(raw[::-1])
    open("not.asked", "w").write("x")
    return [text, len(raw), sorted(os.listdir())]
`,
			Files:   []protocol.File{{Path: "in/deep/a.txt", Content: []byte("häl\n")}, {Path: "b.bin", Content: []byte{0, 255, 10}}},
			Collect: []string{"out/*", "*.bin"},
		})
		if got.Status != protocol.StatusOK || string(got.Result) != `["häl\n",3,["b.bin","in","not.asked","out"]]` {
			t.Errorf("%s %s %+v", got.Status, got.Result, got.Error)
		}
		if want := []string{"b.bin=\x00\xff\n", "out/copy.txt=HÄL\n", "out/raw.bin=\n\xff\x00"}; !slices.Equal(listed(got), want) {
			t.Errorf("collected %q, want %q", listed(got), want)
		}
	})
}

func listed(v nsjail.Verdict) []string {
	var all []string
	for _, file := range v.Files {
		all = append(all, file.Path+"="+string(file.Content))
	}
	return all
}

// Every pattern is tried on one tree. Only regular files match.
func TestPatternsChooseRegularFilesOnly(t *testing.T) {
	testkit.NeedsJails(t)
	const tree = `import os, socket
def main():
    for path in ("a.txt", "b.csv", ".hidden", "d/a.txt", "d/e/a.txt", "d/e/f/c.csv", "[x]"):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        open(path, "w").close()
    os.symlink("a.txt", "link.txt"); os.symlink("d", "linked"); os.symlink("/", "root"); os.symlink("loop", "loop")
    os.mkfifo("fifo.txt"); os.makedirs("dir.txt"); os.link("a.txt", "hard.txt")
`
	for pattern, want := range map[string]string{
		"*.txt":           "a.txt hard.txt",
		"*":               ".hidden [x] a.txt b.csv hard.txt",
		"**":              ".hidden [x] a.txt b.csv d/a.txt d/e/a.txt d/e/f/c.csv hard.txt",
		"**/*":            ".hidden [x] a.txt b.csv d/a.txt d/e/a.txt d/e/f/c.csv hard.txt",
		"**/*.csv":        "b.csv d/e/f/c.csv",
		"d/**/a.txt":      "d/a.txt d/e/a.txt",
		"d/*/a.txt":       "d/e/a.txt",
		"**/e/**":         "d/e/a.txt d/e/f/c.csv",
		"./a.txt":         "a.txt",
		"[[]x]":           "[x]",
		"[ab].*":          "a.txt b.csv",
		"linked/*":        "",
		"root/etc/passwd": "",
		"link.txt":        "",
		"fifo.txt":        "",
		"d":               "",
		"../work/a.txt":   "",
		"nothing":         "",
		"**/**/**/*.csv":  "b.csv d/e/f/c.csv",
	} {
		t.Run(pattern, func(t *testing.T) {
			got := execute(t, protocol.ModeFork, nsjail.Job{Script: tree, Collect: []string{pattern}})
			var paths []string
			for _, file := range got.Files {
				paths = append(paths, file.Path)
			}
			if got.Status != protocol.StatusOK || strings.Join(paths, " ") != want {
				t.Errorf("%s %+v: %q, want %q", got.Status, got.Error, paths, want)
			}
		})
	}
}

func TestWhatIsTooMuchToCollectIsAVerdict(t *testing.T) {
	testkit.NeedsJails(t)
	small := limits
	small.FilesBytes = 1000
	for name, c := range map[string]struct{ script, message string }{
		"a file too large":         {"def main(): open('a', 'w').write('x' * 1001)", "1001 bytes"},
		"files too large together": {"def main():\n for i in range(11): open(f'{i}', 'w').write('x' * 91)", "1001 bytes"},
		"a sparse file":            {"import os\ndef main():\n open('a', 'w').close(); os.truncate('a', 1 << 40)", "1099511627776 bytes"},
		"too many files":           {"def main():\n for i in range(1001): open(f'{i}', 'w').close()", "1001 files"},
		"too deep":                 {"import os\ndef main():\n for i in range(70): os.mkdir('d'); os.chdir('d')\n open('a', 'w').close()", "too deep"},
		"names too long together":  {"import os\ndef main():\n for i in range(30): os.mkdir('d' * 200); os.chdir('d' * 200)\n open('a', 'w').close()", "too deep"},
	} {
		t.Run(name, func(t *testing.T) {
			got := execute(t, protocol.ModeFork, nsjail.Job{Script: c.script, Collect: []string{"**"}, Limits: small})
			if got.Status != protocol.StatusOutputLimit || got.Limit != protocol.LimitFiles || len(got.Files) != 0 || got.Error == nil || !strings.Contains(got.Error.Message, c.message) {
				t.Errorf("%s limit=%q files=%d error=%+v", got.Status, got.Limit, len(got.Files), got.Error)
			}
		})
	}
}

func TestAsMuchAsMayBeCollectedIsCollected(t *testing.T) {
	got := execute(t, protocol.ModeFork, nsjail.Job{
		Script:  fmt.Sprintf("import os\ndef main():\n for i in range(%d): open(f'f{i}', 'wb').write(os.urandom(1 << 10))", nsjail.MaxCollectedFiles),
		Collect: []string{"*"},
	})
	if got.Status != protocol.StatusOK || len(got.Files) != nsjail.MaxCollectedFiles {
		t.Errorf("%s %+v: %d files", got.Status, got.Error, len(got.Files))
	}
}

func TestNamesOfCollectedFilesMeanTheSameEverywhere(t *testing.T) {
	got := execute(t, protocol.ModeFork, nsjail.Job{
		Script: `def main():
    for name in (b"bad\xff", b"new\nline", b"back\\slash", "ünïcode".encode(), b"tab\t", b"\xed\xa0\x80"): open(name, "w").close()
`, Collect: []string{"**"},
	})
	if want := []string{"%ED%A0%80=", "back%5Cslash=", "bad%FF=", "new%0Aline=", "tab%09=", "ünïcode="}; got.Status != protocol.StatusOK || !slices.Equal(listed(got), want) {
		t.Errorf("%s %q", got.Status, listed(got))
	}
	got = execute(t, protocol.ModeFork, nsjail.Job{
		Script: `import os
def main():
    for path in ("C:/Users/x.py", "NUL", "report.txt:hidden", "café.txt", "cafe\u0301.txt", "A.txt", "a.TXT", "\u202egpj.exe", "dot./x", "space "):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        open(path, "w").close()
`, Collect: []string{"**"},
	})
	want := []string{"%4EUL=", "%61.TXT=", "%E2%80%AEgpj.exe=", "A.txt=", "C%3A/Users/x.py=", "cafe\u0301.txt=", "%63afé.txt=", "dot%2E/x=", "report.txt%3Ahidden=", "space%20="}
	slices.Sort(want)
	if got.Status != protocol.StatusOK || !slices.Equal(listed(got), want) {
		t.Errorf("%s %q, want %q", got.Status, listed(got), want)
	}
}

func TestFilesThatDoNotFitAreAnException(t *testing.T) {
	small := limits
	small.DiskBytes = 1 << 20
	got := execute(t, protocol.ModeFork, nsjail.Job{
		Script: "def main(): return 1", Limits: small,
		Files: []protocol.File{{Path: "d/large", Content: make([]byte, 2<<20)}},
	})
	if got.Status != protocol.StatusException || got.Error.Type != "OSError" || !strings.Contains(got.Error.Message, "No space left on device: 'd/large'") {
		t.Errorf("%s %+v", got.Status, got.Error)
	}
	if got := execute(t, protocol.ModeFork, nsjail.Job{Script: "def main(): return 1", Files: []protocol.File{{Path: "a"}, {Path: "a/b"}}}); got.Status != protocol.StatusException || got.Error.Type == "" {
		t.Errorf("a file that is a directory: %s %+v", got.Status, got.Error)
	}
}

// Incoming files count against the memory limit. The cell dies before the script
// begins.
func TestFilesThatFillTheMemoryAreAMemoryLimit(t *testing.T) {
	small := limits
	small.MemoryBytes = 24 << 20
	got := execute(t, protocol.ModeFork, nsjail.Job{
		Script: "def main(): return 1", Limits: small,
		Files: []protocol.File{{Path: "a", Content: make([]byte, 20<<20)}, {Path: "b", Content: make([]byte, 20<<20)}},
	})
	if got.Status != protocol.StatusMemoryLimit {
		t.Errorf("%s %+v", got.Status, got.Error)
	}
}

// The script can write anything to the channel.
func TestForgedFilesEndTheCell(t *testing.T) {
	testkit.NeedsJails(t)
	const send = `import os, time
def frame(kind, payload): return len(payload).to_bytes(4, "big") + bytes([kind]) + payload
def main():
    os.write(3, %s)
    time.sleep(5)
`
	for name, frames := range map[string]string{
		"a path out of the box":     `frame(11, b'{"path":"../../etc/cron.d/x"}\n* * * * *')`,
		"an absolute path":          `frame(11, b'{"path":"/etc/passwd"}\n')`,
		"another drive":             `frame(11, b'{"path":"C:/Users/Public/x"}\n')`,
		"a device":                  `frame(11, b'{"path":"NUL"}\n')`,
		"two paths":                 `frame(11, b'{"path":"a","path":"b"}\n')`,
		"one file without case":     `frame(11, b'{"path":"A.TXT"}\n1') + frame(11, b'{"path":"a.txt"}\n2')`,
		"one file in normal forms":  `frame(11, b'{"path":"caf\\u00e9"}\n1') + frame(11, b'{"path":"cafe\\u0301"}\n2')`,
		"the same file twice":       `frame(11, b'{"path":"a"}\n1') + frame(11, b'{"path":"a"}\n2')`,
		"no head":                   `frame(11, b'x' * 100)`,
		"more bytes than allowed":   `frame(11, b'{"path":"a"}\n' + b'x' * 900) + frame(11, b'{"path":"b"}\n' + b'x' * 900)`,
		"more files than allowed":   `b''.join(frame(11, b'{"path":"%d"}\n' % i) for i in range(1001))`,
		"announced larger than all": `(1 << 30).to_bytes(4, "big") + b'\x0b'`,
	} {
		t.Run(name, func(t *testing.T) {
			small := limits
			small.FilesBytes, small.ResultBytes = 1000, 1000
			got := execute(t, protocol.ModeFork, nsjail.Job{Script: fmt.Sprintf(send, frames), Collect: []string{"*"}, Limits: small})
			if got.Status != protocol.StatusKilled || got.Error == nil || got.Error.Type != "ProtocolError" || len(got.Files) != 0 {
				t.Errorf("%s %+v files=%d", got.Status, got.Error, len(got.Files))
			}
		})
	}
	t.Run("a file that nobody asked for", func(t *testing.T) {
		got := execute(t, protocol.ModeFork, nsjail.Job{Script: fmt.Sprintf(send, `frame(11, b'{"path":"a"}\n')`)})
		if got.Status != protocol.StatusKilled || got.Error == nil || got.Error.Type != "ProtocolError" {
			t.Errorf("%s %+v", got.Status, got.Error)
		}
	})
}
