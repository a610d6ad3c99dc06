package protocol

// Status is how a run ended: the verdict. The values cross the wire and the
// HTTP contract; they only grow.
type Status string

// The verdicts. The worker gives those of the first group, the supervisor,
// which sees the process from outside, those of the second.
const (
	StatusOK          Status = "ok"           // main returned something that JSON can hold
	StatusException   Status = "exception"    // the script or main raised
	StatusNotJSON     Status = "not_json"     // main returned something that JSON cannot hold
	StatusOutputLimit Status = "output_limit" // stdout, stderr (supervisor) or the result (worker) was too large
	StatusSyntaxError Status = "syntax_error" // the script does not compile; a refusal, not an answer, in HTTP
	StatusNoMain      Status = "no_main"      // it ran and left no callable main; likewise

	StatusTimeout     Status = "timeout"      // wall clock or CPU time ran out
	StatusMemoryLimit Status = "memory_limit" // the jail's memory ran out
	StatusExited      Status = "exited"       // the process ended by itself before main returned
	StatusKilled      Status = "killed"       // it died of a signal
)

// Statuses is every verdict, for metrics and tables.
var Statuses = []Status{
	StatusOK, StatusException, StatusNotJSON, StatusOutputLimit, StatusSyntaxError, StatusNoMain,
	StatusTimeout, StatusMemoryLimit, StatusExited, StatusKilled,
}

func (s Status) fromWorker() bool {
	switch s {
	case StatusOK, StatusException, StatusNotJSON, StatusOutputLimit, StatusSyntaxError, StatusNoMain:
		return true
	default:
		return false
	}
}

// explained: an answer of a worker with this status has an error, and with any
// other it has none.
func (s Status) explained() bool {
	return s == StatusException || s == StatusNotJSON || s == StatusSyntaxError
}

// Limit names the limit that ended a run. Empty: none did.
type Limit string

// The limits. They only grow.
const (
	LimitWall   Limit = "wall"
	LimitCPU    Limit = "cpu"
	LimitMemory Limit = "memory"
	LimitOutput Limit = "output"
	LimitResult Limit = "result"
)
