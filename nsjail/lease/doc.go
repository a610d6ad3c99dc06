// Package lease divides the uids of a machine among the instances of hotcell that run
// on it, so that no two of them use the same uid at the same time.
//
// A lease is held by listening abstract Unix sockets, one for each block of 250 uids.
// The kernel lets one process bind a name, and frees the name when that process ends,
// however it ends (unix(7)). Abstract names belong to a network namespace and not to a
// directory: instances with different state directories, different users and read-only
// file systems see each other, and instances in different containers do not. Any local
// user can bind a name and so keep uids from being leased. The error of [Take] names the
// process that has them.
//
//   - lease_linux.go: taking a lease, giving it back, and who has the others.
package lease
