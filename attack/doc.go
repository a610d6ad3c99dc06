// Package attack is a suite of hostile scripts for any server that implements
// hotcell's HTTP API. Each script is a file below scripts/, which says in its head
// what it tries and what must come of it, and which really tries. [Run] sends all
// of them to a server on loopback, and a plain request after each, which the server
// must still answer.
//
//	case.go    reads the scripts and their heads, and makes requests of them
//	expect.go  the terms of a head: parses them, and judges an answer by them
//	answer.go  an answer, as the terms see it
//	target.go  the server: sends a request, and the plain one after it
//	wire.go    requests of a head's own, for drop-in APIs
//	through.go scripts that go through drop-in APIs
//	send.go    sends such requests
//	channel.go and those to the WebSockets of kernels
//	run.go     the whole run and its report
//
// # The head of a script
//
// A file begins with lines of the form "# key: value". The first other line ends
// the head.
//
//	# tries: one sentence                       required, once
//	# expect: TERM, TERM                        required; all terms of one line must hold, and one line of several
//	# limits: wall_ms=500 memory_bytes=67108864 the request's limits
//	# request: {"stdin": "x"}                   more fields of the request, as JSON
//	# replace: @NAME@ "text" 1000               in the script: the inside of this JSON string, 1000 times
//	# within: 3000                              the answer must come within so many milliseconds
//	# session: why                              in the first part: all parts are calls of one session
//	# raw: why                                  the script is sent as it is, without the preamble
//
//	# through: dify e2b                         in the first part: the scripts go through these drop-in APIs, as ways/NAME.txt
//	                                            says: one case for each. What a script prints is stdout; its last line may be "held: …"
//
//	# cgroup: why                               only cgroups stop it: it is tried on both of their versions, and falls where there are none
//	# machine: why                              it uses what the whole machine has once, so it limits itself and runs alone
//	# single: why                               it falls, as documented, where all cells share one uid of the host
//
//	# keys: why                                 one tenant attacks another: it is left out where the run does not have two keys
//
// The last four are the case's tags, and belong into the head of the first part.
// A run starts the cases with the tag machine when all others have ended. If the
// server says in /info that its cells share one uid, a case with the tag single
// that falls counts as excused, and it runs alone, too: what it uses up is missing
// from every other cell.
//
// # Requests to drop-in APIs
//
// A part whose head has a line "send" is that request, whatever its API. @NAME@ stands for a text.
//
//	# send: POST /compat/e2b/files?path=@PATH@  the request; its answer is the expected one
//	# send: WS /compat/jupyter/…/channels       a cell, by a kernel's WebSocket: the body is the content of its execute_request
//	# header: E2b-Sandbox-Id: @BOX@             a header; Host, too
//	# body: {"code": "@SCRIPT@"}                the body; @SCRIPT@ is the part's script
//	# form: name="file"; filename="@PATH@"      the body is a form, with one file that is so described
//	# endless: why                              the body has no end
//	# idle: why                                 the WebSocket says nothing, and stays open until the case has ended
//	# keep: @BOX@ sandboxID                     from now on, @BOX@ is this member of the answer
//	# make: @BIG@ upper @BOX@                   and @BIG@ that text in another form: upper, percent, digest
//	# each: @PATH@ "../x" "/x"                  one request for each of these texts; all answers must be the expected one
//	# times: 16                                 so many of these requests at once; likewise
//	# key: other                                it comes with the other tenant's key, or with none
//	# told: data.stdout                         this member of the answer, in each of its lines, is what a script printed
//
// @RUN@ differs for each time that a case is tried, @KEY@ and @OTHER@ are the two keys.
// In JSON, a text stands there as the inside of a string; elsewhere as it is.
//
// # Time
//
// A script may fall only by what it does, not because the machine is slow, busy, or
// fast and idle:
//
//   - wall_ms is short only where the time's end is what is expected. A script that
//     must come to its own end has ten seconds.
//   - Where something must come before the time's end (output, for example), there
//     are two seconds for it.
//   - within says that the end comes at all, rather than after the minute that the
//     script sleeps: eight seconds or more.
//   - A share of processors, of memory or of processes that only a cgroup keeps is
//     nothing to measure without the tag cgroup: a busy machine hides what an idle
//     one shows.
//
// A line "# --- then" ends a part. What follows, with a head of its own but
// without "tries", is sent after the part before was answered; after
// "# --- beside" it is sent while the part before still runs. Each part is a
// request with a cell of its own.
//
// # Terms
//
//	held                     status ok, and the result is a string "held: …"
//	held EPERM|ENOSYS        and every word after "held: " is one of these
//	status ok|timeout        the status is one of these
//	http 404|502             the HTTP status of an answer that is not hotcell's own; 0: none came
//	broken true              its body did not come whole
//	body contains "x"        likewise lines, and header, whose lines are "Name: value"
//	refused syntax_error     the request was refused with one of these codes
//	limit wall|none          the limit that ended it; none is null
//	signal SIGSYS|none       the signal that ended it
//	exit 0|3                 its exit code
//	error ValueError|none    the error's type
//	files 2|none             the number of files that came back
//	outputs 2|none           the number of outputs
//	line 3                   the error's line
//	result [1, "x"]          the result is this JSON; also stdout and stderr, with a string
//	paths lines "a.*"        a line of the text matches all of this expression; paths are the collected files'
//	paths folded             two paths are equal if case and composition are ignored
//	stdout contains "x"      also stderr, message, traceback, and result if that is a string
//	result differs           from the results of all parts before, which are lists, at every index
//	not TERM                 the opposite
//
// Whatever is expected, a script falls if its result or a line that it printed
// begins with "ESCAPED", if a result comes with a status other than ok, if the
// answer comes seconds after the wall clock limit that the request asked for, and
// if the server does not answer a plain request afterwards.
//
// # The preamble
//
// scripts/_preamble.py is put before each part, packed into the line of its first
// comment, so that line numbers are the file's. It has system calls by name and
// the two ways to end: "held: ENAME" and "ESCAPED: what". SLOWNESS is that of
// [Config].
//
// # The network
//
// Scripts that try the network aim at one address, LISTENER in the preamble: a
// listener on 127.0.0.1 that Run starts. A connection that arrives there is an
// escape. Run sends to loopback only, and follows no redirect.
package attack
