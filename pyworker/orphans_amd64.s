#include "textflag.h"

// A handler of SIGCHLD that reaps orphans: orphans.py says why, and has these instructions
// as bytes; TestTheCodeOfOrphansIsItsAssembly compares them.
//
// It is called with the C convention: DI is the signal, SI a siginfo_t. It may interrupt
// anything, so it only makes system calls.

// What it knows, at an address that orphans.py puts into the second instruction.
#define CELL 0(R9)     // the pid of the cell: a fork of it has the handler, too
#define STARTING 8(R9) // how many processes are being started, whose pids are not known yet
#define MARK 16(R9)    // what the soft limit RLIMIT_RTTIME says of processes that Python started, and those below
#define KNOWN 64(R9)   // a bit for each pid that Python started
#define PIDS $0x8000   // how many bits there are

// On the stack.
#define FOUND 0(SP)        // a siginfo_t
#define PID_OF_FOUND 16(SP)
#define LIMIT 128(SP)      // a struct rlimit64
#define SIGNALED 144(SP)   // the siginfo_t that it was called with
#define NEXT 152(SP)       // the pid that is tried, or 0 before
#define END 160(SP)
#define FRAME $168

#define NEAR 64 // pids before and after the one that was signaled, since signals that wait are merged

#define SYS_GETPID $39
#define SYS_WAITID $247
#define SYS_PRLIMIT64 $302
#define RTTIME $15
#define ALL $0
#define ONE $1
#define ENDED $0x5      // WEXITED, WNOHANG
#define LOOK $0x1000005 // and WNOWAIT

TEXT ·orphans(SB), NOSPLIT|NOFRAME, $0
	SUBQ FRAME, SP
	MOVQ $0x1122334455667788, R9
	MOVQ SI, SIGNALED
	MOVQ $0, NEXT
	CMPQ STARTING, $0
	JNE  done
	MOVL SYS_GETPID, AX
	SYSCALL
	CMPQ AX, CELL
	JNE  done

first:
	// The first child that has ended, if any.
	MOVL $0, PID_OF_FOUND
	MOVL ALL, DI
	XORL SI, SI
	LEAQ FOUND, DX
	MOVL LOOK, R10
	XORL R8, R8
	MOVL SYS_WAITID, AX
	SYSCALL
	TESTQ AX, AX
	JNE  done
	MOVL PID_OF_FOUND, SI
	TESTL SI, SI
	JEQ  done

try:
	// SI is a pid. Reap it if it is an orphan: below a process that Python started, and none of these.
	CMPQ SI, PIDS
	JCC  other
	MOVQ SI, DI
	MOVL RTTIME, SI
	XORL DX, DX
	LEAQ LIMIT, R10
	MOVL SYS_PRLIMIT64, AX
	SYSCALL
	MOVQ DI, SI
	TESTQ AX, AX
	JNE  other
	MOVQ LIMIT, AX
	CMPQ AX, MARK
	JNE  other

	// Another thread may be starting a process since this began. If it is this one, which is
	// there, STARTING counted it before it was, and does until KNOWN has it: the order matters.
	CMPQ STARTING, $0
	JNE  done
	BTQ  SI, KNOWN
	JCS  other
	MOVL ONE, DI
	XORL DX, DX
	MOVL ENDED, R10
	XORL R8, R8
	MOVL SYS_WAITID, AX
	SYSCALL
	CMPQ NEXT, $0
	JEQ  first
	JMP  next

other:
	CMPQ NEXT, $0
	JNE  next

	// A child of the script's own has ended and is not waited for yet, so the kernel would
	// find it again and again: try the pids near the one that was signaled.
	MOVQ SIGNALED, AX
	MOVL 16(AX), AX
	LEAQ NEAR(AX), CX
	MOVQ CX, END
	MOVL $2, SI
	SUBQ $NEAR, AX
	CMPQ AX, SI
	JLT  low
	MOVQ AX, SI

low:
	MOVQ SI, NEXT
	CMPQ SI, END
	JLT  try
	JMP  done

next:
	INCQ NEXT
	MOVQ NEXT, SI
	CMPQ SI, END
	JLT  try

done:
	ADDQ FRAME, SP
	RET

// func orphansAt() uintptr
TEXT ·orphansAt(SB), NOSPLIT, $0-8
	LEAQ ·orphans(SB), AX
	MOVQ AX, ret+0(FP)
	RET
