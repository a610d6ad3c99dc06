package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/seccomp"
	"github.com/hotcell/hotcell/protocol"
)

const (
	madvPopulateWrite, madvCollapse = 23, 25 // linux/mman.h, since 5.14 and 6.1
	rowBytes                        = 32     // of a table of [routine]
	mfdNoexecSeal                   = 8      // linux/memfd.h, since 6.3
)

// File is the memory of a snapshot. The caller closes it.
type File struct {
	file      *os.File
	head      protocol.Snapshot
	hugePages int
	hotPages  int
}

// New makes the file for a plan. Cells get the pages that are in all of the lists.
//
// Nobody but root can open the file, and its pages are in huge pages, as far as the
// kernel has any, before something is in them.
func New(plan Plan, written ...[]uint64) (*File, error) {
	runs := runsOf(plan, written...)
	code, filter := machineCode(), seccomp.KeepFilter(plan.Writable())
	f := &File{head: protocol.Snapshot{Offset: int64(plan.Bytes), Moved: len(plan.Regions), Hot: len(runs), FilterBytes: len(filter)}} // #nosec G115 -- at most maxBytes
	f.head.Regions = (len(code) + rowBytes - 1) / rowBytes * rowBytes
	f.head.Runs = f.head.Regions + rowBytes*len(plan.Regions)
	f.head.Filter = f.head.Runs + rowBytes*len(runs)
	f.head.Bytes = (f.head.Filter + len(filter) + pageBytes - 1) / pageBytes * pageBytes
	head := make([]byte, f.head.Bytes)
	copy(head, code)
	copy(head[f.head.Filter:], filter)
	row := func(at, i int, values ...uint64) {
		for k, value := range values {
			binary.LittleEndian.PutUint64(head[at+rowBytes*i+8*k:], value)
		}
	}
	for i, r := range plan.Regions {
		row(f.head.Regions, i, r.Start, r.Bytes, r.Offset, r.Protection)
	}
	for i, r := range runs {
		row(f.head.Runs, i, r.start, r.bytes)
		f.hotPages += int(r.bytes / pageBytes) // #nosec G115 -- at most maxHot
	}
	var err error
	if f.file, err = newMemory(f.head.Offset + int64(f.head.Bytes)); err != nil {
		return nil, err
	}
	if _, err = f.file.WriteAt(head, f.head.Offset); err == nil {
		f.hugePages, err = collapse(int(f.file.Fd()), int(plan.Bytes)) // #nosec G115 -- as above
	}
	if err != nil {
		_ = f.file.Close()
		return nil, err
	}
	return f, nil
}

// Head says where in the file its machine code and its tables are, and what its cells may not give back.
func (f *File) Head() protocol.Snapshot { return f.head }

// Bytes returns how much memory the file takes.
func (f *File) Bytes() int64 { return f.head.Offset + int64(f.head.Bytes) }

// HugePages returns how much of it is in huge pages, which the kernel gives as long as it has any.
func (f *File) HugePages() int { return f.hugePages }

// HotPages returns how many pages cells get before they write them.
func (f *File) HotPages() int { return f.hotPages }

// Fd returns a descriptor of the file, for the zygote to write.
func (f *File) Fd() int { return int(f.file.Fd()) }

// Seal makes the file what it stays. Nothing can change it, or its size, again: neither a
// process that has it mapped nor hotcell.
func (f *File) Seal() error {
	const seals = unix.F_SEAL_WRITE | unix.F_SEAL_FUTURE_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(f.file.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		return fmt.Errorf("seal the snapshot: %w", err)
	}
	return nil
}

// Close closes hotcell's descriptor. The memory lives until the last process ends that
// has it mapped.
func (f *File) Close() { _ = f.file.Close() }

// newMemory makes a file in memory that only its owner may read, and nobody write or
// execute. A new one has mode 0777, and what a process may write it may also evict, and
// ask what of it is in memory: mincore(2), madvise(2).
func newMemory(bytes int64) (*os.File, error) {
	const name = "hotcell-snapshot"
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|mfdNoexecSeal)
	if errors.Is(err, unix.EINVAL) {
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	file := os.NewFile(uintptr(fd), name)
	if err := errors.Join(unix.Fchmod(fd, 0o400), unix.Ftruncate(fd, bytes)); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("make the file of a snapshot: %w", err)
	}
	return file, nil
}

// collapse puts the first bytes of the file into huge pages. It returns how many there
// are: the kernel may have no room for some.
func collapse(fd, bytes int) (int, error) {
	reserved, err := unix.MmapPtr(-1, 0, nil, uintptr(bytes+hugeBytes), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE) // #nosec G115 -- small
	if err != nil {
		return 0, fmt.Errorf("map a snapshot: %w", err)
	}
	defer func() { _ = unix.MunmapPtr(reserved, uintptr(bytes+hugeBytes)) }()                                                          // #nosec G115 -- small
	at := unsafe.Add(reserved, -uintptr(reserved)%hugeBytes)                                                                           // #nosec G103 -- within what is reserved
	if _, err := unix.MmapPtr(fd, 0, at, uintptr(bytes), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_FIXED); err != nil { // #nosec G115 -- small
		return 0, fmt.Errorf("map a snapshot: %w", err)
	}
	huge := 0
	for offset := 0; offset < bytes; offset += hugeBytes {
		window := unsafe.Slice((*byte)(unsafe.Add(at, offset)), hugeBytes) // #nosec G103 -- mapped above
		window[0] = 0                                                      // the kernel collapses no window without a page
		for range collapseTries {
			if err = unix.Madvise(window, madvCollapse); !errors.Is(err, unix.EAGAIN) { // the page is in use for a moment
				break
			}
		}
		switch {
		case err == nil:
			huge++
		case errors.Is(err, unix.EINVAL):
			return huge, fmt.Errorf("the kernel makes no huge pages of shared memory (MADV_COLLAPSE, Linux 6.1): %w", err)
		}
	}
	return huge, nil
}

// collapseTries is how often the kernel is asked for a huge page that it could not make just now.
const collapseTries = 5

// available tries what a snapshot needs of the kernel.
var available = sync.OnceValue(func() error {
	if size := os.Getpagesize(); size != pageBytes {
		return fmt.Errorf("pages have %d bytes instead of %d", size, pageBytes)
	}
	file, err := newMemory(hugeBytes)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := collapse(int(file.Fd()), hugeBytes); err != nil {
		return err
	}
	private, err := unix.Mmap(int(file.Fd()), 0, pageBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Munmap(private) }()
	if err := unix.Madvise(private, madvPopulateWrite); err != nil {
		return fmt.Errorf("the kernel copies no pages ahead (MADV_POPULATE_WRITE, Linux 5.14): %w", err)
	}
	return (&File{file: file}).Seal()
})
