package seccomp

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// What only arm64 has, and flags whose values differ.

var protectionsOfArch = []Value{v("PROT_BTI", unix.PROT_BTI, "the dynamic linker, for libraries with branch target identification (arm64)")}

var mapFlagsOfArch []Value

// asm/fcntl.h of arm64; x/sys/unix has libc's 0.
var openFlagsOfArch = []Value{v("O_LARGEFILE", 0x20000, "libc sets it")}

var filesOfArch, namesOfArch, channelsOfArch, waitingOfArch, processesOfArch, clocksOfArch, sharedUIDOfArch, refusedOfArch []Call
