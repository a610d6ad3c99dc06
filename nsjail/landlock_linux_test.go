package nsjail_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/landlock"
	"github.com/hotcell/hotcell/protocol"
)

// withoutOtherWalls starts a jail in which a directory of the host is mounted
// writable at /srv, cells have neither a pid namespace nor a uid of their own, and no
// seccomp filter is loaded. landlocked says whether its cells use Landlock.
func withoutOtherWalls(t *testing.T, landlocked bool, dir string) *nsjail.Jail {
	t.Helper()
	host, worker := ownHost(t)
	edits := [][3]string{
		{"isolation.py", `self.add("seccomp", "seccomp", linux.SECCOMP_SET_MODE_FILTER, flags, program, want=0)`, "pass"},
		{"zygote.py", "linux.load_seccomp(base64.b64decode(self.start[\"zygote_seccomp\"]))", "pass"},
		{"zygote.py", "linux.unshare(linux.CLONE_NEWPID)", "pass"},
		{"loop.py", `"unshare", linux.CLONE_NEWPID`, `"unshare", 0`},
		{"isolation.py", `uid = spawn["uid"]`, "uid = os.getuid()"},
	}
	if !landlocked {
		edits = append(edits, [3]string{"isolation.py", "self.add_landlock(unused + 1)", `self.add("landlock", "close", _RULESET)`})
	}
	for _, edit := range edits {
		replaceIn(t, filepath.Join(worker, edit[0]), edit[1], edit[2])
	}
	p := profile(t, protocol.ModeFork)
	p.Nsjail = nsjailWith(t, fmt.Sprintf("text = text.replace(%q, %q)\n", `dst: "/box"`, fmt.Sprintf(`dst: "/srv" src: %q is_bind: true rw: true } mount { dst: "/box"`, dir)))
	jail, err := host.StartJail(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = jail.Close() })
	return jail
}

