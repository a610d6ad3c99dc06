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
	v("SO_ACCEPTCONN", unix.SO_ACCEPTCONN, "whether it listens"),
	v("SO_PEERCRED", unix.SO_PEERCRED, "who is at the other end: a process of the cell"),
}

func judgeOption(name string, number uint32, options []Value, why string) Call {
	return Call{Name: name, Number: number, Why: why, Tests: []Test{
		{Argument: 1, Name: "level", Else: EOPNOTSUPP, Values: []Value{v("SOL_SOCKET", unix.SOL_SOCKET, "the only level of Unix sockets")}},
		{Argument: 2, Name: "option", Else: ENOPROTOOPT, Values: options},
	}}
}

// Backlog is the most that a cell's listen(2) may ask for: what Python asks for by
// itself, also in an interpreter that a script starts. Of the 3.2 KB of a
// connection that nobody has accepted the kernel charges 2.4 to the cell: the message
// that announces it is charged to nobody (unix_stream_connect, with GFP_KERNEL). The
// worker makes Python's listen ask for no more (pyworker/processes.py).
const Backlog = 128

// judgeSocket allows stream sockets of AF_UNIX alone.
func judgeSocket(name string, number uint32, why string) Call {
	return Call{
		Name: name, Number: number, Tests: []Test{
			{Argument: 0, Name: "family", Else: EPERM, Values: []Value{v("AF_UNIX", unix.AF_UNIX, "asyncio, multiprocessing")}},
			{Argument: 1, Name: "type", Mask: ^uint32(unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK), Else: EPERM, Values: []Value{
				v("SOCK_STREAM", unix.SOCK_STREAM, "asyncio, multiprocessing"),
			}},
		},
		Why: why,
	}
}

// sharedNamesGroup has the calls that are refused where cells of one zygote could meet
// at a socket's abstract name, in place of their rows in the table.
func sharedNamesGroup() Group {
	return Group{
		Title: "Where nothing keeps cells from each other's socket names",
		Why: "Cells of one zygote share its network namespace, and with it abstract names of sockets. Landlock keeps them apart since ABI 6 (Linux 6.12); " +
			"in spawn mode exec each cell has a namespace of its own. Elsewhere there are only pairs of sockets.",
		Calls: []Call{
			deny("socket", unix.SYS_SOCKET), deny("connect", unix.SYS_CONNECT), deny("bind", unix.SYS_BIND),
			deny("listen", unix.SYS_LISTEN), deny("accept", unix.SYS_ACCEPT), deny("accept4", unix.SYS_ACCEPT4),
		},
	}
}

var channels = Group{
	Title: "Channels",
	Why:   "Pipes, events, and Unix stream sockets, within the cell. There is no other socket, and no network.",
	Calls: append([]Call{
		plain("eventfd2", unix.SYS_EVENTFD2), plain("signalfd4", unix.SYS_SIGNALFD4), plain("shutdown", unix.SYS_SHUTDOWN),
		plain("getsockname", unix.SYS_GETSOCKNAME), plain("getpeername", unix.SYS_GETPEERNAME),
		{Name: "pipe2", Number: unix.SYS_PIPE2, Tests: []Test{{Argument: 1, Name: "flags", Else: EINVAL, Bits: []Value{
			v("O_CLOEXEC", unix.O_CLOEXEC, "Python sets it"),
			v("O_NONBLOCK", unix.O_NONBLOCK, "asyncio"),
		}}}, Why: "not allowed: O_DIRECT (packets), O_NOTIFICATION_PIPE"},
		judgeSocket("socketpair", unix.SYS_SOCKETPAIR, "SOCK_CLOEXEC and SOCK_NONBLOCK go with it; not allowed: SOCK_DGRAM and SOCK_SEQPACKET, which get a name in the network namespace when credentials are sent, through which cells of one zygote could communicate"),
		judgeSocket("socket", unix.SYS_SOCKET, "as socketpair; Landlock keeps it from what is outside the cell"),
		plain("bind", unix.SYS_BIND), plain("connect", unix.SYS_CONNECT), plain("accept", unix.SYS_ACCEPT),
		{Name: "listen", Number: unix.SYS_LISTEN, Tests: []Test{{Argument: 1, Name: "backlog", Most: Backlog, Else: EINVAL}},
			Why: "what announces a connection until it is accepted is memory charged to nobody"},
		{Name: "accept4", Number: unix.SYS_ACCEPT4, Tests: []Test{{Argument: 3, Name: "flags", Else: EINVAL, Bits: []Value{
			v("SOCK_CLOEXEC", unix.SOCK_CLOEXEC, "Python sets it"),
			v("SOCK_NONBLOCK", unix.SOCK_NONBLOCK, "C libraries"),
		}}}},
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
