package seccomp

import "golang.org/x/sys/unix"

// refused are the calls that a cell never makes, and that are known not to be needed.
var refused = []Group{
	{
		Title: "Mounts and namespaces",
		Why:   "Would change what a cell sees.",
		Calls: []Call{
			deny("mount", unix.SYS_MOUNT), deny("umount2", unix.SYS_UMOUNT2), deny("pivot_root", unix.SYS_PIVOT_ROOT),
			deny("chroot", unix.SYS_CHROOT), deny("unshare", unix.SYS_UNSHARE).because("the argument 6, which the kernel does not know, ends the cell with SIGSYS, by which hotcell recognizes abort(3)"), deny("setns", unix.SYS_SETNS),
			deny("fsopen", unix.SYS_FSOPEN), deny("fsconfig", unix.SYS_FSCONFIG), deny("fsmount", unix.SYS_FSMOUNT),
			deny("fspick", unix.SYS_FSPICK), deny("move_mount", unix.SYS_MOVE_MOUNT), deny("open_tree", unix.SYS_OPEN_TREE),
			deny("mount_setattr", unix.SYS_MOUNT_SETATTR), deny("swapon", unix.SYS_SWAPON), deny("swapoff", unix.SYS_SWAPOFF),
			deny("quotactl", unix.SYS_QUOTACTL), deny("quotactl_fd", unix.SYS_QUOTACTL_FD), deny("statmount", unix.SYS_STATMOUNT),
			deny("listmount", unix.SYS_LISTMOUNT),
		},
	},
	{
		Title: "Changes of identity",
		Why:   "A cell keeps the uid, the capabilities and the filter that it was given.",
		Calls: []Call{
			deny("setuid", unix.SYS_SETUID), deny("setgid", unix.SYS_SETGID), deny("setreuid", unix.SYS_SETREUID),
			deny("setregid", unix.SYS_SETREGID), deny("setresuid", unix.SYS_SETRESUID), deny("setresgid", unix.SYS_SETRESGID),
			deny("setgroups", unix.SYS_SETGROUPS), deny("setfsuid", unix.SYS_SETFSUID), deny("setfsgid", unix.SYS_SETFSGID),
			deny("capset", unix.SYS_CAPSET), deny("personality", unix.SYS_PERSONALITY), deny("seccomp", unix.SYS_SECCOMP),
			deny("sethostname", unix.SYS_SETHOSTNAME), deny("setdomainname", unix.SYS_SETDOMAINNAME),
		},
	},
	{
		Title: "Other processes",
		Why:   "Reads or changes another process.",
		Calls: []Call{
			deny("ptrace", unix.SYS_PTRACE), deny("process_vm_readv", unix.SYS_PROCESS_VM_READV),
			deny("process_vm_writev", unix.SYS_PROCESS_VM_WRITEV), deny("process_madvise", unix.SYS_PROCESS_MADVISE),
			deny("process_mrelease", unix.SYS_PROCESS_MRELEASE), deny("pidfd_getfd", unix.SYS_PIDFD_GETFD),
			deny("kcmp", unix.SYS_KCMP), deny("migrate_pages", unix.SYS_MIGRATE_PAGES), deny("move_pages", unix.SYS_MOVE_PAGES),
		},
	},
	{
		Title: "The kernel",
		Why:   "Loads code into the kernel, or opens its largest interfaces.",
		Calls: append([]Call{
			deny("bpf", unix.SYS_BPF), deny("perf_event_open", unix.SYS_PERF_EVENT_OPEN), deny("userfaultfd", unix.SYS_USERFAULTFD),
			deny("io_uring_setup", unix.SYS_IO_URING_SETUP), deny("io_uring_enter", unix.SYS_IO_URING_ENTER),
			deny("io_uring_register", unix.SYS_IO_URING_REGISTER), deny("add_key", unix.SYS_ADD_KEY), deny("keyctl", unix.SYS_KEYCTL),
			deny("request_key", unix.SYS_REQUEST_KEY), deny("init_module", unix.SYS_INIT_MODULE),
			deny("finit_module", unix.SYS_FINIT_MODULE), deny("delete_module", unix.SYS_DELETE_MODULE),
			deny("kexec_load", unix.SYS_KEXEC_LOAD), deny("kexec_file_load", unix.SYS_KEXEC_FILE_LOAD),
			deny("syslog", unix.SYS_SYSLOG), deny("acct", unix.SYS_ACCT), deny("reboot", unix.SYS_REBOOT),
			deny("lookup_dcookie", unix.SYS_LOOKUP_DCOOKIE), deny("vhangup", unix.SYS_VHANGUP),
			deny("nfsservctl", unix.SYS_NFSSERVCTL), deny("memfd_secret", unix.SYS_MEMFD_SECRET),
			deny("landlock_create_ruleset", unix.SYS_LANDLOCK_CREATE_RULESET), deny("landlock_add_rule", unix.SYS_LANDLOCK_ADD_RULE),
			deny("landlock_restrict_self", unix.SYS_LANDLOCK_RESTRICT_SELF),
		}, refusedOfArch...),
	},
	{
		Title: "Setting clocks",
		Why:   "The clocks are the host's.",
		Calls: []Call{
			deny("settimeofday", unix.SYS_SETTIMEOFDAY), deny("clock_settime", unix.SYS_CLOCK_SETTIME),
			deny("clock_adjtime", unix.SYS_CLOCK_ADJTIME), deny("adjtimex", unix.SYS_ADJTIMEX),
		},
	},
	{
		Title: "Handles and watches",
		Why:   "Opens files regardless of mounts, or observes what siblings open.",
		Calls: []Call{
			deny("name_to_handle_at", unix.SYS_NAME_TO_HANDLE_AT), deny("open_by_handle_at", unix.SYS_OPEN_BY_HANDLE_AT),
			deny("fanotify_init", unix.SYS_FANOTIFY_INIT), deny("fanotify_mark", unix.SYS_FANOTIFY_MARK),
			deny("inotify_init1", unix.SYS_INOTIFY_INIT1), deny("inotify_add_watch", unix.SYS_INOTIFY_ADD_WATCH),
			deny("inotify_rm_watch", unix.SYS_INOTIFY_RM_WATCH),
		},
	},
	{
		Title: "Shared kernel objects",
		Why:   "Outlives a process and counts against limits of the whole machine.",
		Calls: []Call{
			deny("shmget", unix.SYS_SHMGET), deny("shmat", unix.SYS_SHMAT), deny("shmctl", unix.SYS_SHMCTL),
			deny("shmdt", unix.SYS_SHMDT), deny("semget", unix.SYS_SEMGET), deny("semop", unix.SYS_SEMOP),
			deny("semctl", unix.SYS_SEMCTL), deny("semtimedop", unix.SYS_SEMTIMEDOP), deny("msgget", unix.SYS_MSGGET),
			deny("msgsnd", unix.SYS_MSGSND), deny("msgrcv", unix.SYS_MSGRCV), deny("msgctl", unix.SYS_MSGCTL),
			deny("mq_open", unix.SYS_MQ_OPEN), deny("mq_unlink", unix.SYS_MQ_UNLINK), deny("mq_timedsend", unix.SYS_MQ_TIMEDSEND),
			deny("mq_timedreceive", unix.SYS_MQ_TIMEDRECEIVE), deny("mq_notify", unix.SYS_MQ_NOTIFY),
			deny("mq_getsetattr", unix.SYS_MQ_GETSETATTR),
		},
	},
	{
		Title: "Priorities and placement",
		Why:   "Would take processors or memory from others, or make kernel threads move memory.",
		Calls: []Call{
			deny("sched_setparam", unix.SYS_SCHED_SETPARAM), deny("sched_setscheduler", unix.SYS_SCHED_SETSCHEDULER),
			deny("sched_setattr", unix.SYS_SCHED_SETATTR), deny("ioprio_set", unix.SYS_IOPRIO_SET), deny("mbind", unix.SYS_MBIND),
			deny("set_mempolicy", unix.SYS_SET_MEMPOLICY), deny("set_mempolicy_home_node", unix.SYS_SET_MEMPOLICY_HOME_NODE),
			deny("mlockall", unix.SYS_MLOCKALL),
		},
	},
	{
		Title: "Pages in pipes",
		Why:   "Puts pages of files into pipes by reference, which has led to writes to read-only pages.",
		Calls: []Call{
			deny("splice", unix.SYS_SPLICE), deny("tee", unix.SYS_TEE), deny("vmsplice", unix.SYS_VMSPLICE),
		},
	},
	{
		Title: "Writing attributes",
		Why:   "Uses kernel memory that the limit of the cell's disk does not cover.",
		Calls: []Call{
			deny("setxattr", unix.SYS_SETXATTR), deny("lsetxattr", unix.SYS_LSETXATTR), deny("fsetxattr", unix.SYS_FSETXATTR),
			deny("removexattr", unix.SYS_REMOVEXATTR), deny("lremovexattr", unix.SYS_LREMOVEXATTR),
			deny("fremovexattr", unix.SYS_FREMOVEXATTR),
		},
	},
	{
		Title: "Asynchronous input and output",
		Why:   "Contexts count against a limit of the whole machine; libraries use threads.",
		Calls: []Call{
			deny("io_setup", unix.SYS_IO_SETUP), deny("io_submit", unix.SYS_IO_SUBMIT), deny("io_cancel", unix.SYS_IO_CANCEL),
			deny("io_getevents", unix.SYS_IO_GETEVENTS), deny("io_destroy", unix.SYS_IO_DESTROY),
			deny("io_pgetevents", unix.SYS_IO_PGETEVENTS),
		},
	},
}

func deny(name string, number uint32) Call { return refuse(name, number, EPERM) }
