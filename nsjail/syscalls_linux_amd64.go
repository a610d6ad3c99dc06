package nsjail

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_X86_64

// allowedCallsOfArch are those of allowedCalls that only amd64 has.
var allowedCallsOfArch = []syscallEntry{
	// files
	{"open", unix.SYS_OPEN}, {"creat", unix.SYS_CREAT}, {"dup2", unix.SYS_DUP2},
	// names
	{"stat", unix.SYS_STAT}, {"lstat", unix.SYS_LSTAT}, {"access", unix.SYS_ACCESS}, {"mkdir", unix.SYS_MKDIR},
	{"rmdir", unix.SYS_RMDIR}, {"unlink", unix.SYS_UNLINK}, {"rename", unix.SYS_RENAME}, {"link", unix.SYS_LINK},
	{"symlink", unix.SYS_SYMLINK}, {"readlink", unix.SYS_READLINK}, {"mknod", unix.SYS_MKNOD},
	{"chmod", unix.SYS_CHMOD}, {"chown", unix.SYS_CHOWN}, {"lchown", unix.SYS_LCHOWN}, {"utime", unix.SYS_UTIME},
	{"utimes", unix.SYS_UTIMES}, {"futimesat", unix.SYS_FUTIMESAT}, {"getdents", unix.SYS_GETDENTS},
	// channels
	{"pipe", unix.SYS_PIPE}, {"eventfd", unix.SYS_EVENTFD}, {"signalfd", unix.SYS_SIGNALFD},
	// waiting
	{"poll", unix.SYS_POLL}, {"select", unix.SYS_SELECT}, {"epoll_create", unix.SYS_EPOLL_CREATE},
	{"epoll_wait", unix.SYS_EPOLL_WAIT}, {"pause", unix.SYS_PAUSE},
	// processes
	{"fork", unix.SYS_FORK}, {"vfork", unix.SYS_VFORK}, {"getpgrp", unix.SYS_GETPGRP},
	{"arch_prctl", unix.SYS_ARCH_PRCTL},
	// clocks
	{"time", unix.SYS_TIME}, {"alarm", unix.SYS_ALARM},
}

// deniedCallsOfArch are those of deniedCalls that only amd64 has.
var deniedCallsOfArch = []syscallEntry{
	// kernel
	{"iopl", unix.SYS_IOPL}, {"ioperm", unix.SYS_IOPERM}, {"modify_ldt", unix.SYS_MODIFY_LDT},
	{"uselib", unix.SYS_USELIB},
	// watches
	{"inotify_init", unix.SYS_INOTIFY_INIT},
}
