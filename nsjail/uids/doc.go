// Package uids chooses the uids and gids of the host that cells run under.
//
//   - uids_linux.go: the range of them, or the supervisor's own where the kernel
//     does not let a range be mapped; and whether their processes reach a path.
//   - pool_linux.go: which uid of the range each live cell has.
//   - inuse_linux.go: which uids and gids the processes of the machine have.
package uids
