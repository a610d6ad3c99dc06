package seccomp

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_X86_64

// What only amd64 has, and flags whose values differ.

var protectionsOfArch []Value

var mapFlagsOfArch = []Value{v("MAP_32BIT", unix.MAP_32BIT, "compilers that make code near other code (amd64)")}

// asm-generic/fcntl.h; x/sys/unix has libc's 0.
var openFlagsOfArch = []Value{v("O_LARGEFILE", 0x8000, "libc sets it")}

var filesOfArch = []Call{
	judgeOpen("open", unix.SYS_OPEN, 1), plain("creat", unix.SYS_CREAT), plain("dup2", unix.SYS_DUP2),
}

var namesOfArch = []Call{
	plain("stat", unix.SYS_STAT), plain("lstat", unix.SYS_LSTAT), plain("access", unix.SYS_ACCESS), plain("mkdir", unix.SYS_MKDIR),
	plain("rmdir", unix.SYS_RMDIR), plain("unlink", unix.SYS_UNLINK), plain("rename", unix.SYS_RENAME), plain("link", unix.SYS_LINK),
	plain("symlink", unix.SYS_SYMLINK), plain("readlink", unix.SYS_READLINK), judgeMknod("mknod", unix.SYS_MKNOD, 1),
	plain("chmod", unix.SYS_CHMOD), plain("chown", unix.SYS_CHOWN), plain("lchown", unix.SYS_LCHOWN), plain("utime", unix.SYS_UTIME),
	plain("utimes", unix.SYS_UTIMES), plain("futimesat", unix.SYS_FUTIMESAT), plain("getdents", unix.SYS_GETDENTS),
}

var channelsOfArch = []Call{
	plain("pipe", unix.SYS_PIPE), plain("eventfd", unix.SYS_EVENTFD), plain("signalfd", unix.SYS_SIGNALFD),
}

var waitingOfArch = []Call{
	plain("poll", unix.SYS_POLL), plain("select", unix.SYS_SELECT), plain("epoll_create", unix.SYS_EPOLL_CREATE),
	plain("epoll_wait", unix.SYS_EPOLL_WAIT), plain("pause", unix.SYS_PAUSE),
}

var processesOfArch = []Call{
	plain("fork", unix.SYS_FORK), plain("vfork", unix.SYS_VFORK), plain("getpgrp", unix.SYS_GETPGRP),
	{
		// asm/prctl.h
		Name: "arch_prctl", Number: unix.SYS_ARCH_PRCTL, Tests: []Test{{Argument: 0, Name: "command", Else: EINVAL, Values: []Value{
			v("ARCH_SET_FS", 0x1002, "libc initializes the first thread"),
		}}},
		Why: "not allowed: ARCH_REQ_XCOMP_PERM (AMX: 8 KiB more state for each thread), shadow stacks, ARCH_SET_CPUID, ARCH_SET_GS",
	},
}

var sharedUIDOfArch = []Call{refuse("epoll_create", unix.SYS_EPOLL_CREATE, ENOSYS)}

var clocksOfArch = []Call{plain("time", unix.SYS_TIME), plain("alarm", unix.SYS_ALARM)}

var refusedOfArch = []Call{
	deny("iopl", unix.SYS_IOPL), deny("ioperm", unix.SYS_IOPERM), deny("modify_ldt", unix.SYS_MODIFY_LDT),
	deny("uselib", unix.SYS_USELIB), deny("inotify_init", unix.SYS_INOTIFY_INIT),
}
