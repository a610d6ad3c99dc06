package nsjail

import "golang.org/x/sys/unix"

// The system calls of a cell: one table, from which the filter is made. What is
// in none of the lists answers ENOSYS, as it would on an older kernel, so that
// libc falls back; clone3 is left out for that reason. clone, ioctl, prctl and
// socketpair are decided by their arguments, in seccomp_linux.go.
//
// Names and numbers: syscalls(2) and the tables of the kernel.

type syscallEntry struct {
	name   string
	number uint32
}

// allowedCalls are what a Python that computes needs.
var allowedCalls = append([]syscallEntry{
	// memory
	{"mmap", unix.SYS_MMAP}, {"mprotect", unix.SYS_MPROTECT}, {"munmap", unix.SYS_MUNMAP}, {"mremap", unix.SYS_MREMAP},
	{"madvise", unix.SYS_MADVISE}, {"mincore", unix.SYS_MINCORE}, {"msync", unix.SYS_MSYNC}, {"brk", unix.SYS_BRK},
	{"mlock", unix.SYS_MLOCK}, {"munlock", unix.SYS_MUNLOCK}, {"membarrier", unix.SYS_MEMBARRIER},
	// files
	{"openat", unix.SYS_OPENAT}, {"openat2", unix.SYS_OPENAT2}, {"close", unix.SYS_CLOSE},
	{"close_range", unix.SYS_CLOSE_RANGE}, {"read", unix.SYS_READ}, {"write", unix.SYS_WRITE},
	{"readv", unix.SYS_READV}, {"writev", unix.SYS_WRITEV}, {"pread64", unix.SYS_PREAD64},
	{"pwrite64", unix.SYS_PWRITE64}, {"preadv", unix.SYS_PREADV}, {"pwritev", unix.SYS_PWRITEV},
	{"preadv2", unix.SYS_PREADV2}, {"pwritev2", unix.SYS_PWRITEV2}, {"lseek", unix.SYS_LSEEK}, {"dup", unix.SYS_DUP},
	{"dup3", unix.SYS_DUP3}, {"fcntl", unix.SYS_FCNTL}, {"flock", unix.SYS_FLOCK}, {"fsync", unix.SYS_FSYNC},
	{"fdatasync", unix.SYS_FDATASYNC}, {"fallocate", unix.SYS_FALLOCATE}, {"ftruncate", unix.SYS_FTRUNCATE},
	{"truncate", unix.SYS_TRUNCATE}, {"fadvise64", unix.SYS_FADVISE64}, {"readahead", unix.SYS_READAHEAD},
	{"sync_file_range", unix.SYS_SYNC_FILE_RANGE}, {"copy_file_range", unix.SYS_COPY_FILE_RANGE},
	{"sendfile", unix.SYS_SENDFILE},
	// names
	{"fstat", unix.SYS_FSTAT}, {"newfstatat", unix.SYS_NEWFSTATAT}, {"statx", unix.SYS_STATX},
	{"statfs", unix.SYS_STATFS}, {"fstatfs", unix.SYS_FSTATFS}, {"faccessat", unix.SYS_FACCESSAT},
	{"faccessat2", unix.SYS_FACCESSAT2}, {"chdir", unix.SYS_CHDIR}, {"fchdir", unix.SYS_FCHDIR},
	{"getcwd", unix.SYS_GETCWD}, {"mkdirat", unix.SYS_MKDIRAT}, {"unlinkat", unix.SYS_UNLINKAT},
	{"renameat", unix.SYS_RENAMEAT}, {"renameat2", unix.SYS_RENAMEAT2}, {"linkat", unix.SYS_LINKAT},
	{"symlinkat", unix.SYS_SYMLINKAT}, {"readlinkat", unix.SYS_READLINKAT}, {"mknodat", unix.SYS_MKNODAT},
	{"fchmod", unix.SYS_FCHMOD}, {"fchmodat", unix.SYS_FCHMODAT}, {"fchown", unix.SYS_FCHOWN},
	{"fchownat", unix.SYS_FCHOWNAT}, {"utimensat", unix.SYS_UTIMENSAT}, {"umask", unix.SYS_UMASK},
	{"getdents64", unix.SYS_GETDENTS64}, {"getxattr", unix.SYS_GETXATTR}, {"lgetxattr", unix.SYS_LGETXATTR},
	{"fgetxattr", unix.SYS_FGETXATTR}, {"listxattr", unix.SYS_LISTXATTR}, {"llistxattr", unix.SYS_LLISTXATTR},
	{"flistxattr", unix.SYS_FLISTXATTR},
	// channels
	{"pipe2", unix.SYS_PIPE2}, {"eventfd2", unix.SYS_EVENTFD2}, {"signalfd4", unix.SYS_SIGNALFD4},
	{"timerfd_create", unix.SYS_TIMERFD_CREATE}, {"timerfd_settime", unix.SYS_TIMERFD_SETTIME},
	{"timerfd_gettime", unix.SYS_TIMERFD_GETTIME}, {"memfd_create", unix.SYS_MEMFD_CREATE},
	{"sendto", unix.SYS_SENDTO}, {"recvfrom", unix.SYS_RECVFROM},
	{"sendmsg", unix.SYS_SENDMSG}, {"recvmsg", unix.SYS_RECVMSG}, {"sendmmsg", unix.SYS_SENDMMSG},
	{"recvmmsg", unix.SYS_RECVMMSG}, {"shutdown", unix.SYS_SHUTDOWN}, {"getsockopt", unix.SYS_GETSOCKOPT},
	{"setsockopt", unix.SYS_SETSOCKOPT}, {"getsockname", unix.SYS_GETSOCKNAME}, {"getpeername", unix.SYS_GETPEERNAME},
	// waiting
	{"ppoll", unix.SYS_PPOLL}, {"pselect6", unix.SYS_PSELECT6}, {"epoll_create1", unix.SYS_EPOLL_CREATE1},
	{"epoll_ctl", unix.SYS_EPOLL_CTL}, {"epoll_pwait", unix.SYS_EPOLL_PWAIT}, {"epoll_pwait2", unix.SYS_EPOLL_PWAIT2},
	{"futex", unix.SYS_FUTEX}, {"futex_waitv", unix.SYS_FUTEX_WAITV}, {"nanosleep", unix.SYS_NANOSLEEP},
	{"clock_nanosleep", unix.SYS_CLOCK_NANOSLEEP}, {"restart_syscall", unix.SYS_RESTART_SYSCALL},
	{"sched_yield", unix.SYS_SCHED_YIELD},
	// processes
	{"execve", unix.SYS_EXECVE}, {"execveat", unix.SYS_EXECVEAT}, {"exit", unix.SYS_EXIT},
	{"exit_group", unix.SYS_EXIT_GROUP}, {"wait4", unix.SYS_WAIT4}, {"waitid", unix.SYS_WAITID},
	{"kill", unix.SYS_KILL}, {"tkill", unix.SYS_TKILL}, {"tgkill", unix.SYS_TGKILL},
	{"pidfd_open", unix.SYS_PIDFD_OPEN}, {"pidfd_send_signal", unix.SYS_PIDFD_SEND_SIGNAL},
	{"set_tid_address", unix.SYS_SET_TID_ADDRESS}, {"set_robust_list", unix.SYS_SET_ROBUST_LIST},
	{"get_robust_list", unix.SYS_GET_ROBUST_LIST}, {"rseq", unix.SYS_RSEQ}, {"gettid", unix.SYS_GETTID},
	{"getpid", unix.SYS_GETPID}, {"getppid", unix.SYS_GETPPID}, {"getpgid", unix.SYS_GETPGID},
	{"setpgid", unix.SYS_SETPGID}, {"getsid", unix.SYS_GETSID}, {"setsid", unix.SYS_SETSID},
	{"getcpu", unix.SYS_GETCPU}, {"getpriority", unix.SYS_GETPRIORITY}, {"setpriority", unix.SYS_SETPRIORITY},
	{"sched_getaffinity", unix.SYS_SCHED_GETAFFINITY}, {"sched_setaffinity", unix.SYS_SCHED_SETAFFINITY},
	{"sched_getparam", unix.SYS_SCHED_GETPARAM}, {"sched_getscheduler", unix.SYS_SCHED_GETSCHEDULER},
	{"sched_get_priority_max", unix.SYS_SCHED_GET_PRIORITY_MAX},
	{"sched_get_priority_min", unix.SYS_SCHED_GET_PRIORITY_MIN},
	{"sched_rr_get_interval", unix.SYS_SCHED_RR_GET_INTERVAL},
	// signals
	{"rt_sigaction", unix.SYS_RT_SIGACTION}, {"rt_sigprocmask", unix.SYS_RT_SIGPROCMASK},
	{"rt_sigpending", unix.SYS_RT_SIGPENDING}, {"rt_sigreturn", unix.SYS_RT_SIGRETURN},
	{"rt_sigsuspend", unix.SYS_RT_SIGSUSPEND}, {"rt_sigtimedwait", unix.SYS_RT_SIGTIMEDWAIT},
	{"rt_sigqueueinfo", unix.SYS_RT_SIGQUEUEINFO}, {"rt_tgsigqueueinfo", unix.SYS_RT_TGSIGQUEUEINFO},
	{"sigaltstack", unix.SYS_SIGALTSTACK},
	// identity
	{"getuid", unix.SYS_GETUID}, {"geteuid", unix.SYS_GETEUID}, {"getgid", unix.SYS_GETGID},
	{"getegid", unix.SYS_GETEGID}, {"getresuid", unix.SYS_GETRESUID}, {"getresgid", unix.SYS_GETRESGID},
	{"getgroups", unix.SYS_GETGROUPS}, {"capget", unix.SYS_CAPGET}, {"uname", unix.SYS_UNAME},
	{"sysinfo", unix.SYS_SYSINFO}, {"getrusage", unix.SYS_GETRUSAGE}, {"getrlimit", unix.SYS_GETRLIMIT},
	{"setrlimit", unix.SYS_SETRLIMIT}, {"prlimit64", unix.SYS_PRLIMIT64}, {"times", unix.SYS_TIMES},
	// clocks
	{"gettimeofday", unix.SYS_GETTIMEOFDAY}, {"clock_gettime", unix.SYS_CLOCK_GETTIME},
	{"clock_getres", unix.SYS_CLOCK_GETRES}, {"getitimer", unix.SYS_GETITIMER}, {"setitimer", unix.SYS_SETITIMER},
	{"timer_create", unix.SYS_TIMER_CREATE}, {"timer_settime", unix.SYS_TIMER_SETTIME},
	{"timer_gettime", unix.SYS_TIMER_GETTIME}, {"timer_getoverrun", unix.SYS_TIMER_GETOVERRUN},
	{"timer_delete", unix.SYS_TIMER_DELETE},
	// randomness
	{"getrandom", unix.SYS_GETRANDOM},
}, allowedCallsOfArch...)

