package nsjail_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

type trial struct{ name, script, want string }

// few returns two of the trials for spawn mode exec, whose cells take long to start and
// differ from others only in what they share.
func few(mode protocol.Mode, trials []trial) []trial {
	if mode == protocol.ModeExec {
		return trials[:2]
	}
	return trials
}

// startMethods has what a script may do with processes.
var startMethods = []trial{
	{"a pool of spawn", `
import multiprocessing as mp
def sq(x): return x * x
def main():
    with mp.get_context("spawn").Pool(2) as pool: return pool.map(sq, [1, 2, 3])`, "[1,4,9]"},
	{"a pool of forkserver, the default from Python 3.14", `
import multiprocessing as mp
def sq(x): return x * x
def main():
    mp.set_start_method("forkserver", force=True)
    with mp.Pool(2) as pool: return pool.map(sq, [1, 2])`, "[1,4]"},
	{"a method that is asked for tells what it is", `
import multiprocessing as mp
def main():
    return [mp.get_context(m).get_start_method() for m in mp.get_all_start_methods()]`, `["fork","fork","fork"]`},
	{"classes that name their method", `
import multiprocessing.context as c
def main():
    codes = []
    for kind in (c.SpawnProcess, c.ForkServerProcess):
        p = kind(target=exit, args=(7,))
        p.start(); p.join(); codes.append(p.exitcode)
    return codes`, "[7,7]"},
	{"an executor with spawn", `
import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor
def sq(x): return x * x
def main():
    with ProcessPoolExecutor(2, mp_context=mp.get_context("spawn")) as pool: return list(pool.map(sq, [1, 2]))`, "[1,4]"},
	{"an executor whose function is made in main", `
from concurrent.futures import ProcessPoolExecutor
def main():
    with ProcessPoolExecutor(2) as pool: return sum(pool.map(abs, range(-50, 50)))`, "2500"},
	{"an executor that replaces its workers", `
import os, time
from concurrent.futures import ProcessPoolExecutor
def pid(_): return os.getpid()
def main():
    with ProcessPoolExecutor(1, max_tasks_per_child=1) as pool: return len(set(pool.map(pid, range(3))))`, "3"},
	{"a child that raises does not answer for the script", `
import multiprocessing as mp
def fail(): raise SystemExit(3)
def main():
    p = mp.get_context("spawn").Process(target=fail)
    p.start(); p.join()
    return p.exitcode`, "3"},
	{"a child that calls main does not answer for the script", `
import multiprocessing as mp, os
def main():
    if mp.parent_process(): return "child"
    p = mp.get_context("spawn").Process(target=main)
    p.start(); p.join()
    return "parent"`, `"parent"`},
	{"semaphores, queues, values and shared memory", `
import multiprocessing as mp
from multiprocessing import shared_memory
def work(queue, value, lock, name):
    block = shared_memory.SharedMemory(name)
    with lock: value.value += block.buf[0]
    block.close()
    queue.put(value.value)
def main():
    context = mp.get_context("spawn")
    block = shared_memory.SharedMemory(create=True, size=16)
    block.buf[0] = 5
    queue, value, lock = context.Queue(), context.Value("i", 1), context.Lock()
    p = context.Process(target=work, args=(queue, value, lock, block.name))
    p.start(); got = queue.get(); p.join()
    block.close(); block.unlink()
    return got`, "6"},
}

