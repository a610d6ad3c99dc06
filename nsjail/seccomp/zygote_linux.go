package seccomp

import (
	"slices"

	"golang.org/x/sys/unix"
)

// zygoteCalls are what a zygote may do beyond its cells, to make them. A row adds
// its values or flags to those of the cell's row of that name, or is a call that
// cells do not have. The filter that a cell loads takes these away, with any advice that
// a zygote may give.
func zygoteCalls(advice ...Value) []Call {
	return []Call{
		plain("setns", unix.SYS_SETNS), plain("mount", unix.SYS_MOUNT), plain("fspick", unix.SYS_FSPICK), plain("capset", unix.SYS_CAPSET),
		plain("setgroups", unix.SYS_SETGROUPS), plain("setresuid", unix.SYS_SETRESUID), plain("setresgid", unix.SYS_SETRESGID),
		plain("landlock_create_ruleset", unix.SYS_LANDLOCK_CREATE_RULESET), plain("landlock_add_rule", unix.SYS_LANDLOCK_ADD_RULE),
		plain("landlock_restrict_self", unix.SYS_LANDLOCK_RESTRICT_SELF),
		{Name: "unshare", Number: unix.SYS_UNSHARE, Tests: []Test{{Argument: 0, Name: "flags", Wide: true, Else: EPERM, Bits: []Value{
			// no user namespace, in which it would have every capability again
			v("CLONE_THREAD", unix.CLONE_THREAD, "does nothing, and fails if there is another thread"),
			v("CLONE_NEWNS", unix.CLONE_NEWNS, "a cell's mounts"),
			v("CLONE_NEWUTS", unix.CLONE_NEWUTS, "a cell's host name"),
			v("CLONE_NEWIPC", unix.CLONE_NEWIPC, "a cell's kernel objects"),
			v("CLONE_NEWPID", unix.CLONE_NEWPID, "a cell's processes"),
		}}}},
		{Name: "prctl", Number: unix.SYS_PRCTL, Tests: []Test{{Argument: 0, Name: "option", Else: EPERM, Values: []Value{
			v("PR_SET_DUMPABLE", unix.PR_SET_DUMPABLE, "no core, no debugger"),
			v("PR_SET_SECCOMP", unix.PR_SET_SECCOMP, "loads the filter before a snapshot"),
			v("PR_CAPBSET_DROP", unix.PR_CAPBSET_DROP, "gives capabilities up"),
			v("PR_CAP_AMBIENT", unix.PR_CAP_AMBIENT, "gives capabilities up"),
			v("PR_SET_NO_NEW_PRIVS", unix.PR_SET_NO_NEW_PRIVS, "before a filter is loaded"),
		}}}},
		{Name: "seccomp", Number: unix.SYS_SECCOMP, Tests: []Test{{Argument: 1, Name: "flags", Else: EPERM, Values: []Value{
			v("SECCOMP_FILTER_FLAG_TSYNC", unix.SECCOMP_FILTER_FLAG_TSYNC, "loads a cell's filter, for all its threads"),
		}}}},
		{Name: "madvise", Number: unix.SYS_MADVISE, Tests: []Test{{Argument: 2, Name: "advice", Else: EINVAL, Values: advice}}},
	}
}

// What a zygote advises the kernel to do with its memory: with a snapshot, whose pages
// are huge already, and without one. linux/mman.h, since 5.14 and 6.1.
var (
	populate = v("MADV_POPULATE_WRITE", 23, "copies at once what a cell is going to write")
	collapse = v("MADV_COLLAPSE", 25, "puts the heap into huge pages, once")
)

// Shared says what the cells of a zygote share with each other, for which some calls
// are refused.
type Shared struct {
	UID      bool // one uid of the host
	Names    bool // the names of sockets: nothing keeps them apart
	Snapshot bool // the zygote's memory, as a file: see package nsjail/snapshot
}

// Calls returns the rows of the table, in its order, for cells that share that.
func (s Shared) Calls() []Call {
	calls := Calls()
	replace := func(group Group) {
		for _, refused := range group.Calls {
			calls[indexOf(calls, refused.Number)] = refused
		}
	}
	if s.UID {
		replace(sharedUIDGroup())
	}
	if s.Names {
		replace(sharedNamesGroup())
	}
	return calls
}

// zygoteTable is the table with what a zygote may do beyond it.
func zygoteTable(shared Shared) []Call {
	calls, advice := shared.Calls(), collapse
	if shared.Snapshot {
		advice = populate
	}
	for _, extra := range zygoteCalls(advice) {
		at := indexOf(calls, extra.Number)
		switch {
		case at < 0:
			calls = append(calls, extra)
		case calls[at].Answer != Allow:
			calls[at] = extra
		default:
			calls[at].Tests = []Test{union(calls[at].Tests[0], extra.Tests[0])}
		}
	}
	return calls
}

// cellRest has what the cell's filter takes from the zygote's: for each of the
// zygote's calls the answer that the table has.
func cellRest() []Call {
	table, rest := Calls(), zygoteCalls(populate, collapse)
	for i, extra := range rest {
		at := indexOf(table, extra.Number)
		switch {
		case extra.Number == unix.SYS_UNSHARE:
			rest[i] = table[at]
			rest[i].Tests = []Test{{Argument: 0, Name: "flags", Else: table[at].Answer, Values: []Value{instead("SIGABRT", uint32(unix.SIGABRT), SIGSYS, "pyworker/aborts.py")}}}
		case at >= 0 && table[at].Answer != Allow:
			rest[i] = table[at]
		case at < 0:
			rest[i] = refuse(extra.Name, extra.Number, ENOSYS)
		default:
			test := extra.Tests[0]
			test.refuses = true
			rest[i].Tests = []Test{test}
		}
	}
	return rest
}

// union allows what either test lists.
func union(a, b Test) Test {
	if a.Bits != nil {
		a.Bits = slices.Concat(a.Bits, b.Bits)
	} else {
		a.Values = slices.Concat(a.Values, b.Values)
	}
	return a
}
