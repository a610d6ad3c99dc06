// Package fusion sends batches of small programs as trainers of language models do: by
// SandboxFusion's API, one request a program, many at a time.
//
//	programs.go  the programs, and the verdict that each must get
//	batch.go     sends them, and reads the verdicts
package fusion
