package seccomp

import "golang.org/x/sys/unix"

// openFlags are those of open(2), and of F_SETFL, which programs give what F_GETFL
// returned. O_RDONLY is 0.
var openFlags = append([]Value{
	v("O_WRONLY", unix.O_WRONLY, "ordinary files"),
	v("O_RDWR", unix.O_RDWR, "ordinary files"),
	v("O_APPEND", unix.O_APPEND, "ordinary files"),
	v("O_NONBLOCK", unix.O_NONBLOCK, "asyncio; also O_NDELAY"),
	v("O_NOATIME", unix.O_NOATIME, "the file's owner only"),
	v("O_DSYNC", unix.O_DSYNC, "a cell's own files are in memory"),
	v("O_SYNC", unix.O_SYNC, "as O_DSYNC"),
	v("O_CREAT", unix.O_CREAT, "ordinary files"),
	v("O_EXCL", unix.O_EXCL, "tempfile, lock files"),
	v("O_NOCTTY", unix.O_NOCTTY, "ordinary files"),
	v("O_TRUNC", unix.O_TRUNC, "ordinary files"),
	v("O_DIRECTORY", unix.O_DIRECTORY, "os.scandir, shutil.rmtree"),
	v("O_NOFOLLOW", unix.O_NOFOLLOW, "shutil.rmtree"),
	v("O_CLOEXEC", unix.O_CLOEXEC, "Python sets it"),
	v("O_PATH", unix.O_PATH, "libc and pathlib walk directories"),
	v("O_TMPFILE", unix.O_TMPFILE, "tempfile.TemporaryFile"),
}, openFlagsOfArch...)

const openLeftOut = "not allowed: O_DIRECT (bypasses the page cache, and evicts others' pages), O_ASYNC (signals)"

func judgeOpen(name string, number, argument uint32) Call {
	return Call{Name: name, Number: number, Why: openLeftOut, Tests: []Test{{Argument: argument, Name: "flags", Bits: openFlags, Else: EINVAL}}}
}

var transferFlags = []Value{
	v("RWF_DSYNC", unix.RWF_DSYNC, "os.pwritev; a cell's own files are in memory"),
	v("RWF_SYNC", unix.RWF_SYNC, "as RWF_DSYNC"),
	v("RWF_APPEND", unix.RWF_APPEND, "os.pwritev"),
}

// withFlags judges the flags of preadv2(2) and pwritev2(2).
func withFlags(name string, number uint32) Call {
	return Call{
		Name: name, Number: number, Tests: []Test{{Argument: 5, Name: "flags", Else: EOPNOTSUPP, Bits: transferFlags}},
		Why: "not allowed: RWF_NOWAIT (shows which files a sibling has read), RWF_DONTCACHE (evicts them), RWF_HIPRI, RWF_ATOMIC",
	}
}

