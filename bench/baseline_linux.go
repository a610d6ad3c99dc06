package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// oneShot is what a service without a pool runs for each request: import,
// execute, print.
const oneShot = "import sys, json\nscript = {}\nexec(sys.stdin.read(), script)\nprint(json.dumps(script['main'](), default=lambda o: o.item(), separators=(',', ':')))\n"

// OneNsjailARequest runs SeedScript count times, each in an nsjail of its own
// that starts an interpreter and imports pandas.
func OneNsjailARequest(ctx context.Context, python string, count int) (Latencies, error) {
	found, err := filepath.Glob(filepath.Join(python, "lib", "python3*", "site-packages", "nsjail", "bin", "nsjail"))
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("no nsjail in %s (%w)", python, os.ErrNotExist)
	}
	args := []string{
		"--mode", "o", "--quiet", "--user", "99999:20000:1", "--group", "99999:20000:1", "--disable_proc", "--iface_no_lo",
		"--rlimit_as", "max", "--rlimit_fsize", "max", "--rlimit_nofile", "1024", "--time_limit", "60",
		"--env", "OPENBLAS_NUM_THREADS=1", "--bindmount_ro", python + ":/env",
	}
	for _, dir := range []string{"/usr", "/lib", "/lib64", "/bin"} {
		args = append(args, "--bindmount_ro", dir)
	}
	args = append(args, "--bindmount_ro", "/dev/urandom", "--tmpfsmount", "/tmp", "--", "/env/bin/python3", "-I", "-B", "-c", oneShot)
	latencies := make(Latencies, 0, count)
	for range count {
		command := exec.CommandContext(ctx, found[0], args...)
		command.Stdin = bytes.NewReader([]byte(SeedScript))
		var stderr bytes.Buffer
		command.Stderr = &stderr
		begin := time.Now()
		out, err := command.Output()
		if err == nil && string(bytes.TrimSpace(out)) != seedResult {
			err = fmt.Errorf("wrong answer %.200q", out)
		}
		if err != nil {
			return latencies, fmt.Errorf("one nsjail a request: %w %.500s", err, stderr.Bytes())
		}
		latencies = append(latencies, time.Since(begin))
	}
	return latencies, nil
}
