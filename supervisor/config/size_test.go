package config_test

import (
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
)

func TestByteSizesAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]config.Size{
		"0B": 0, "1B": 1, "1023B": 1023, "1KiB": 1024, "1500KiB": 1500 << 10, "64MiB": 64 << 20, "3GiB": 3 << 30,
	} {
		got, err := config.ParseSize(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %d %s, %v", text, got, got, err)
		}
	}
	for text, want := range map[string]config.Size{"0": 0, "1048576": 1 << 20, "1024KiB": 1 << 20, "1 MiB": 1 << 20} {
		if got, err := config.ParseSize(text); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
}

func TestWhatIsNoByteSizeIsRefused(t *testing.T) {
	for _, text := range []string{"", "MiB", "1MB", "1kB", "1.5MiB", "-1", "-1MiB", "9223372036854775808", "8589934592GiB", "1 M", "0x10"} {
		if got, err := config.ParseSize(text); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}
