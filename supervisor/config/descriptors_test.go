package config

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

func TestConnectionsFollowFromDescriptors(t *testing.T) {
	const need = 32 + 16 // connections, with the default max_running
	own := Default().Descriptors()
	for _, c := range []struct {
		name              string
		limit             uint64
		most, perAddress  int // settings
		want, wantAddress int // 0: refused
		refused           string
	}{
		{"a container's default", 1024, 0, 0, 1024 - own, (1024 - own + 1) / 2, ""},
		{"as many as can be used", 1 << 20, 0, 0, mostConnections, mostConnections / 2, ""},
		{"no limit", 1<<64 - 1, 0, 0, mostConnections, mostConnections / 2, ""},
		{"just enough", uint64(own + need), 0, 0, need, need / 2, ""},  // #nosec G115 -- small
		{"too few", uint64(own + need - 1), 0, 0, 0, 0, "max_running"}, // #nosec G115 -- small
		{"as set", 4096, 100, 10, 100, 10, ""},
		{"one address may have all", 4096, 100, 1000, 100, 100, ""},
		{"one", 4096, 1, 0, 1, 1, ""},
		{"more than there are", 4096, 4096, 0, 0, 0, "max_connections is 4096"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Default()
			cfg.MaxConnections, cfg.MaxConnectionsPerAddress = c.most, c.perAddress
			most, perAddress, err := cfg.Connections(c.limit, 0)
			if most != c.want || perAddress != c.wantAddress || (err != nil) != (c.refused != "") {
				t.Errorf("%d, %d, %v", most, perAddress, err)
			}
			if err != nil && (!errors.Is(err, ErrDescriptors) || !strings.Contains(err.Error(), c.refused) || !strings.Contains(err.Error(), fmt.Sprint(c.limit))) {
				t.Error(err)
			}
		})
	}
}

// The default configuration works with 1024 descriptors, also on a machine with many
// processors.
func TestTheDefaultsFitIntoAThousandDescriptors(t *testing.T) {
	for _, parallel := range []int{2, 64} {
		cfg := Default()
		cfg.Profile.RefillParallel, cfg.Profile.PoolSize = parallel, fewerCells
		most, perAddress, err := cfg.Connections(1024, 0)
		if err != nil || most < 64 {
			t.Errorf("%d connections, %v", most, err)
		}
		t.Log(cfg.Descriptors(), most, perAddress)
	}
}

func TestThePoolIsSmallerWithFewDescriptors(t *testing.T) {
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
			t.Error(err)
		}
	}()
	for limit, want := range map[uint64]int{1024: 8, 4095: 8, 4096: 16} {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: limit, Max: before.Max}); err != nil {
			t.Skipf("%d descriptors: %v", limit, err)
		}
		if got := Default().Profile.PoolSize; got != want {
			t.Errorf("with %d descriptors: %d cells, want %d", limit, got, want)
		}
	}
}

func TestEachZygoteNeedsDescriptors(t *testing.T) {
	one, five := Default(), Default()
	one.Profile.Zygotes, five.Profile.Zygotes = 1, 5
	if more := five.Descriptors() - one.Descriptors(); more != 4*descriptorsOfJail {
		t.Errorf("four more zygotes need %d descriptors", more)
	}
}