var files = Group{
	Title: "Files",
	Why:   "Reads and writes open files.",
	Calls: append([]Call{
		plain("close", unix.SYS_CLOSE), plain("read", unix.SYS_READ), plain("write", unix.SYS_WRITE),
		plain("readv", unix.SYS_READV), plain("writev", unix.SYS_WRITEV), plain("pread64", unix.SYS_PREAD64),
		plain("pwrite64", unix.SYS_PWRITE64), plain("preadv", unix.SYS_PREADV), plain("pwritev", unix.SYS_PWRITEV),
		plain("lseek", unix.SYS_LSEEK), plain("dup", unix.SYS_DUP), plain("dup3", unix.SYS_DUP3),
		plain("ftruncate", unix.SYS_FTRUNCATE), plain("truncate", unix.SYS_TRUNCATE),
		plain("copy_file_range", unix.SYS_COPY_FILE_RANGE).because("shutil; the kernel has no flags for it and accepts only regular files"),
		judgeOpen("openat", unix.SYS_OPENAT, 2),
		refuse("openat2", unix.SYS_OPENAT2, ENOSYS).because("its flags are behind a pointer, which a filter cannot read"),
		withFlags("preadv2", unix.SYS_PREADV2), withFlags("pwritev2", unix.SYS_PWRITEV2),
		{Name: "close_range", Number: unix.SYS_CLOSE_RANGE, Tests: []Test{{Argument: 2, Name: "flags", Else: EINVAL, Bits: []Value{
			v("CLOSE_RANGE_CLOEXEC", unix.CLOSE_RANGE_CLOEXEC, "subprocess"),
		}}}},
		{
			Name: "fcntl", Number: unix.SYS_FCNTL, Tests: []Test{{Argument: 1, Name: "command", Else: EPERM, Values: []Value{
				v("F_DUPFD", unix.F_DUPFD, "as dup"),
				v("F_DUPFD_CLOEXEC", unix.F_DUPFD_CLOEXEC, "os.dup"),
				v("F_GETFD", unix.F_GETFD, "os.get_inheritable"),
				v("F_SETFD", unix.F_SETFD, "os.set_inheritable"),
				v("F_GETFL", unix.F_GETFL, "os.get_blocking"),
				{Name: "F_SETFL", Value: unix.F_SETFL, Why: "os.set_blocking", Then: []Test{
					{Argument: 2, Name: "flags", Bits: openFlags, Else: EINVAL},
				}},
				v("F_GETLK", unix.F_GETLK, "sqlite asks before it writes; no cell has a lock, so the answer is that there is none"),
				v("F_OFD_GETLK", unix.F_OFD_GETLK, "as F_GETLK"),
				instead("F_SETLK", unix.F_SETLK, Nothing, "see Locks"),
				instead("F_SETLKW", unix.F_SETLKW, Nothing, "see Locks"),
				instead("F_OFD_SETLK", unix.F_OFD_SETLK, Nothing, "see Locks"),
				instead("F_OFD_SETLKW", unix.F_OFD_SETLKW, Nothing, "see Locks"),
				v("F_GETPIPE_SZ", unix.F_GETPIPE_SZ, "a number"),
				{Name: "F_SETPIPE_SZ", Value: unix.F_SETPIPE_SZ, Why: "subprocess, for less than a pipe has; the kernel counts pipe pages for a uid", Then: []Test{
					{Argument: 2, Name: "bytes", Most: 1 << 16, Else: EPERM},
				}},
				v("F_GET_SEALS", unix.F_GET_SEALS, "a number"),
				{Name: "F_ADD_SEALS", Value: unix.F_ADD_SEALS, Why: "shared buffers", Then: []Test{{Argument: 2, Name: "seals", Else: EPERM, Bits: []Value{
					v("F_SEAL_SEAL", unix.F_SEAL_SEAL, "no more seals"),
					v("F_SEAL_SHRINK", unix.F_SEAL_SHRINK, "the size"),
					v("F_SEAL_GROW", unix.F_SEAL_GROW, "the size"),
					v("F_SEAL_FUTURE_WRITE", unix.F_SEAL_FUTURE_WRITE, "the content, for new descriptors"),
				}}}},
			}}},
			Why: "not allowed: F_NOTIFY (observes and slows others' reads), F_SETLEASE (blocks the host's writers), F_SETOWN, F_SETSIG and their relatives (signals for input), " +
				"F_SEAL_WRITE (drains every processor's lists), F_SET_RW_HINT, F_DUPFD_QUERY",
		},
		{
			Name: "ioctl", Number: unix.SYS_IOCTL, Tests: []Test{{Argument: 1, Name: "request", Else: ENOTTY, Values: ioctls}},
			Why: "not allowed: TIOCSTI and TIOCLINUX (inject keys into a terminal), TIOCSETD (loads line disciplines), FIOASYNC (signals for input), " +
				"and every request of a file system, a device, a pidfd or a namespace",
		},
		{
			Name: "fallocate", Number: unix.SYS_FALLOCATE, Tests: []Test{{Argument: 1, Name: "mode", Else: EOPNOTSUPP, Bits: []Value{
				v("FALLOC_FL_KEEP_SIZE", unix.FALLOC_FL_KEEP_SIZE, "databases; os.posix_fallocate is mode 0"),
				v("FALLOC_FL_PUNCH_HOLE", unix.FALLOC_FL_PUNCH_HOLE, "databases release space"),
			}}},
			Why: "not allowed: what tmpfs does not support",
		},
		{
			Name: "fadvise64", Number: unix.SYS_FADVISE64, Tests: []Test{{Argument: 3, Name: "advice", Else: EINVAL, Values: []Value{
				v("POSIX_FADV_NORMAL", unix.FADV_NORMAL, "this descriptor only"),
				v("POSIX_FADV_RANDOM", unix.FADV_RANDOM, "this descriptor only"),
				v("POSIX_FADV_SEQUENTIAL", unix.FADV_SEQUENTIAL, "this descriptor only"),
				instead("POSIX_FADV_WILLNEED", unix.FADV_WILLNEED, Nothing, "a hint; otherwise a way to start disk reads that nobody waits for"),
				instead("POSIX_FADV_DONTNEED", unix.FADV_DONTNEED, Nothing, "a hint; otherwise it evicts pages of shared files and so shows who reads them"),
				instead("POSIX_FADV_NOREUSE", unix.FADV_NOREUSE, Nothing, "a hint"),
			}}},
		},
		nothing("readahead", unix.SYS_READAHEAD).because("a hint, like POSIX_FADV_WILLNEED"),
		refuse("sendfile", unix.SYS_SENDFILE, ENOSYS).because("puts pages of a file into a pipe, like splice; shutil, socket and asyncio then copy"),
	}, filesOfArch...),
}

