package seccomp

import "golang.org/x/sys/unix"

// protections are those of mmap(2) and mprotect(2).
var protections = append([]Value{
	v("PROT_READ", unix.PROT_READ, "ordinary memory"),
	v("PROT_WRITE", unix.PROT_WRITE, "ordinary memory"),
	v("PROT_EXEC", unix.PROT_EXEC, "shared libraries, and code that compilers generate (numba, ctypes callbacks)"),
}, protectionsOfArch...)

var memory = Group{
	Title: "Memory",
	Why:   "A program's own memory, charged to its cgroup. The kernel's work is short or ends on a signal.",
	Calls: []Call{
		plain("munmap", unix.SYS_MUNMAP), plain("brk", unix.SYS_BRK),
		plain("mlock", unix.SYS_MLOCK).because("libraries keep keys in unswappable memory; RLIMIT_MEMLOCK is 64 KiB"),
		plain("munlock", unix.SYS_MUNLOCK),
		{
			Name: "mmap", Number: unix.SYS_MMAP, Tests: []Test{
				{Argument: 2, Name: "prot", Wide: true, Bits: protections, Else: EINVAL},
				{Argument: 3, Name: "flags", Wide: true, Else: EINVAL, Bits: append([]Value{
					v("MAP_SHARED", unix.MAP_SHARED, "with the two below, what kind of mapping it is"),
					v("MAP_PRIVATE", unix.MAP_PRIVATE, "as above"),
					v("MAP_FIXED", unix.MAP_FIXED, "the dynamic linker places the parts of a library"),
					v("MAP_FIXED_NOREPLACE", unix.MAP_FIXED_NOREPLACE, "as MAP_FIXED, but safer"),
					v("MAP_ANONYMOUS", unix.MAP_ANONYMOUS, "malloc"),
					v("MAP_NORESERVE", unix.MAP_NORESERVE, "allocators and thread stacks"),
					v("MAP_STACK", unix.MAP_STACK, "thread stacks; the kernel ignores it"),
					v("MAP_DENYWRITE", unix.MAP_DENYWRITE, "the dynamic linker; the kernel ignores it"),
					v("MAP_EXECUTABLE", unix.MAP_EXECUTABLE, "the dynamic linker; the kernel ignores it"),
					v("MAP_POPULATE", unix.MAP_POPULATE, "Python's mmap module; a kill interrupts it"),
					v("MAP_NONBLOCK", unix.MAP_NONBLOCK, "goes with MAP_POPULATE"),
				}, mapFlagsOfArch...)},
			},
			Why: "not allowed: MAP_HUGETLB (pages of the host's pool, which no limit covers), MAP_LOCKED, MAP_GROWSDOWN, MAP_SYNC, MAP_DROPPABLE",
		},
		{Name: "mprotect", Number: unix.SYS_MPROTECT, Tests: []Test{
			{Argument: 2, Name: "prot", Wide: true, Else: EINVAL, Bits: append([]Value{
				v("PROT_GROWSDOWN", unix.PROT_GROWSDOWN, "glibc makes the main stack executable for old libraries"),
			}, protections...)},
		}},
		{
			Name: "mremap", Number: unix.SYS_MREMAP, Tests: []Test{{Argument: 3, Name: "flags", Wide: true, Else: EINVAL, Bits: []Value{
				v("MREMAP_MAYMOVE", unix.MREMAP_MAYMOVE, "realloc, and mmap.resize of Python"),
			}}},
			Why: "not allowed: MREMAP_FIXED, MREMAP_DONTUNMAP, which no Python library uses",
		},
		{
			Name: "madvise", Number: unix.SYS_MADVISE, Tests: []Test{{Argument: 2, Name: "advice", Else: EINVAL, Values: []Value{
				v("MADV_NORMAL", unix.MADV_NORMAL, "undoes other advice"),
				v("MADV_RANDOM", unix.MADV_RANDOM, "Python's mmap module"),
				v("MADV_SEQUENTIAL", unix.MADV_SEQUENTIAL, "Python's mmap module"),
				instead("MADV_WILLNEED", unix.MADV_WILLNEED, Nothing, "a hint; otherwise a way to start disk reads that nobody waits for"),
				v("MADV_DONTNEED", unix.MADV_DONTNEED, "allocators and thread stacks give memory back"),
				v("MADV_FREE", unix.MADV_FREE, "allocators give memory back"),
				v("MADV_DONTFORK", unix.MADV_DONTFORK, "keeps memory from children"),
				v("MADV_DOFORK", unix.MADV_DOFORK, "takes MADV_DONTFORK back"),
				v("MADV_WIPEONFORK", unix.MADV_WIPEONFORK, "OpenSSL's and glibc's random numbers differ in children"),
				v("MADV_KEEPONFORK", unix.MADV_KEEPONFORK, "takes MADV_WIPEONFORK back"),
				v("MADV_HUGEPAGE", unix.MADV_HUGEPAGE, "numpy, for large arrays; these pages are charged as others are"),
				v("MADV_NOHUGEPAGE", unix.MADV_NOHUGEPAGE, "jemalloc (pyarrow, polars)"),
				v("MADV_DONTDUMP", unix.MADV_DONTDUMP, "allocators"),
				v("MADV_DODUMP", unix.MADV_DODUMP, "takes MADV_DONTDUMP back"),
			}}},
			Why: "not allowed: MADV_MERGEABLE (work of a kernel thread), MADV_COLLAPSE (drains every processor's lists), MADV_COLD and MADV_PAGEOUT (evict pages that others read), MADV_REMOVE, MADV_POPULATE_*, MADV_GUARD_*",
		},
		{
			Name: "msync", Number: unix.SYS_MSYNC, Answer: Nothing, Tests: []Test{{
				Argument: 0, Name: "address", Mask: 4095, Else: EINVAL, Values: []Value{v("the start of a page", 0, "as the kernel checks it")},
			}},
			Why: "a cell's own files are in memory; on a mapping of a host file it would flush the host's disk",
		},
		{
			Name: "memfd_create", Number: unix.SYS_MEMFD_CREATE, Tests: []Test{{Argument: 1, Name: "flags", Else: EINVAL, Bits: []Value{
				v("MFD_CLOEXEC", unix.MFD_CLOEXEC, "Python sets it"),
				v("MFD_ALLOW_SEALING", unix.MFD_ALLOW_SEALING, "shared buffers"),
				v("MFD_NOEXEC_SEAL", unix.MFD_NOEXEC_SEAL, "says what the file is for"),
				v("MFD_EXEC", unix.MFD_EXEC, "says what the file is for"),
			}}},
			Why: "not allowed: MFD_HUGETLB (pages of the host's pool, which no limit covers)",
		},
		refuse("mincore", unix.SYS_MINCORE, ENOSYS).because("shows which pages of a shared file others have read; ignores signals for seconds"),
		refuse("membarrier", unix.SYS_MEMBARRIER, ENOSYS).because("interrupts other processors and takes a global lock; libraries have a fallback"),
	},
}
