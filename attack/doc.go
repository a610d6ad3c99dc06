// Package attack is a suite of hostile scripts for any server that speaks
// hotcell's contract. Each is a file below scripts/, says in its head what it
// tries and what must come of it, and really tries. [Run] sends them all to a
// server on loopback, asks after each one whether the server still answers a
// plain request, and tells what stood and what fell.
//
// # The head of a script
//
// A file begins with lines of the form "# key: value"; the first other line ends
// the head.
//
//	# tries: one sentence                       required, once
//	# expect: TERM, TERM                        required; all terms of a line must hold, and one line of several
//	# limits: wall_ms=500 memory_bytes=67108864 the request's limits
//	# request: {"stdin": "x"}                   more fields of the request, as JSON
//	# replace: @NAME@ "text" 1000               in the script: the inside of this JSON string, so many times
//	# within: 3000                              the answer must come in so many milliseconds
//	# session: why                            in the first part: all parts are calls of one session
//	# raw: why                                  the script is sent as it is, without the preamble
//
//	# cgroup: why                               cgroups hold it: it is tried on both of their versions, and falls where there are none
//	# machine: why                              it reaches for what the whole machine has once, so it is bounded and runs alone
//	# single: why                               it falls, as documented, where all cells share one uid of the host
//
// The last three are the case's tags, and stand in the first part's head. A run
// starts the cases with the tag machine when all others have ended. Where the
// server says in /info that its cells share one uid, a case with the tag single
// that falls is counted as excused.
//
// A line "# --- then" ends a part, and what follows, with a head of its own
// but without "tries", is sent after that was answered; after "# --- beside" it
// is sent while the part before still runs. Each part is a request, and so a
// cell, of its own.
//
// # Terms
//
//	held                     status ok, and the result is a string "held: …"
//	held EPERM|ENOSYS        and every word after "held: " is one of these
//	status ok|timeout        one of these statuses
//	refused syntax_error     the request was refused with one of these codes
//	limit wall|none          the limit that ended it; none is null
//	signal SIGSYS|none       the signal that it died of
//	exit 0|3                 its exit code
//	error ValueError|none    the error's type
//	files 2|none                              how many files came back
//	line 3                   the error's line
//	result [1, "x"]          the result is this JSON; also stdout and stderr, with a string
//	paths lines "a.*"        a line of the text matches all of this expression; paths are the collected files'
//	paths folded             two paths are one where neither case nor composition counts
//	stdout contains "x"      also stderr, message, traceback, and result where that is a string
//	result differs           from the results of all parts before, which are lists, at every place
//	not TERM                 the opposite
//
// Whatever is expected, a script falls when its result, or a line that it
// printed, begins with "ESCAPED", when a result comes with a status other than
// ok, when the wall clock limit that it asked for was overrun by seconds, and
// when the server does not answer a plain request afterwards.
//
// # The preamble
//
// scripts/_preamble.py stands before each part, packed into the line of its first
// comment, so that line numbers are the file's. It has system calls by name and
// the two ways to end: "held: ENAME" and "ESCAPED: what". SLOWNESS is Config's.
//
// # The network
//
// Scripts that try the network aim at one address, which the preamble knows as
// LISTENER: a listener on 127.0.0.1 that Run has started itself. A connection
// that arrives there is an escape. Run sends to loopback only, and follows no
// redirection.
package attack