// ioctls are what a program asks of a terminal or a pipe, ioctl_list(2).
var ioctls = []Value{
	v("TCGETS", unix.TCGETS, "isatty"),
	v("TCSETS", unix.TCSETS, "termios"),
	v("TCSETSW", unix.TCSETSW, "termios"),
	v("TCSETSF", unix.TCSETSF, "termios"),
	v("TCGETS2", unix.TCGETS2, "isatty, from glibc 2.42 on"),
	v("TCSETS2", unix.TCSETS2, "termios, from glibc 2.42 on"),
	v("TCSETSW2", unix.TCSETSW2, "termios, from glibc 2.42 on"),
	v("TCSETSF2", unix.TCSETSF2, "termios, from glibc 2.42 on"),
	v("TCSBRK", unix.TCSBRK, "termios.tcdrain"),
	v("TCXONC", unix.TCXONC, "termios.tcflow"),
	v("TCFLSH", unix.TCFLSH, "termios.tcflush"),
	v("TIOCGWINSZ", unix.TIOCGWINSZ, "os.get_terminal_size"),
	v("TIOCSWINSZ", unix.TIOCSWINSZ, "programs on a terminal of their own"),
	v("TIOCGPGRP", unix.TIOCGPGRP, "job control of shells"),
	v("TIOCSPGRP", unix.TIOCSPGRP, "job control of shells"),
	v("TIOCGSID", unix.TIOCGSID, "job control of shells"),
	v("TIOCSCTTY", unix.TIOCSCTTY, "the worker takes the cell's terminal; pty.fork"),
	v("TIOCNOTTY", unix.TIOCNOTTY, "daemons"),
	v("FIONREAD", unix.TIOCINQ, "how much there is to read"),
	v("TIOCOUTQ", unix.TIOCOUTQ, "how much there is to write"),
	v("FIONBIO", 0x5421, "socket.setblocking"), // x/sys/unix has no names for these three
	v("FIOCLEX", 0x5451, "os.set_inheritable"),
	v("FIONCLEX", 0x5450, "os.set_inheritable"),
}

var locks = Group{
	Title: "Locks",
	Why: "The kernel attaches locks to the file, and cells share the host's read-only files with each other and with the host. A filter sees a descriptor's number, not its file. " +
		"So locking succeeds, and no lock of a cell reaches the kernel.",
	Calls: []Call{
		nothing("flock", unix.SYS_FLOCK),
	},
}

