#include "textflag.h"

// The argument registers of C are those of system calls, and a system call changes only
// AX, CX and R11.

// func routine()
TEXT ·routine(SB), NOSPLIT|NOFRAME, $0-0
	MOVL DX, R8        // fd
	CMPL R8, $0
	JLT  populate
	PUSHQ BX
	PUSHQ BP
	MOVQ DI, BX        // the row
	MOVQ SI, BP
	SHLQ $5, BP
	ADDQ DI, BP        // the end of the table

region:
	XORL AX, AX
	CMPQ BX, BP
	JEQ  end
	MOVQ 0(BX), SI     // from there
	MOVQ 8(BX), DX     // as much
	MOVQ 16(BX), R10   // to there

copy:
	MOVQ R8, DI
	MOVL $18, AX       // pwrite64
	SYSCALL
	TESTQ AX, AX
	JLT  end
	JEQ  short
	ADDQ AX, SI
	ADDQ AX, R10
	SUBQ AX, DX
	JNE  copy

	MOVQ 0(BX), DI
	MOVQ 8(BX), SI
	MOVQ 24(BX), DX
	MOVL $0x4012, R10  // MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE
	MOVQ 16(BX), R9
	MOVL $9, AX        // mmap
	SYSCALL
	CMPQ AX, 0(BX)
	JNE  end
	ADDQ $32, BX
	JMP  region

short:
	MOVQ $-5, AX       // EIO

end:
	POPQ BP
	POPQ BX
	RET

populate:
	MOVQ DI, R8        // the row
	MOVQ SI, R9        // how many
	XORL R10, R10      // how many failed

run:
	TESTQ R9, R9
	JEQ  populated
	MOVQ 0(R8), DI
	MOVQ 8(R8), SI
	MOVL $23, DX       // MADV_POPULATE_WRITE
	MOVL $28, AX       // madvise
	SYSCALL
	TESTQ AX, AX
	JEQ  next
	INCQ R10

next:
	ADDQ $32, R8
	DECQ R9
	JMP  run

populated:
	MOVQ R10, AX
	RET
	BYTE $0xee; BYTE $0x0f; BYTE $0x0e; BYTE $'h'; BYTE $'o'; BYTE $'t'; BYTE $'c'; BYTE $0xee

// func address() unsafe.Pointer
TEXT ·address(SB), NOSPLIT, $0-8
	LEAQ ·routine(SB), AX
	MOVQ AX, ret+0(FP)
	RET
