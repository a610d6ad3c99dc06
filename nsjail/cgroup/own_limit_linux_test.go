package cgroup

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWhatIsLeftOfALimitCountsNoCache(t *testing.T) {
	for _, c := range []struct {
		name  string
		kind  memoryFiles
		files map[string]string
		want  int64
	}{
		{"version 1", v1Files, map[string]string{"memory.limit_in_bytes": "1000", "memory.usage_in_bytes": "900",
			"memory.stat": "inactive_file 1\nactive_file 2\nshmem 300\ntotal_inactive_file 100\ntotal_active_file 200\n"}, 400},
		{"version 1 without a limit", v1Files, map[string]string{"memory.limit_in_bytes": "9223372036854771712", "memory.usage_in_bytes": "900"}, noLimit},
		{"version 2", v2Files, map[string]string{"memory.max": "1000", "memory.high": "max", "memory.current": "900", "memory.stat": "anon 500\ninactive_file 100\nactive_file 20\n"}, 220},
		{"a limit that slows down", v2Files, map[string]string{"memory.max": "max", "memory.high": "950", "memory.current": "900"}, 50},
		{"more than the limit", v2Files, map[string]string{"memory.max": "1000", "memory.high": "800", "memory.current": "900"}, 0},
		{"version 2 without a limit", v2Files, map[string]string{"memory.max": "max", "memory.high": "max", "memory.current": "900"}, noLimit},
		{"no cgroup", v2Files, nil, noLimit},
	} {
		dir := t.TempDir()
		for name, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.kind.left(dir); got != c.want {
			t.Errorf("%s: %d instead of %d", c.name, got, c.want)
		}
	}
}

func TestThereIsMemoryLeft(t *testing.T) {
	if left := MemoryLeft(); left <= 0 || left >= noLimit {
		t.Errorf("%d bytes are left of this machine's", left)
	}
}
