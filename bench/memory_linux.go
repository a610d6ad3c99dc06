package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/nsjail"
)

// ParkedPSS parks count cells of a profile and returns their mean proportional
// set size in bytes (PSS: pages that processes share count for a part to each,
// proc_pid_smaps(5)), without what the zygote itself holds.
func ParkedPSS(ctx context.Context, cfg nsjail.HostConfig, profile nsjail.Profile, count int) (mean int64, err error) {
	host, err := nsjail.OpenHost(cfg)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	jail, err := host.StartJail(ctx, profile)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, jail.Close()) }()
	cells := make([]*nsjail.Cell, 0, count)
	defer func() {
		for _, cell := range cells {
			err = errors.Join(err, cell.Close())
		}
	}()
	for range count {
		cell, err := jail.Spawn(ctx)
		if err != nil {
			return 0, err
		}
		cells = append(cells, cell)
	}
	var sum int64
	for _, cell := range cells {
		pss, err := readPSS(cell.PID())
		if err != nil {
			return 0, err
		}
		sum += pss
	}
	return sum / int64(count), nil
}

func readPSS(pid int) (int64, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 3 && fields[0] == "Pss:" {
			kib, err := strconv.ParseInt(fields[1], 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("process %d has no Pss", pid)
}
