#include "textflag.h"

// Makes the calls of a table: calls.py says why, and has these instructions as bytes;
// TestTheCodeOfCallsIsItsAssembly compares them.
//
// It is called with the C convention: DI is the first row, SI how many there are. It
// returns 0, or, of the first call that did not have the result that it must have, the
// number of its row, from 1, times 65536, plus the kernel's error, or 0 if there was none.

#define ROW $72
#define NUMBER 0(BX)
#define WANT 56(BX)
#define TO 64(BX) // where the result is stored, or 0

#define FUNCTION $-1 // instead of a number: the last argument is a C function, which gets the first three

#define ANY $-1       // a result that is no error
#define WHATEVER $-2  // an error, too
#define POSITIVE $-3

#define EINTR $-4

TEXT ·calls(SB), NOSPLIT|NOFRAME, $0
	PUSHQ BX
	PUSHQ BP
	PUSHQ R12 // C functions want a stack that is aligned like this
	MOVQ  DI, BX
	MOVQ  SI, BP
	XORL  R12, R12

next:
	XORL AX, AX
	CMPQ R12, BP
	JEQ  done
	INCQ R12

again:
	MOVQ NUMBER, AX
	MOVQ 8(BX), DI
	MOVQ 16(BX), SI
	MOVQ 24(BX), DX
	MOVQ 32(BX), R10
	MOVQ 40(BX), R8
	MOVQ 48(BX), R9
	CMPQ AX, FUNCTION
	JEQ  function
	SYSCALL
	CMPQ AX, EINTR
	JEQ  again
	JMP  made

function:
	CALL    R9
	MOVLQSX AX, AX // an int

made:
	MOVQ  TO, CX
	TESTQ CX, CX
	JEQ   judge
	MOVQ  AX, (CX)

judge:
	MOVQ WANT, CX
	ADDQ ROW, BX
	CMPQ CX, WHATEVER
	JEQ  next
	TESTQ AX, AX
	JLT  failed
	CMPQ CX, ANY
	JEQ  next
	CMPQ CX, POSITIVE
	JEQ  positive
	CMPQ AX, CX
	JEQ  next
	XORL AX, AX
	JMP  failed

positive:
	TESTQ AX, AX
	JNE   next

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

// Makes the calls of a table again and again, until one fails. If that is a certain one,
// which is so in a process that was forked there, it makes those of another table.
//
// It is called with the C convention: DI is the address of these numbers, and it returns
// what came of the calls made last.

#define ROWS 0(R13)
#define COUNT 8(R13)
#define FORKED 16(R13) // what comes of the calls in such a process
#define ROWS_THEN 24(R13)
#define COUNT_THEN 32(R13)
#define CALLS 40(R13) // the function above

TEXT ·loop(SB), NOSPLIT|NOFRAME, $0
	PUSHQ R13
	MOVQ  DI, R13

loop:
	MOVQ  ROWS, DI
	MOVQ  COUNT, SI
	CALL  CALLS
	TESTQ AX, AX
	JEQ   loop
	CMPQ  AX, FORKED
	JNE   end
	MOVQ  ROWS_THEN, DI
	MOVQ  COUNT_THEN, SI
	CALL  CALLS

end:
	POPQ R13
	RET

// func loopAt() uintptr
TEXT ·loopAt(SB), NOSPLIT, $0-8
	LEAQ ·loop(SB), AX
	MOVQ AX, ret+0(FP)
	RET
