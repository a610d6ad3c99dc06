// Package baseline runs what people do without hotcell, so that both can be
// measured in turns: a resident process, a fork per request, an nsjail per
// request, and a new interpreter per program behind SandboxFusion's API.
//
//	baseline_linux.go     starts the baselines, and asks them
//	baseline.py           their processes' side
//	interpreter_linux.go  the Python that they run: the one that jails run
//	front_linux.go        HTTP in front of a baseline, in a process of its own
//	fusion_linux.go       SandboxFusion's API in front of new interpreters
package baseline
