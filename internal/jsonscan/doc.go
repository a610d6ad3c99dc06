// Package jsonscan reads JSON (RFC 8259) from a buffer in one pass, without
// copying it.
//
// It exists because the service passes most of a request on as it came: the
// arguments of a call are checked to be JSON and then handed to the jail, and a
// result is checked and then handed to the client. encoding/json needs several
// passes and several copies for that; BenchmarkScan compares them.
//
// The grammar is that of encoding/json, held to it by fuzzing, and the text must
// be valid UTF-8.
package jsonscan
