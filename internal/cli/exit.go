package cli

import "errors"

// Exit statuses. The help of hotcell exec documents them.
const (
	ExitOK          = 0
	ExitNegative    = 1   // the program worked, and the outcome is negative: the script raised, a check failed, an attack succeeded
	ExitUsage       = 2   // the user's mistake: command line, configuration, script
	ExitTimeout     = 124 // as timeout(1) has it
	ExitFailure     = 125 // the program itself failed
	ExitSignaled    = 128 // plus the signal's number
	ExitInterrupted = 130 // the program was told to stop
	ExitMemory      = 137 // as after an out-of-memory kill
)

// exitError ends the program with a status.
type exitError struct {
	status int
	err    error // nil: there is nothing to print
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// Exit returns an error with which [Main] ends the program with the given
// status. Main prints err, unless it is nil. Exit(ExitOK, nil) is nil.
func Exit(status int, err error) error {
	if status == ExitOK && err == nil {
		return nil
	}
	return &exitError{status, err}
}

// Status returns the exit status for what a command returned: 0 for nil, and
// [ExitFailure] for an error that does not carry another status.
func Status(err error) int {
	var exit *exitError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &exit):
		return exit.status
	default:
		return ExitFailure
	}
}
