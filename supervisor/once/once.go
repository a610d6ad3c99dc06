// Package once runs one script without a service, for hotcell exec.
package once

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// leastDescriptors is twice what one jail and its cell are seen to need. With too few
// hotcell could not even remove what it has made.
const leastDescriptors = 64

// Run runs one request, the JSON that POST /execute takes, in a jail of its own,
// which it removes afterwards. A refusal is an [api.Problem].
func Run(ctx context.Context, cfg config.Config, log *slog.Logger, request []byte) (reply *api.Reply, err error) {
	profiles := cfg.AllProfiles()
	given, problem := api.DecodeExecution(request, profiles)
	if problem != nil {
		return nil, problem
	}
	if err := doctor.CheckNames(cfg.AllowMissing); err != nil {
		return nil, err
	}
	switch limit, err := config.DescriptorLimit(); {
	case err != nil:
		return nil, err
	case limit < leastDescriptors:
		return nil, fmt.Errorf("%w: RLIMIT_NOFILE is %d, and a jail requires %d: raise it (ulimit -n, LimitNOFILE=)", config.ErrDescriptors, limit, leastDescriptors)
	}
	host, err := nsjail.OpenHost(cfg.Host(log))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	profile, err := cfg.ProfileNamed(given.Profile).Jail()
	if err != nil {
		return nil, err
	}
	profile.NoSnapshot = "one cell gains nothing by it"
	jail, err := host.StartJail(ctx, profile)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, jail.Close()) }()
	cell, err := jail.Spawn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cell.Close()) }()
	verdict, err := cell.Run(ctx, given.Job)
	if err != nil {
		return nil, err
	}
	if failed := verdict.Error; failed != nil {
		failed.Hint = api.ImportHint(failed, profile.Name, func() map[string]protocol.Hello { return map[string]protocol.Hello{profile.Name: jail.Hello()} })
	}
	reply = api.NewReply(rand.Text(), verdict, api.Timing{Run: api.Millis(verdict.Usage.Wall)})
	if problem := reply.Refusal(); problem != nil {
		if problem.Code == api.CodeNoMain {
			problem.Stdout, problem.Stderr = new(string(verdict.Stdout)), new(string(verdict.Stderr))
		}
		return nil, problem
	}
	return reply, nil
}
