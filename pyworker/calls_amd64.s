#include "textflag.h"

// Makes the system calls of a table: calls.py says why, and has these instructions as
// bytes; TestTheCodeOfCallsIsItsAssembly compares them.
//
// It is called with the C convention: DI is the first row, SI how many there are. It
// returns 0, or, of the first call that did not have the result that it must have, the
// number of its row, from 1, times 65536, plus the kernel's error, or 0 if there was none.

#define ROW $64
#define WANT 56(BX)

#define ANY $-1       // a result that is no error
#define WHATEVER $-2  // an error, too

#define EINTR $-4

TEXT ·calls(SB), NOSPLIT|NOFRAME, $0
	PUSHQ BX
	PUSHQ BP
	PUSHQ R12
	MOVQ  DI, BX
	MOVQ  SI, BP
	XORL  R12, R12

next:
	XORL AX, AX
	CMPQ R12, BP
	JEQ  done
	INCQ R12

again:
	MOVQ 0(BX), AX
	MOVQ 8(BX), DI
	MOVQ 16(BX), SI
	MOVQ 24(BX), DX
	MOVQ 32(BX), R10
	MOVQ 40(BX), R8
	MOVQ 48(BX), R9
	SYSCALL
	CMPQ AX, EINTR
	JEQ  again
	MOVQ WANT, CX
	ADDQ ROW, BX
	CMPQ CX, WHATEVER
	JEQ  next
	TESTQ AX, AX
	JLT  failed
	CMPQ CX, ANY
	JEQ  next
	CMPQ AX, CX
	JEQ  next
	XORL AX, AX

failed:
	NEGQ AX
	SHLQ $16, R12
	ADDQ R12, AX

done:
	POPQ R12
	POPQ BP
	POPQ BX
	RET

// func callsAt() uintptr
TEXT ·callsAt(SB), NOSPLIT, $0-8
	LEAQ ·calls(SB), AX
	MOVQ AX, ret+0(FP)
	RET