// needUnixSockets are scripts that need sockets of AF_UNIX.
var needUnixSockets = []trial{
	{"a manager", `
import multiprocessing as mp
def put(d, k): d[k] = k * k
def main():
    with mp.Manager() as manager:
        shared = manager.dict()
        workers = [mp.Process(target=put, args=(shared, i)) for i in range(3)]
        for w in workers: w.start()
        for w in workers: w.join()
        return sorted(shared.items())`, "[[0,0],[1,1],[2,4]]"},
	{"a listener and its client", `
from multiprocessing.connection import Client, Listener
import threading
def main():
    with Listener(authkey=b"k") as listener:
        def ask():
            with Client(listener.address, authkey=b"k") as c: c.send([1, "two"])
        t = threading.Thread(target=ask); t.start()
        with listener.accept() as c: got = c.recv()
        t.join()
        return [got, listener.address.startswith("/tmp/")]`, `[[1,"two"],true]`},
	{"asyncio's Unix server, with more clients than the backlog", `
import asyncio
async def main():
    async def serve(reader, writer):
        writer.write((await reader.readline()).upper()); await writer.drain(); writer.close()
    async with await asyncio.start_unix_server(serve, "s.sock"):
        got = 0
        for _ in range(40):
            reader, writer = await asyncio.open_unix_connection("s.sock")
            writer.write(b"hello\n")
            got += await reader.readline() == b"HELLO\n"
            writer.close()
        return got`, "40"},
	{"any backlog", `
import socket
def main():
    for backlog in (0, 1, 128, socket.SOMAXCONN, -1):
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(f"s{backlog}"); s.listen(backlog)
    with socket.socket(socket.AF_UNIX) as s:
        s.bind("default"); s.listen()
        return s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)`, "1"},
	{"a listener of another interpreter", `
import subprocess, sys
def main():
    code = "import socket; s = socket.socket(socket.AF_UNIX); s.bind('other'); s.listen(); print('listens', end='')"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout`, `"listens"`},
	{"who is at the other end", `
import os, socket, struct
def main():
    a, b, c = (socket.socket(socket.AF_UNIX) for _ in range(3))
    a.bind("s"); a.listen(); b.connect("s"); d, _ = a.accept()
    pid, uid, gid = struct.unpack("3i", d.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return [pid == os.getpid(), uid == os.getuid(), gid == os.getgid()]`, "[true,true,true]"},
	{"a descriptor sent to another process", `
import multiprocessing as mp, os
from multiprocessing.reduction import DupFd
def read(connection): print(os.read(connection.recv().detach(), 9).decode(), end="", flush=True)
def main():
    r, w = os.pipe()
    os.write(w, b"through")
    ours, theirs = mp.Pipe()
    p = mp.Process(target=read, args=(theirs,))
    p.start()
    from multiprocessing import resource_sharer
    ours.send(resource_sharer.DupFd(r))
    p.join()
    return p.exitcode`, "0"},
}

func TestStartMethodsOfMultiprocessingWork(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		for _, c := range few(mode, startMethods) {
			t.Run(c.name, func(t *testing.T) { wantResult(t, mode, c.script, c.want) })
		}
	})
}

func TestUnixSocketsWorkWhereNoSiblingIsToBeReached(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		if !theJail(t, mode).UnixSockets() {
			for _, class := range []string{"multiprocessing.Manager()", "multiprocessing.connection.Listener()", "multiprocessing.managers.SyncManager().start()"} {
				got := execute(t, mode, nsjail.Job{Script: "import multiprocessing, multiprocessing.connection, multiprocessing.managers\ndef main(): " + class})
				if got.Status != protocol.StatusException || !strings.Contains(got.Error.Message, "Unix sockets are shut in this cell") || !strings.Contains(got.Error.Message, "Pipe, Queue") {
					t.Errorf("%s: %s %+v", class, got.Status, got.Error)
				}
			}
			return
		}
		for _, c := range few(mode, needUnixSockets) {
			t.Run(c.name, func(t *testing.T) { wantResult(t, mode, c.script, c.want) })
		}
	})
}

func wantResult(t *testing.T, mode protocol.Mode, script, want string) {
	t.Helper()
	got := execute(t, mode, nsjail.Job{Script: script})
	if got.Status != protocol.StatusOK || strings.ReplaceAll(string(got.Result), " ", "") != want {
		t.Errorf("%s %s %s, want %s: %s", got.Status, got.Limit, got.Result, want, fmt.Sprint(got.Error))
	}
}
