package seccomp

import (
	"encoding/json"
	"slices"

	"golang.org/x/sys/unix"
)

// supervisorCalls are what hotcell itself, nsjail and the zygotes need beyond what
// cells may do: sockets to serve, namespaces and mounts to make jails, ids and
// capabilities to give away.
var supervisorCalls = []string{
	"socket", "bind", "listen", "accept", "accept4", "connect", "splice",
	"setns", "mount", "umount2", "pivot_root", "sethostname", "chroot", "fspick", "fsconfig",
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "capset", "seccomp", "personality",
	"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
	"mlockall", "io_setup", "io_submit", "io_getevents", "io_destroy",
}

// EngineProfile returns the seccomp profile for a container engine (the JSON form
// of Docker and of Kubernetes' Localhost profiles) that hotcell runs under: an
// allow list made from the table, without its arguments, which the filters of
// zygotes and cells judge. It closes the two ways into the kernel's largest
// interfaces that nsjail does not need: unshare of a user namespace (its clone
// makes that), and clone3, which answers ENOSYS, so that libc uses clone.
//
// The architectures include those of 32 bits, so that their calls get an errno, too:
// an engine has processes killed that make calls of an architecture which is not
// listed, and each is a record in the host's audit log.
func EngineProfile() []byte {
	type arg struct {
		Index    uint   `json:"index"`
		Value    uint64 `json:"value"`
		ValueTwo uint64 `json:"valueTwo"`
		Op       string `json:"op"`
	}
	type rule struct {
		Names    []string `json:"names"`
		Action   string   `json:"action"`
		Args     []arg    `json:"args,omitempty"`
		ErrnoRet *uint    `json:"errnoRet,omitempty"`
	}
	names := slices.Clone(supervisorCalls)
	for _, call := range Calls() {
		if call.Answer != EPERM {
			names = append(names, call.Name)
		}
	}
	slices.Sort(names)
	eperm, enosys := uint(unix.EPERM), uint(unix.ENOSYS)
	profile := struct {
		DefaultAction   string   `json:"defaultAction"`
		DefaultErrnoRet uint     `json:"defaultErrnoRet"`
		Architectures   []string `json:"architectures"`
		Syscalls        []rule   `json:"syscalls"`
	}{
		"SCMP_ACT_ERRNO", eperm, []string{"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"},
		[]rule{
			{Names: slices.Compact(names), Action: "SCMP_ACT_ALLOW"},
			{Names: []string{"unshare"}, Action: "SCMP_ACT_ALLOW", Args: []arg{{Index: 0, Value: unix.CLONE_NEWUSER, Op: "SCMP_CMP_MASKED_EQ"}}},
			{Names: []string{"clone3"}, Action: "SCMP_ACT_ERRNO", ErrnoRet: &enosys},
		},
	}
	text, err := json.MarshalIndent(profile, "", "  ")
	if err != nil {
		panic(err) // no value of these types has no JSON
	}
	return append(text, '\n')
}
