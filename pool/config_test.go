package pool_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/pool"
)

func TestNewNamesTheFieldTheValueAndWhatIsAllowed(t *testing.T) {
	for want, edit := range map[string]func(*pool.Config[*cell]){
		"pool: Make is nil, must be a function":                                func(c *pool.Config[*cell]) { c.Make = nil },
		"pool: Destroy is nil, must be a function":                             func(c *pool.Config[*cell]) { c.Destroy = nil },
		"pool: Target is -1, must be 0 or more":                                func(c *pool.Config[*cell]) { c.Target = -1 },
		"pool: Parallel is -2, must be 0 or more":                              func(c *pool.Config[*cell]) { c.Parallel = -2 },
		"pool: MaxAge is -1s, must be 0 or more":                               func(c *pool.Config[*cell]) { c.MaxAge = -time.Second },
		"pool: YieldAt is -1, must be 0 or more":                               func(c *pool.Config[*cell]) { c.YieldAt = -1 },
		"pool: FailFast is -1, must be 0 or more":                              func(c *pool.Config[*cell]) { c.FailFast = -1 },
		"pool: BackoffMin is -1ns, must be 0 or more":                          func(c *pool.Config[*cell]) { c.BackoffMin = -1 },
		"pool: BackoffMax is 50ms, must be BackoffMin (100ms) or more":         func(c *pool.Config[*cell]) { c.BackoffMax = 50 * time.Millisecond },
		"pool: Target is -3, must be 0 or more\npool: MaxAge is -1ns, must be": func(c *pool.Config[*cell]) { c.Target, c.MaxAge = -3, -1 },
	} {
		cfg := new(works).config(0)
		edit(&cfg)
		p, err := pool.New(cfg)
		if err == nil {
			p.Close()
			t.Errorf("New accepted what it must refuse with %q", want)
		} else if !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %q, want %q", err, want)
		}
	}
}

func TestResizeRefusesANegativeTarget(t *testing.T) {
	inBubble(t, 1, nil, func(t *testing.T, _ *works, p *pool.Pool[*cell]) {
		if err := p.Resize(-1); err == nil || err.Error() != "pool: Target is -1, must be 0 or more" {
			t.Errorf("error %v", err)
		}
		expect(t, p, 1, 0, 0, 0)
	})
}
