package doctor

import (
	"context"
	"errors"
	"fmt"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/landlock"
)

// SelfTest runs hostile probes in fresh cells of the jail and reports for each layer
// whether it held. It makes about ten cells and takes less than two seconds in spawn
// mode fork. An error means that the test could not be carried out: the jail has not
// passed it.
func SelfTest(ctx context.Context, jail *nsjail.Jail) ([]Check, error) {
	found, err := gather(ctx, jail)
	if err != nil {
		return nil, fmt.Errorf("self-test of %q: %w", jail.Profile().Name, err)
	}
	checks := make([]Check, 0, len(layers))
	for _, layer := range layers {
		text, err := layer.look(found)
		check := Check{Layer: layer.name, Held: err == nil, Found: text}
		if err != nil {
			check.Found, check.Remedy, check.Optional = err.Error(), layer.remedy, errors.Is(err, landlock.ErrUnavailable)
		}
		checks = append(checks, check)
	}
	return checks, nil
}