var flushes = Group{
	Title: "Flushes",
	Why:   "A cell's own files are in memory, so nothing needs to be written. On a host file, even one that is open only for reading, these flush the host's disk.",
	Calls: []Call{
		nothing("fsync", unix.SYS_FSYNC), nothing("fdatasync", unix.SYS_FDATASYNC), nothing("sync_file_range", unix.SYS_SYNC_FILE_RANGE),
		nothing("sync", unix.SYS_SYNC), nothing("syncfs", unix.SYS_SYNCFS),
	},
}

var names = Group{
	Title: "Names",
	Why:   "Looks up and changes names. Mounts and permissions say where; a cell may write only in its own tmpfs.",
	Calls: append([]Call{
		plain("fstat", unix.SYS_FSTAT), plain("newfstatat", unix.SYS_NEWFSTATAT),
		plain("statx", unix.SYS_STATX).because("AT_STATX_FORCE_SYNC asks a network file server no more than open does"),
		plain("statfs", unix.SYS_STATFS), plain("fstatfs", unix.SYS_FSTATFS), plain("faccessat", unix.SYS_FACCESSAT),
		plain("faccessat2", unix.SYS_FACCESSAT2), plain("chdir", unix.SYS_CHDIR), plain("fchdir", unix.SYS_FCHDIR),
		plain("getcwd", unix.SYS_GETCWD), plain("mkdirat", unix.SYS_MKDIRAT), plain("unlinkat", unix.SYS_UNLINKAT),
		plain("renameat", unix.SYS_RENAMEAT), plain("symlinkat", unix.SYS_SYMLINKAT), plain("readlinkat", unix.SYS_READLINKAT),
		plain("fchmod", unix.SYS_FCHMOD), plain("fchmodat", unix.SYS_FCHMODAT), plain("fchown", unix.SYS_FCHOWN),
		plain("fchownat", unix.SYS_FCHOWNAT), plain("utimensat", unix.SYS_UTIMENSAT), plain("umask", unix.SYS_UMASK),
		plain("getdents64", unix.SYS_GETDENTS64), plain("getxattr", unix.SYS_GETXATTR), plain("lgetxattr", unix.SYS_LGETXATTR),
		plain("fgetxattr", unix.SYS_FGETXATTR), plain("listxattr", unix.SYS_LISTXATTR), plain("llistxattr", unix.SYS_LLISTXATTR),
		plain("flistxattr", unix.SYS_FLISTXATTR),
		{Name: "renameat2", Number: unix.SYS_RENAMEAT2, Tests: []Test{{Argument: 4, Name: "flags", Else: EINVAL, Bits: []Value{
			v("RENAME_NOREPLACE", unix.RENAME_NOREPLACE, "mv -n"),
			v("RENAME_EXCHANGE", unix.RENAME_EXCHANGE, "swaps two files"),
		}}}, Why: "not allowed: RENAME_WHITEOUT, which makes a device node"},
		{Name: "linkat", Number: unix.SYS_LINKAT, Tests: []Test{{Argument: 4, Name: "flags", Else: EINVAL, Bits: []Value{
			v("AT_SYMLINK_FOLLOW", unix.AT_SYMLINK_FOLLOW, "os.link"),
		}}}},
		judgeMknod("mknodat", unix.SYS_MKNODAT, 2),
	}, namesOfArch...),
}

// judgeMknod lets files be made, but no devices.
func judgeMknod(name string, number, argument uint32) Call {
	return Call{Name: name, Number: number, Tests: []Test{{Argument: argument, Name: "type", Mask: unix.S_IFMT, Else: EPERM, Values: []Value{
		v("0", 0, "an ordinary file"),
		v("S_IFREG", unix.S_IFREG, "an ordinary file"),
		v("S_IFIFO", unix.S_IFIFO, "os.mkfifo"),
	}}}}
}
