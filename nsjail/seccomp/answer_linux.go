package seccomp

import "golang.org/x/sys/unix"

// Answer is what a call gets.
type Answer uint8

const (
	// Allow lets the kernel do the call.
	Allow Answer = iota
	// Nothing returns 0 and does nothing. It is for calls whose effect a cell does
	// not need, and which programs expect to succeed.
	Nothing
	// The others return this error and do nothing.
	EPERM
	ENOSYS
	EINVAL
	ENOTTY
	EOPNOTSUPP
	ENOPROTOOPT
	// SIGSYS sends the caller this signal, and does nothing.
	SIGSYS
)

// answers are named as the table names them: unix.ErrnoName calls EOPNOTSUPP ENOTSUP.
var answers = [...]struct {
	text  string
	errno unix.Errno
}{
	Allow: {"allowed", 0}, Nothing: {"0", 0}, EPERM: {"EPERM", unix.EPERM}, ENOSYS: {"ENOSYS", unix.ENOSYS},
	EINVAL: {"EINVAL", unix.EINVAL}, ENOTTY: {"ENOTTY", unix.ENOTTY}, EOPNOTSUPP: {"EOPNOTSUPP", unix.EOPNOTSUPP},
	ENOPROTOOPT: {"ENOPROTOOPT", unix.ENOPROTOOPT}, SIGSYS: {"SIGSYS", 0},
}

func (a Answer) String() string { return answers[a].text }

// Errno is the error that a refused call returns, and 0 for Allow and Nothing.
func (a Answer) Errno() unix.Errno { return answers[a].errno }

// action is the value that a filter returns to the kernel, seccomp(2).
func (a Answer) action() uint32 {
	switch a {
	case Allow:
		return unix.SECCOMP_RET_ALLOW
	case SIGSYS:
		return unix.SECCOMP_RET_TRAP // other than killing, it writes nothing to the host's audit log
	}
	return unix.SECCOMP_RET_ERRNO | uint32(a.Errno()) // #nosec G115 -- an errno is small
}
