package cli

import (
	"net/http"

	"github.com/hotcell/hotcell/client"
)

// Refused returns err, which a server's refusal caused, with its exit status:
// [ExitUsage] if the server would refuse the same request again, [ExitFailure] if it
// has failed or has no room now. If err has no hint, what a client can do about its key
// becomes one.
func Refused(refusal *client.Problem, err error) error {
	if refusal.Status == http.StatusUnauthorized && hintFor(err) == "" {
		err = Hint(err, "set "+KeyEnv+" or use --key-file; "+Page("keys")+" describes how to make a key")
	}
	if refusal.Status >= http.StatusInternalServerError || refusal.MayRetry() {
		return err
	}
	return Exit(ExitUsage, err)
}