// deniedCalls are known, never needed, and answer EPERM.
var deniedCalls = append([]syscallEntry{
	// mounts and namespaces
	{"mount", unix.SYS_MOUNT}, {"umount2", unix.SYS_UMOUNT2}, {"pivot_root", unix.SYS_PIVOT_ROOT},
	{"chroot", unix.SYS_CHROOT}, {"unshare", unix.SYS_UNSHARE}, {"setns", unix.SYS_SETNS}, {"fsopen", unix.SYS_FSOPEN},
	{"fsconfig", unix.SYS_FSCONFIG}, {"fsmount", unix.SYS_FSMOUNT}, {"fspick", unix.SYS_FSPICK},
	{"move_mount", unix.SYS_MOVE_MOUNT}, {"open_tree", unix.SYS_OPEN_TREE}, {"mount_setattr", unix.SYS_MOUNT_SETATTR},
	{"swapon", unix.SYS_SWAPON}, {"swapoff", unix.SYS_SWAPOFF}, {"quotactl", unix.SYS_QUOTACTL},
	{"quotactl_fd", unix.SYS_QUOTACTL_FD}, {"statmount", unix.SYS_STATMOUNT}, {"listmount", unix.SYS_LISTMOUNT},
	// identity
	{"setuid", unix.SYS_SETUID}, {"setgid", unix.SYS_SETGID}, {"setreuid", unix.SYS_SETREUID},
	{"setregid", unix.SYS_SETREGID}, {"setresuid", unix.SYS_SETRESUID}, {"setresgid", unix.SYS_SETRESGID},
	{"setgroups", unix.SYS_SETGROUPS}, {"setfsuid", unix.SYS_SETFSUID}, {"setfsgid", unix.SYS_SETFSGID},
	{"capset", unix.SYS_CAPSET}, {"personality", unix.SYS_PERSONALITY}, {"seccomp", unix.SYS_SECCOMP},
	{"sethostname", unix.SYS_SETHOSTNAME}, {"setdomainname", unix.SYS_SETDOMAINNAME},
	// other processes
	{"ptrace", unix.SYS_PTRACE}, {"process_vm_readv", unix.SYS_PROCESS_VM_READV},
	{"process_vm_writev", unix.SYS_PROCESS_VM_WRITEV}, {"process_madvise", unix.SYS_PROCESS_MADVISE},
	{"process_mrelease", unix.SYS_PROCESS_MRELEASE}, {"pidfd_getfd", unix.SYS_PIDFD_GETFD}, {"kcmp", unix.SYS_KCMP},
	{"migrate_pages", unix.SYS_MIGRATE_PAGES}, {"move_pages", unix.SYS_MOVE_PAGES},
	// kernel
	{"bpf", unix.SYS_BPF}, {"perf_event_open", unix.SYS_PERF_EVENT_OPEN}, {"userfaultfd", unix.SYS_USERFAULTFD},
	{"io_uring_setup", unix.SYS_IO_URING_SETUP}, {"io_uring_enter", unix.SYS_IO_URING_ENTER},
	{"io_uring_register", unix.SYS_IO_URING_REGISTER}, {"add_key", unix.SYS_ADD_KEY}, {"keyctl", unix.SYS_KEYCTL},
	{"request_key", unix.SYS_REQUEST_KEY}, {"init_module", unix.SYS_INIT_MODULE},
	{"finit_module", unix.SYS_FINIT_MODULE}, {"delete_module", unix.SYS_DELETE_MODULE},
	{"kexec_load", unix.SYS_KEXEC_LOAD}, {"kexec_file_load", unix.SYS_KEXEC_FILE_LOAD}, {"syslog", unix.SYS_SYSLOG},
	{"acct", unix.SYS_ACCT}, {"reboot", unix.SYS_REBOOT}, {"lookup_dcookie", unix.SYS_LOOKUP_DCOOKIE},
	{"vhangup", unix.SYS_VHANGUP}, {"nfsservctl", unix.SYS_NFSSERVCTL}, {"memfd_secret", unix.SYS_MEMFD_SECRET},
	{"landlock_create_ruleset", unix.SYS_LANDLOCK_CREATE_RULESET}, {"landlock_add_rule", unix.SYS_LANDLOCK_ADD_RULE},
	{"landlock_restrict_self", unix.SYS_LANDLOCK_RESTRICT_SELF},
	// clocks
	{"settimeofday", unix.SYS_SETTIMEOFDAY}, {"clock_settime", unix.SYS_CLOCK_SETTIME},
	{"clock_adjtime", unix.SYS_CLOCK_ADJTIME}, {"adjtimex", unix.SYS_ADJTIMEX},
	// handles and watches
	{"name_to_handle_at", unix.SYS_NAME_TO_HANDLE_AT}, {"open_by_handle_at", unix.SYS_OPEN_BY_HANDLE_AT},
	{"fanotify_init", unix.SYS_FANOTIFY_INIT}, {"fanotify_mark", unix.SYS_FANOTIFY_MARK},
	{"inotify_init1", unix.SYS_INOTIFY_INIT1}, {"inotify_add_watch", unix.SYS_INOTIFY_ADD_WATCH}, // shows what siblings open
	{"inotify_rm_watch", unix.SYS_INOTIFY_RM_WATCH},
	// network
	{"socket", unix.SYS_SOCKET}, {"connect", unix.SYS_CONNECT}, {"bind", unix.SYS_BIND}, {"listen", unix.SYS_LISTEN},
	{"accept", unix.SYS_ACCEPT}, {"accept4", unix.SYS_ACCEPT4},
	// shared kernel objects
	{"shmget", unix.SYS_SHMGET}, {"shmat", unix.SYS_SHMAT}, {"shmctl", unix.SYS_SHMCTL}, {"shmdt", unix.SYS_SHMDT},
	{"semget", unix.SYS_SEMGET}, {"semop", unix.SYS_SEMOP}, {"semctl", unix.SYS_SEMCTL},
	{"semtimedop", unix.SYS_SEMTIMEDOP}, {"msgget", unix.SYS_MSGGET}, {"msgsnd", unix.SYS_MSGSND},
	{"msgrcv", unix.SYS_MSGRCV}, {"msgctl", unix.SYS_MSGCTL}, {"mq_open", unix.SYS_MQ_OPEN},
	{"mq_unlink", unix.SYS_MQ_UNLINK}, {"mq_timedsend", unix.SYS_MQ_TIMEDSEND},
	{"mq_timedreceive", unix.SYS_MQ_TIMEDRECEIVE}, {"mq_notify", unix.SYS_MQ_NOTIFY},
	{"mq_getsetattr", unix.SYS_MQ_GETSETATTR},
	// priorities and placement
	{"sched_setparam", unix.SYS_SCHED_SETPARAM}, {"sched_setscheduler", unix.SYS_SCHED_SETSCHEDULER},
	{"sched_setattr", unix.SYS_SCHED_SETATTR}, {"ioprio_set", unix.SYS_IOPRIO_SET}, {"mbind", unix.SYS_MBIND},
	{"set_mempolicy", unix.SYS_SET_MEMPOLICY}, {"set_mempolicy_home_node", unix.SYS_SET_MEMPOLICY_HOME_NODE},
	{"mlockall", unix.SYS_MLOCKALL},
	// pipes into the page cache
	{"splice", unix.SYS_SPLICE}, {"tee", unix.SYS_TEE}, {"vmsplice", unix.SYS_VMSPLICE},
	// whole disks
	{"sync", unix.SYS_SYNC}, {"syncfs", unix.SYS_SYNCFS},
	// attributes
	{"setxattr", unix.SYS_SETXATTR}, {"lsetxattr", unix.SYS_LSETXATTR}, {"fsetxattr", unix.SYS_FSETXATTR},
	{"removexattr", unix.SYS_REMOVEXATTR}, {"lremovexattr", unix.SYS_LREMOVEXATTR},
	{"fremovexattr", unix.SYS_FREMOVEXATTR},
	// asynchronous input and output
	{"io_setup", unix.SYS_IO_SETUP}, {"io_submit", unix.SYS_IO_SUBMIT}, {"io_cancel", unix.SYS_IO_CANCEL},
	{"io_getevents", unix.SYS_IO_GETEVENTS}, {"io_destroy", unix.SYS_IO_DESTROY},
	{"io_pgetevents", unix.SYS_IO_PGETEVENTS},
}, deniedCallsOfArch...)
