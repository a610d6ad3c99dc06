// Package cells keeps the cells of a profile: a pool of warm cells, and the jails that
// they are made from.
//
//	profile.go     the pool: makes cells, scales, removes them, and reports its state
//	generation.go  jails: chooses one for each cell, and replaces one that dies, hangs or grows old
//	jail.go        what the service says of them
//	cell.go        a claimed cell, and what its claimer may do with it
//
// Package nsjail knows what jails and cells are; package pool decides when cells are
// made. [Events] receives what happens, for metrics.
package cells
