#include "textflag.h"

// What print comes to in a cell: printing.py says why, and has these instructions as
// bytes; TestTheCodeOfPrintingIsItsAssembly compares them.
//
// It is called with the C convention: DI is self, a bytes object with the addresses below,
// and SI is what to write, or one of two numbers.
//
// Nothing of Python's runs in between: the GIL is held, and what is called is called last.
// The process may be killed between any two instructions, and what is in the log must
// make sense then, too.

#define LOG 32(R8)          // where the log is
#define ROOM 40(R8)         // how many bytes it has room for
#define BYTES_TYPE 48(R8)   // &PyBytes_Type
#define LONG_FROM 56(R8)    // PyLong_FromLong
#define CALL_ONE 64(R8)     // PyObject_CallOneArg
#define SLOW_WRITE 72(R8)   // functions in Python, for what is rare
#define CALL_NOTHING 80(R8) // PyObject_CallNoArgs
#define SLOW_FLUSH 88(R8)
#define NEW_REF 96(R8)      // Py_NewRef
#define NONE 104(R8)        // Py_None

#define BASE 0(R10)
#define END 8(R10)
#define PASSED 16(R10)
#define TRYING 24(R10)
#define DATA 32

#define TYPE_OF 8(R9)       // of a bytes object
#define SIZE_OF 16(R9)
#define BYTES_OF 32(R9)

#define FLUSH $0
#define PASS $1

#define SYS_WRITE $1
#define SYS_POLL $7
#define PIPE_BUF $4096      // write(2) writes so much as a whole or not at all

TEXT ·printing(SB), NOSPLIT|NOFRAME, $0
	MOVQ DI, R8
	MOVQ SI, R9
	MOVQ LOG, R10
	CMPQ R9, PASS
	JLS  pass

	MOVQ BYTES_TYPE, AX
	CMPQ TYPE_OF, AX
	JNE  slow
	MOVQ SIZE_OF, CX
	MOVQ ROOM, DX
	CMPQ CX, DX
	JHI  slow
	SUBQ END, DX
	CMPQ CX, DX
	JHI  pass

append:
	MOVQ SIZE_OF, CX
	MOVQ END, DI
	LEAQ DATA(R10)(DI*1), DI
	LEAQ BYTES_OF, SI
	REP
	MOVSB
	MOVQ SIZE_OF, DI
	ADDQ DI, END
	MOVQ LONG_FROM, AX
	JMP  AX

pass:
	// Write what is in the log into the pipe: AX becomes 0, 1 if the pipe is full, so that
	// Python waits without the GIL, or a negative error.
	MOVQ PASSED, SI
	MOVQ BASE, DX
	ADDQ END, DX
	SUBQ SI, DX
	JLE  empty

	MOVQ $0x400000001, AX // struct pollfd: 1, POLLOUT
	MOVQ AX, -8(SP)
	LEAQ -8(SP), DI
	MOVL $1, SI
	XORL DX, DX
	MOVL SYS_POLL, AX
	SYSCALL
	TESTQ AX, AX
	JEQ  full

	MOVQ PASSED, SI
	MOVQ BASE, DX
	ADDQ END, DX
	SUBQ SI, DX
	CMPQ DX, PIPE_BUF
	JLE  whole
	MOVL PIPE_BUF, DX

whole:
	LEAQ (SI)(DX*1), AX
	MOVQ AX, TRYING
	SUBQ BASE, SI
	LEAQ DATA(R10)(SI*1), SI
	MOVL $1, DI
	MOVL SYS_WRITE, AX
	SYSCALL
	TESTQ AX, AX
	JLT  passed
	ADDQ AX, PASSED
	JMP  pass

full:
	MOVL $1, AX
	JMP  passed

empty:
	// A kill between these two leaves less than nothing in the log, which is nothing.
	MOVQ $0, END
	MOVQ SI, BASE
	XORL AX, AX

passed:
	CMPQ R9, PASS
	JEQ  done
	TESTQ AX, AX
	JNE  slow
	CMPQ R9, FLUSH
	JNE  append
	MOVQ NONE, DI
	MOVQ NEW_REF, AX
	JMP  AX

slow:
	CMPQ R9, FLUSH
	JEQ  flush
	MOVQ SLOW_WRITE, DI
	MOVQ R9, SI
	MOVQ CALL_ONE, AX
	JMP  AX

flush:
	MOVQ SLOW_FLUSH, DI
	MOVQ CALL_NOTHING, AX
	JMP  AX

done:
	RET

// func printingAt() uintptr
TEXT ·printingAt(SB), NOSPLIT, $0-8
	LEAQ ·printing(SB), AX
	MOVQ AX, ret+0(FP)
	RET
