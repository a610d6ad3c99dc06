// Package sandboxfusion speaks the API of SandboxFusion, to which reward functions of
// reinforcement learning send their programs.
//
//	api.go      its routes and refusals; files and limits, which all requests have
//	program.go  POST /run_code
//	cells.go    POST /run_jupyter
package sandboxfusion
