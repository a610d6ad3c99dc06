// Package jsonscan reads JSON (RFC 8259) from a buffer in one pass, without
// copying it.
//
// It exists because the service passes most of a request on unchanged: it checks
// that the arguments of a call are JSON and hands them to the jail, and checks a
// result and hands it to the client. encoding/json needs several passes and
// several copies for that; BenchmarkScan compares them.
//
//	scan.go    the grammar of values
//	reader.go  Reader, which reads one value; Check; Error
//	name.go    member names and strings
//	place.go   lines, columns and JSON pointers, for error messages
//
// The grammar is that of encoding/json, which fuzzing compares it with, and the
// text must be valid UTF-8.
package jsonscan
