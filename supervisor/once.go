package supervisor

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/config"
)

// Once runs one request, the JSON that POST /execute takes, in a jail that is
// made for it and gone afterwards. A refusal is a *Problem.
func Once(ctx context.Context, cfg config.Config, log *slog.Logger, request []byte) (answer *Answer, err error) {
	profiles := cfg.AllProfiles()
	given, problem := decodeExecution(request, profiles)
	if problem != nil {
		return nil, problem
	}
	if err := doctor.CheckNames(cfg.AllowMissing); err != nil {
		return nil, err
	}
	host, err := nsjail.OpenHost(cfg.Host(log))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	profile, err := cfg.ProfileNamed(given.profile).Jail()
	if err != nil {
		return nil, err
	}
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
	verdict, err := cell.Run(ctx, given.job)
	if err != nil {
		return nil, err
	}
	reply := newReply(rand.Text(), verdict, Timing{Run: Millis(verdict.Usage.Wall)})
	answer = newAnswer(reply.id, reply.verdict, reply.timing)
	if problem := reply.refusal(); problem != nil {
		if problem.printed != nil {
			problem.Stdout, problem.Stderr = &answer.Stdout, &answer.Stderr
		}
		return nil, problem
	}
	return answer, nil
}
