package seccomp

import "golang.org/x/sys/unix"

// table returns the table. What is in none of its groups gets ENOSYS, as on an
// older kernel: so does clone3, whose flags are behind a pointer, and glibc then
// uses clone.
//
// Names and numbers are those of syscalls(2) and of the kernel's tables. What
// each command does is taken from the man page of the call.
func table() []Group {
	return append([]Group{memory, files, locks, flushes, names, channels, waiting, processes, signals, identity, clocks}, refused...)
}

// sharedUIDGroup has the calls that are refused where all cells share one uid of the
// host (uids: single), in place of their rows in the table.
func sharedUIDGroup() Group {
	return Group{
		Title: "With one uid for all cells",
		Why: "The kernel counts epoll watches by uid, and hotcell shares the cells' uid: a cell could take the watches that the service needs to accept connections. " +
			"Python's selectors and asyncio then use poll.",
		Calls: append([]Call{refuse("epoll_create1", unix.SYS_EPOLL_CREATE1, ENOSYS)}, sharedUIDOfArch...),
	}
}

var waiting = Group{
	Title: "Waiting",
	Why:   "Waits for the cell's own descriptors, threads and timers.",
	Calls: append([]Call{
		plain("ppoll", unix.SYS_PPOLL), plain("pselect6", unix.SYS_PSELECT6), plain("epoll_create1", unix.SYS_EPOLL_CREATE1),
		plain("epoll_ctl", unix.SYS_EPOLL_CTL), plain("epoll_pwait", unix.SYS_EPOLL_PWAIT),
		plain("epoll_pwait2", unix.SYS_EPOLL_PWAIT2), plain("nanosleep", unix.SYS_NANOSLEEP),
		plain("restart_syscall", unix.SYS_RESTART_SYSCALL), plain("sched_yield", unix.SYS_SCHED_YIELD),
		{Name: "clock_nanosleep", Number: unix.SYS_CLOCK_NANOSLEEP, Tests: []Test{{Argument: 0, Name: "clock", Else: EINVAL, Values: plainClocks}}},
		{
			// linux/futex.h
			Name: "futex", Number: unix.SYS_FUTEX, Tests: []Test{{Argument: 1, Name: "operation", Mask: ^uint32(futexPrivate), Else: ENOSYS, Values: []Value{
				v("FUTEX_WAIT", 0, "locks of libraries"),
				v("FUTEX_WAKE", 1, "as above"),
				v("FUTEX_REQUEUE", 3, "condition variables of musl"),
				v("FUTEX_WAIT_BITSET", 9, "glibc's locks, with a deadline"),
				v("FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME", 9|256, "as above, by the time of day"),
				v("FUTEX_WAKE_BITSET", 10, "goes with it"),
			}}},
			Why: "FUTEX_PRIVATE_FLAG goes with each; not allowed: priority inheritance (LOCK_PI and its relatives), CMP_REQUEUE, WAKE_OP, FD",
		},
		refuse("futex_waitv", unix.SYS_FUTEX_WAITV, ENOSYS).because("no Python library waits for several futexes"),
	}, waitingOfArch...),
}

// futexPrivate is FUTEX_PRIVATE_FLAG.
const futexPrivate = 128

var signals = Group{
	Title: "Signals",
	Why:   "Signals within the cell's own pid namespace.",
	Calls: []Call{
		plain("rt_sigaction", unix.SYS_RT_SIGACTION), plain("rt_sigprocmask", unix.SYS_RT_SIGPROCMASK),
		plain("rt_sigpending", unix.SYS_RT_SIGPENDING), plain("rt_sigreturn", unix.SYS_RT_SIGRETURN),
		plain("rt_sigsuspend", unix.SYS_RT_SIGSUSPEND), plain("rt_sigtimedwait", unix.SYS_RT_SIGTIMEDWAIT),
		plain("rt_sigqueueinfo", unix.SYS_RT_SIGQUEUEINFO), plain("rt_tgsigqueueinfo", unix.SYS_RT_TGSIGQUEUEINFO),
		plain("sigaltstack", unix.SYS_SIGALTSTACK),
		plain("kill", unix.SYS_KILL), plain("tkill", unix.SYS_TKILL), plain("tgkill", unix.SYS_TGKILL),
		{Name: "pidfd_open", Number: unix.SYS_PIDFD_OPEN, Tests: []Test{{Argument: 1, Name: "flags", Else: EINVAL, Bits: []Value{
			v("PIDFD_NONBLOCK", unix.PIDFD_NONBLOCK, "asyncio, for subprocesses"),
		}}}},
		{Name: "pidfd_send_signal", Number: unix.SYS_PIDFD_SEND_SIGNAL, Tests: []Test{{Argument: 3, Name: "flags", Else: EINVAL, Bits: none}}},
	},
}

