package nsjail_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// A system call that ignores signals outlives the limit that kills its caller. So
// each call that works through a range gets the largest possible one. mincore took 20
// s.
func TestNoCallOfACellIsLong(t *testing.T) {
	long := limits
	long.Wall, long.CPU = 6*limits.Wall, 6*limits.CPU
	got := execute(t, protocol.ModeFork, nsjail.Job{Limits: long, Script: `
import ctypes, mmap, os, time
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.mremap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.madvise.argtypes = libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.munmap.argtypes = libc.mlock.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.msync.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
libc.mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]
PRIVATE, SHARED = 0x4022, 0x8011  # with ANONYMOUS and NORESERVE; with FIXED and POPULATE
def main(tib=60):
    took = {}
    def call(name, function, *arguments):
        began = time.thread_time()  # others may have the processor meanwhile
        try:
            result = function(*arguments)
        except OSError as e:
            result = -e.errno
        took[name] = max(took.get(name, 0), time.thread_time() - began)
        return result
    size = tib << 40
    area = libc.mmap(None, size, 0, PRIVATE, -1, 0)
    pages = libc.mmap(None, size >> 12, 0, PRIVATE, -1, 0)
    buffer, piece = os.memfd_create("pages"), 16 << 20
    os.ftruncate(buffer, piece)
    for at in range(0, size >> 12, piece):
        libc.mmap(pages + at, piece, 3, SHARED, buffer, 0)
    call("mincore", libc.mincore, area, size, pages)
    for advice in range(26):
        call(f"madvise {advice}", libc.madvise, area, size, advice)
    for protection in (3, 0):
        call("mprotect", libc.mprotect, area, size, protection)
    call("mlock", libc.mlock, area, size)
    call("msync", libc.msync, area, size, 4)
    moved = call("mremap", libc.mremap, area, size, size + (1 << 40), 1)
    call("munmap", libc.munmap, moved, size + (1 << 40))
    call("munmap of many", libc.munmap, pages, size >> 12)
    file = os.open("sparse", os.O_RDWR | os.O_CREAT)
    os.ftruncate(file, 1 << 50)
    same = [mmap.mmap(-1, 2 << 20)] * 1023
    for name in ("sparse", "/dev/zero"):
        call(f"readv {name}", os.readv, os.open(name, os.O_RDONLY), same)
    call("writev", os.writev, file, same)
    call("lseek", os.lseek, file, 0, os.SEEK_HOLE)
    call("fallocate", os.posix_fallocate, file, 0, 1 << 50)
    call("copy_file_range", os.copy_file_range, file, os.open("copy", os.O_RDWR | os.O_CREAT), 1 << 31)
    call("ftruncate", os.ftruncate, file, 0)
    call("fork", lambda: os.fork() or os._exit(0))
    return took`})
	var took map[string]float64
	if err := json.Unmarshal(got.Result, &took); err != nil {
		t.Fatalf("%v: %s %s %+v", err, got.Status, got.Limit, got.Error)
	}
	for call, seconds := range took {
		if seconds > (slowness * 5 * time.Second).Seconds() {
			t.Errorf("%s took %.1f s of processor time", call, seconds)
		}
	}
}
