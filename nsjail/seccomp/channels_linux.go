package seccomp

import "golang.org/x/sys/unix"

// sendFlags and receiveFlags are what stream sockets need. MSG_OOB is not allowed: no
// library uses it on a pair, and the kernel has code of its own for it.
var sendFlags = []Value{
	v("MSG_DONTWAIT", unix.MSG_DONTWAIT, "does not block"),
	v("MSG_NOSIGNAL", unix.MSG_NOSIGNAL, "no SIGPIPE"),
	v("MSG_EOR", unix.MSG_EOR, "ignored by streams"),
	v("MSG_MORE", unix.MSG_MORE, "ignored by streams"),
}

var receiveFlags = []Value{
	v("MSG_PEEK", unix.MSG_PEEK, "looks without taking"),
	v("MSG_DONTWAIT", unix.MSG_DONTWAIT, "does not block"),
	v("MSG_WAITALL", unix.MSG_WAITALL, "waits for all bytes"),
	v("MSG_TRUNC", unix.MSG_TRUNC, "ignored by streams"),
	v("MSG_NOSIGNAL", unix.MSG_NOSIGNAL, "ignored"),
	v("MSG_CMSG_CLOEXEC", unix.MSG_CMSG_CLOEXEC, "received descriptors are not inherited"),
}

func judgeMessage(name string, number, argument uint32, flags []Value) Call {
	return Call{
		Name: name, Number: number, Tests: []Test{{Argument: argument, Name: "flags", Bits: flags, Else: EOPNOTSUPP}},
		Why: "not allowed: MSG_OOB, MSG_ERRQUEUE, MSG_ZEROCOPY, MSG_FASTOPEN",
	}
}

// Options that both getsockopt and setsockopt know, socket(7). A pair of connected
// streams needs few; those of Internet sockets answer as usual, which programs
// expect of any socket.
var sharedOptions = []Value{
	v("SO_REUSEADDR", unix.SO_REUSEADDR, "a number in the socket"),
	v("SO_KEEPALIVE", unix.SO_KEEPALIVE, "a number in the socket"),
	v("SO_LINGER", unix.SO_LINGER, "a number in the socket"),
	v("SO_SNDBUF", unix.SO_SNDBUF, "bounded by the host's wmem_max and charged to the cell"),
	v("SO_RCVBUF", unix.SO_RCVBUF, "as SO_SNDBUF"),
	v("SO_RCVLOWAT", unix.SO_RCVLOWAT, "a number in the socket"),
	v("SO_RCVTIMEO", unix.SO_RCVTIMEO, "a time limit"),
	v("SO_SNDTIMEO", unix.SO_SNDTIMEO, "a time limit"),
}

var shownOptions = []Value{
	v("SO_TYPE", unix.SO_TYPE, "Python's socket module"),
	v("SO_ERROR", unix.SO_ERROR, "asyncio"),
	v("SO_DOMAIN", unix.SO_DOMAIN, "Python's socket module"),
	v("SO_PROTOCOL", unix.SO_PROTOCOL, "Python's socket module"),
	v("SO_ACCEPTCONN", unix.SO_ACCEPTCONN, "whether it listens; it does not"),
	v("SO_PEERCRED", unix.SO_PEERCRED, "who made the pair"),
}

func judgeOption(name string, number uint32, options []Value, why string) Call {
	return Call{Name: name, Number: number, Why: why, Tests: []Test{
		{Argument: 1, Name: "level", Else: EOPNOTSUPP, Values: []Value{v("SOL_SOCKET", unix.SOL_SOCKET, "the only level of Unix sockets")}},
		{Argument: 2, Name: "option", Else: ENOPROTOOPT, Values: options},
	}}
}

var channels = Group{
	Title: "Channels",
	Why:   "Pipes, events, and pairs of connected Unix stream sockets, within the cell. There is no other socket.",
	Calls: append([]Call{
		plain("eventfd2", unix.SYS_EVENTFD2), plain("signalfd4", unix.SYS_SIGNALFD4), plain("shutdown", unix.SYS_SHUTDOWN),
		plain("getsockname", unix.SYS_GETSOCKNAME), plain("getpeername", unix.SYS_GETPEERNAME),
		{Name: "pipe2", Number: unix.SYS_PIPE2, Tests: []Test{{Argument: 1, Name: "flags", Else: EINVAL, Bits: []Value{
			v("O_CLOEXEC", unix.O_CLOEXEC, "Python sets it"),
			v("O_NONBLOCK", unix.O_NONBLOCK, "asyncio"),
		}}}, Why: "not allowed: O_DIRECT (packets), O_NOTIFICATION_PIPE"},
		{
			Name: "socketpair", Number: unix.SYS_SOCKETPAIR, Tests: []Test{
				{Argument: 0, Name: "family", Else: EPERM, Values: []Value{v("AF_UNIX", unix.AF_UNIX, "asyncio, multiprocessing")}},
				{Argument: 1, Name: "type", Mask: ^uint32(unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK), Else: EPERM, Values: []Value{
					v("SOCK_STREAM", unix.SOCK_STREAM, "asyncio, multiprocessing"),
				}},
			},
			Why: "SOCK_CLOEXEC and SOCK_NONBLOCK go with it; not allowed: SOCK_DGRAM and SOCK_SEQPACKET, which get a name in the network namespace when credentials are sent, through which cells of one zygote could communicate",
		},
		judgeMessage("sendto", unix.SYS_SENDTO, 3, sendFlags), judgeMessage("sendmsg", unix.SYS_SENDMSG, 2, sendFlags),
		judgeMessage("recvfrom", unix.SYS_RECVFROM, 3, receiveFlags), judgeMessage("recvmsg", unix.SYS_RECVMSG, 2, receiveFlags),
		judgeOption("setsockopt", unix.SYS_SETSOCKOPT, sharedOptions,
			"not allowed: SO_ATTACH_FILTER and its relatives (memory for compiled filters, which is global and charged to nobody), SO_PASSCRED, SO_PASSPIDFD, and options that no library sets"),
		judgeOption("getsockopt", unix.SYS_GETSOCKOPT, append(shownOptions, sharedOptions...),
			"not allowed: SO_PEERPIDFD (a handle on the supervisor), SO_GET_FILTER, SO_COOKIE, SO_MEMINFO and options that no library reads"),
		refuse("sendmmsg", unix.SYS_SENDMMSG, ENOSYS).because("for datagrams, which cells do not have"),
		refuse("recvmmsg", unix.SYS_RECVMMSG, ENOSYS).because("for datagrams, which cells do not have"),
	}, channelsOfArch...),
}
