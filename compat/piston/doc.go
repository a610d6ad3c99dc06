// Package piston answers as Piston does, which runs programs of many languages for
// editors, bots and courses: here it has Python.
//
//	piston.go  the routes
//	job.go     what is to run
//	stage.go   how it ended, in Piston's words
package piston