var identity = Group{
	Title: "Identity and limits",
	Why:   "Reports a process's identity. Limits can only be lowered.",
	Calls: []Call{
		plain("getuid", unix.SYS_GETUID), plain("geteuid", unix.SYS_GETEUID), plain("getgid", unix.SYS_GETGID),
		plain("getegid", unix.SYS_GETEGID), plain("getresuid", unix.SYS_GETRESUID), plain("getresgid", unix.SYS_GETRESGID),
		plain("getgroups", unix.SYS_GETGROUPS), plain("capget", unix.SYS_CAPGET), plain("uname", unix.SYS_UNAME),
		plain("sysinfo", unix.SYS_SYSINFO), plain("getrusage", unix.SYS_GETRUSAGE), plain("getrlimit", unix.SYS_GETRLIMIT),
		plain("setrlimit", unix.SYS_SETRLIMIT), plain("prlimit64", unix.SYS_PRLIMIT64), plain("times", unix.SYS_TIMES),
		plain("getrandom", unix.SYS_GETRANDOM),
	},
}

// plainClocks can be slept on and can drive timers. The clocks that wake a
// sleeping machine, and those of other processes, are left out.
var plainClocks = []Value{
	v("CLOCK_REALTIME", unix.CLOCK_REALTIME, "the time of day"),
	v("CLOCK_MONOTONIC", unix.CLOCK_MONOTONIC, "time.sleep, threading, asyncio"),
	v("CLOCK_BOOTTIME", unix.CLOCK_BOOTTIME, "as CLOCK_MONOTONIC, including the time that the machine slept"),
}

var clocks = Group{
	Title: "Clocks and timers",
	Why:   "Reads clocks; signals or wakes the cell itself. RLIMIT_SIGPENDING bounds the timers of timer_create.",
	Calls: append([]Call{
		plain("gettimeofday", unix.SYS_GETTIMEOFDAY), plain("clock_gettime", unix.SYS_CLOCK_GETTIME),
		plain("clock_getres", unix.SYS_CLOCK_GETRES), plain("getitimer", unix.SYS_GETITIMER),
		plain("setitimer", unix.SYS_SETITIMER), plain("timer_settime", unix.SYS_TIMER_SETTIME),
		plain("timer_gettime", unix.SYS_TIMER_GETTIME), plain("timer_getoverrun", unix.SYS_TIMER_GETOVERRUN),
		plain("timer_delete", unix.SYS_TIMER_DELETE), plain("timerfd_gettime", unix.SYS_TIMERFD_GETTIME),
		{Name: "timer_create", Number: unix.SYS_TIMER_CREATE, Tests: []Test{{Argument: 0, Name: "clock", Else: EINVAL, Values: append([]Value{
			v("CLOCK_PROCESS_CPUTIME_ID", unix.CLOCK_PROCESS_CPUTIME_ID, "profilers"),
			v("CLOCK_THREAD_CPUTIME_ID", unix.CLOCK_THREAD_CPUTIME_ID, "profilers"),
		}, plainClocks...)}}},
		{Name: "timerfd_create", Number: unix.SYS_TIMERFD_CREATE, Tests: []Test{{Argument: 0, Name: "clock", Else: EINVAL, Values: plainClocks}}},
		{
			Name: "timerfd_settime", Number: unix.SYS_TIMERFD_SETTIME, Tests: []Test{{Argument: 1, Name: "flags", Else: EINVAL, Bits: []Value{
				v("TFD_TIMER_ABSTIME", unix.TFD_TIMER_ABSTIME, "a deadline"),
			}}},
			Why: "not allowed: TFD_TIMER_CANCEL_ON_SET, a list that the host walks when someone sets its clock",
		},
	}, clocksOfArch...),
}

// none is a list of flags without one.
var none = []Value{}

func v(name string, value uint32, why string) Value { return Value{Name: name, Value: value, Why: why} }

func instead(name string, value uint32, answer Answer, why string) Value {
	return Value{Name: name, Value: value, Why: why, Answer: answer}
}

func plain(name string, number uint32) Call { return Call{Name: name, Number: number} }

func nothing(name string, number uint32) Call {
	return Call{Name: name, Number: number, Answer: Nothing}
}

func refuse(name string, number uint32, answer Answer) Call {
	return Call{Name: name, Number: number, Answer: answer}
}

func (c Call) because(why string) Call {
	c.Why = why
	return c
}
