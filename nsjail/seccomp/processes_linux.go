package seccomp

import "golang.org/x/sys/unix"

// wholeProcess says whose priority it is: one process', and not that of all of a
// user or a group, for which the kernel walks the machine's processes.
var wholeProcess = []Value{v("PRIO_PROCESS", unix.PRIO_PROCESS, "os.nice")}

var processes = Group{
	Title: "Processes",
	Why:   "The cell's own processes and threads, which its cgroup counts.",
	Calls: append([]Call{
		plain("execve", unix.SYS_EXECVE), plain("exit", unix.SYS_EXIT), plain("exit_group", unix.SYS_EXIT_GROUP),
		plain("wait4", unix.SYS_WAIT4), plain("waitid", unix.SYS_WAITID), plain("set_tid_address", unix.SYS_SET_TID_ADDRESS),
		plain("set_robust_list", unix.SYS_SET_ROBUST_LIST), plain("rseq", unix.SYS_RSEQ), plain("gettid", unix.SYS_GETTID),
		plain("getpid", unix.SYS_GETPID), plain("getppid", unix.SYS_GETPPID), plain("getpgid", unix.SYS_GETPGID),
		plain("setpgid", unix.SYS_SETPGID), plain("getsid", unix.SYS_GETSID), plain("setsid", unix.SYS_SETSID),
		plain("getcpu", unix.SYS_GETCPU), plain("sched_getaffinity", unix.SYS_SCHED_GETAFFINITY),
		plain("sched_getparam", unix.SYS_SCHED_GETPARAM), plain("sched_getscheduler", unix.SYS_SCHED_GETSCHEDULER),
		plain("sched_get_priority_max", unix.SYS_SCHED_GET_PRIORITY_MAX),
		plain("sched_get_priority_min", unix.SYS_SCHED_GET_PRIORITY_MIN),
		plain("sched_rr_get_interval", unix.SYS_SCHED_RR_GET_INTERVAL),
		{Name: "execveat", Number: unix.SYS_EXECVEAT, Tests: []Test{{Argument: 4, Name: "flags", Else: EINVAL, Bits: []Value{
			v("AT_EMPTY_PATH", unix.AT_EMPTY_PATH, "os.execve of a descriptor"),
			v("AT_SYMLINK_NOFOLLOW", unix.AT_SYMLINK_NOFOLLOW, "follows no link"),
		}}}},
		{
			Name: "clone", Number: unix.SYS_CLONE, Tests: []Test{{Argument: 0, Name: "flags", Else: EPERM, Bits: []Value{
				v("CSIGNAL", 0xff, "the signal at a child's end; fork and posix_spawn"),
				v("CLONE_VM", unix.CLONE_VM, "threads, posix_spawn"),
				v("CLONE_FS", unix.CLONE_FS, "threads"),
				v("CLONE_FILES", unix.CLONE_FILES, "threads"),
				v("CLONE_SIGHAND", unix.CLONE_SIGHAND, "threads"),
				v("CLONE_VFORK", unix.CLONE_VFORK, "posix_spawn, subprocess"),
				v("CLONE_THREAD", unix.CLONE_THREAD, "threads"),
				v("CLONE_SYSVSEM", unix.CLONE_SYSVSEM, "threads"),
				v("CLONE_SETTLS", unix.CLONE_SETTLS, "threads"),
				v("CLONE_PARENT_SETTID", unix.CLONE_PARENT_SETTID, "threads"),
				v("CLONE_CHILD_SETTID", unix.CLONE_CHILD_SETTID, "fork"),
				v("CLONE_CHILD_CLEARTID", unix.CLONE_CHILD_CLEARTID, "fork, threads"),
				v("CLONE_DETACHED", unix.CLONE_DETACHED, "threads of musl; the kernel ignores it"),
				v("CLONE_PIDFD", unix.CLONE_PIDFD, "as pidfd_open"),
			}}},
			Why: "not allowed: namespaces (CLONE_NEW*), CLONE_PARENT, CLONE_PTRACE, CLONE_UNTRACED, CLONE_IO",
		},
		{
			Name: "prctl", Number: unix.SYS_PRCTL, Tests: []Test{{Argument: 0, Name: "option", Else: EPERM, Values: []Value{
				v("PR_SET_NAME", unix.PR_SET_NAME, "names of threads"),
				v("PR_GET_NAME", unix.PR_GET_NAME, "names of threads"),
				v("PR_SET_PDEATHSIG", unix.PR_SET_PDEATHSIG, "children end with their parent"),
				v("PR_GET_PDEATHSIG", unix.PR_GET_PDEATHSIG, "a number"),
				v("PR_GET_DUMPABLE", unix.PR_GET_DUMPABLE, "a number"),
				v("PR_GET_NO_NEW_PRIVS", unix.PR_GET_NO_NEW_PRIVS, "a number"),
				v("PR_GET_SECCOMP", unix.PR_GET_SECCOMP, "a number"),
				v("PR_CAPBSET_READ", unix.PR_CAPBSET_READ, "a number"),
				v("PR_GET_KEEPCAPS", unix.PR_GET_KEEPCAPS, "a number"),
				v("PR_GET_TIMERSLACK", unix.PR_GET_TIMERSLACK, "a number"),
			}}},
			Why: "not allowed: every option that changes more than a name, and PR_SET_VMA, whose names use memory charged to nobody",
		},
		{Name: "setpriority", Number: unix.SYS_SETPRIORITY, Tests: []Test{{Argument: 0, Name: "which", Else: EPERM, Values: wholeProcess}}},
		{Name: "getpriority", Number: unix.SYS_GETPRIORITY, Tests: []Test{{Argument: 0, Name: "which", Else: EINVAL, Values: wholeProcess}}},
		refuse("sched_setaffinity", unix.SYS_SCHED_SETAFFINITY, EPERM).because("a kernel thread performs each move to another processor, and its time is charged to nobody"),
		refuse("get_robust_list", unix.SYS_GET_ROBUST_LIST, EPERM).because("for debuggers"),
	}, processesOfArch...),
}
