package nsjail

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// allowedCallsOfArch are those of allowedCalls that only arm64 has.
var allowedCallsOfArch = []syscallEntry{}

// deniedCallsOfArch are those of deniedCalls that only arm64 has.
var deniedCallsOfArch = []syscallEntry{}