func runIn(t *testing.T, jail *nsjail.Jail, script string) string {
	t.Helper()
	verdict, err := spawn(t, jail).Run(t.Context(), nsjail.Job{Script: script, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	if verdict.Status != protocol.StatusOK {
		t.Fatalf("%s %+v", verdict.Status, verdict.Error)
	}
	return string(verdict.Result)
}

// Each rule is tried where only Landlock refuses it: without Landlock the same
// attempt works, or fails because there is no network.
func TestLandlockHoldsWhereTheOtherWallsAreMissing(t *testing.T) {
	abi, err := landlock.ABI()
	if err != nil {
		t.Skip(err)
	}
	const attempt = `
import ctypes, errno, fcntl, os, pathlib, shutil, socket, subprocess
def attempt():
    %s
def main():
    try: attempt()
    except OSError as e: return errno.errorcode[e.errno]
    return "works"
`
	dir := t.TempDir()
	for at := dir; at != os.TempDir(); at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"secret": 0o666, "program": 0o777} {
		writeFile(t, filepath.Join(dir, name), mode)
	}
	cases := []struct {
		name, attempt string
		abi           int // from this version on it can be refused
		with, without string
	}{
		{"reading a file of the host", "open('/srv/secret').read()", 1, "EACCES", "works"},
		{"writing to it", "open('/srv/secret', 'r+').write('x')", 1, "EACCES", "works"},
		{"truncating it", "os.truncate('/srv/secret', 0)", 3, "EACCES", "works"},
		{"running a program of the host", "subprocess.run(['/srv/program'])", 1, "EACCES", "works"},
		{"making a file there", "os.close(os.open('/srv/new', os.O_CREAT | os.O_WRONLY)); os.unlink('/srv/new')", 1, "EACCES", "works"},
		{"making a directory there", "os.mkdir('/srv/d'); os.rmdir('/srv/d')", 1, "EACCES", "works"},
		{"making a FIFO there", "os.mkfifo('/srv/f'); os.unlink('/srv/f')", 1, "EACCES", "works"},
		{"making a symbolic link there", "os.symlink('x', '/srv/l'); os.unlink('/srv/l')", 1, "EACCES", "works"},
		{"moving a file there", "os.rename('/srv/secret', '/srv/s'); os.rename('/srv/s', '/srv/secret')", 1, "EACCES", "works"},
		{"removing a file there", "os.unlink('/srv/removable')", 1, "EACCES", "works"},
		{"adding to the kernel's randomness", "os.close(os.open('/dev/urandom', os.O_WRONLY))", 1, "EACCES", "works"},
		{"an ioctl of a device", "fcntl.ioctl(open('/dev/random', 'rb'), 0x80045200, bytes(4))", 5, "EACCES", "works"},
		{"connecting to a TCP port", "socket.socket().connect(('127.0.0.1', 9))", 4, "EACCES", "ENETUNREACH"},
		{"binding a TCP port", "socket.socket().bind(('0.0.0.0', 4000))", 4, "EACCES", "works"},
		{"signalling the zygote", "os.kill(2, 0)", 6, "EPERM", "works"},
		{"signalling itself and its children", "os.kill(os.getpid(), 0); p = subprocess.Popen(['sleep', '60']); p.kill(); p.wait()", 1, "works", "works"},
		{"listing directories of the jail", "os.listdir('/'), os.listdir('/dev'), os.listdir('/usr/lib')", 1, "works", "works"},
		{"using /dev/null, /dev/zero and /dev/full", "open('/dev/null', 'w').write('x'); open('/dev/zero', 'r+b', buffering=0).read(1); os.isatty(os.open('/dev/full', os.O_RDWR))", 1, "works", "works"},
		{"its own disk", "os.makedirs('a/b'); open('a/f', 'w').write('x'); os.truncate('a/f', 0); os.rename('a/f', 'a/b/f'); os.link('a/b/f', 'g'); os.rename('g', '/tmp/g'); os.symlink('x', 'l'); os.mkfifo('p'); os.unlink('p'); shutil.rmtree('a')", 1, "works", "works"},
		{"running the system's programs", "subprocess.run(['python3', '-c', 'import json'], check=True); subprocess.run(['awk', '1'], check=True)", 1, "works", "works"},
	}
	restricted, open := withoutOtherWalls(t, true, dir), withoutOtherWalls(t, false, dir)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if abi < c.abi {
				t.Skipf("the kernel has ABI %d, which cannot refuse it", abi)
			}
			script := fmt.Sprintf(attempt, c.attempt)
			writeFile(t, filepath.Join(dir, "removable"), 0o666)
			if got := runIn(t, open, script); got != fmt.Sprintf("%q", c.without) {
				t.Errorf("without Landlock: %s, want %s", got, c.without)
			}
			writeFile(t, filepath.Join(dir, "removable"), 0o666)
			if got := runIn(t, restricted, script); got != fmt.Sprintf("%q", c.with) {
				t.Errorf("with Landlock: %s, want %s", got, c.with)
			}
		})
	}
	t.Run("meeting a sibling at an abstract socket", func(t *testing.T) {
		if abi < 6 {
			t.Skipf("the kernel has ABI %d, which cannot refuse it", abi)
		}
		for jail, want := range map[*nsjail.Jail]string{open: `"works"`, restricted: `"EPERM"`} {
			listener := spawn(t, jail)
			ctx, cancel := context.WithCancel(t.Context())
			heard := make(chan struct{})
			ended := make(chan error, 1)
			go func() {
				_, err := listener.Run(ctx, nsjail.Job{Limits: limits, Output: func(nsjail.Stream, []byte) { close(heard) },
					Script: "import os, socket, time\ndef main():\n s = socket.socket(socket.AF_UNIX)\n s.bind('\\0hotcell')\n s.listen()\n os.write(1, b'x')\n time.sleep(60)"})
				ended <- err
			}()
			select {
			case <-heard:
			case err := <-ended:
				t.Fatal(err)
			case <-time.After(time.Minute):
				t.Fatal("nobody listens")
			}
			if got := runIn(t, jail, fmt.Sprintf(attempt, `socket.socket(socket.AF_UNIX).connect('\0hotcell')`)); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			cancel()
			<-ended
		}
	})
}

func writeFile(t *testing.T, file string, mode os.FileMode) {
	t.Helper()
	err := os.WriteFile(file, []byte("#!/bin/sh\n"), mode)
	if err == nil {
		err = os.Chmod(file, mode) // independently of the umask
	}
	if err != nil {
		t.Fatal(err)
	}
}
