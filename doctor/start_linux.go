package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hotcell/hotcell/nsjail"
)

// StartDeadline bounds each start of a jail, including imports from a cold disk on
// a busy machine, and its test.
const StartDeadline = 2 * time.Minute

// Start starts a jail and tests it. If a layer is missing of a jail whose cells share a
// snapshot, or it cannot be tested, Start tries one without, and prefers it if nothing is missing
// there: what makes cells cheaper takes nothing away. allowed names layers that may be missing.
//
// An error with a jail means that a test could not be carried out: the jail has not
// passed it. The caller closes the jail.
func Start(ctx context.Context, host *nsjail.Host, p nsjail.Profile, allowed []string) (*nsjail.Jail, []Check, error) {
	jail, checks, err := startTested(ctx, host, p)
	if jail == nil || jail.Snapshot().Bytes == 0 {
		return jail, checks, err
	}
	missing := Unallowed(checks, allowed)
	switch {
	case err != nil:
		p.NoSnapshot = fmt.Sprintf("the self-test of a jail with one: %v", err)
	case len(missing) > 0:
		p.NoSnapshot = fmt.Sprintf("layer %s did not hold in a jail with one: %s", missing[0].Layer, missing[0].Found)
	default:
		return jail, checks, nil
	}
	without, again, err2 := startTested(ctx, host, p)
	if err2 == nil && len(Unallowed(again, allowed)) == 0 {
		return without, again, jail.Close()
	}
	if err2 != nil {
		err = fmt.Errorf("%s; and without one: %w", p.NoSnapshot, err2)
	}
	if without != nil {
		err = errors.Join(err, without.Close())
	}
	return jail, checks, err
}

func startTested(ctx context.Context, host *nsjail.Host, p nsjail.Profile) (*nsjail.Jail, []Check, error) {
	ctx, cancel := context.WithTimeout(ctx, StartDeadline)
	defer cancel()
	jail, err := host.StartJail(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	checks, err := SelfTest(ctx, jail)
	return jail, checks, err
}

// Unallowed returns the checks that [Missing] does, without those of layers that may be missing.
func Unallowed(checks []Check, allowed []string) []Check {
	return slices.DeleteFunc(Missing(checks), func(check Check) bool { return slices.Contains(allowed, check.Layer) })
}
