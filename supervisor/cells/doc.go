// Package cells keeps the cells of a profile: a pool of warm ones, and the jails
// that they are made from, one after the other.
//
//	profile.go     the pool: making, scaling and ending its cells, and its state
//	generation.go  jails: when one dies, hangs or grows old, another takes its place
//	cell.go        a cell that is claimed, and what its claimer may do with it
//
// It leaves out what a jail and a cell are (package nsjail), and when cells are
// made (package pool). What happens it tells an [Events], for metrics.
package cells
