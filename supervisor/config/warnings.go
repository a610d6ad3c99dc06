package config

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/nsjail/uids"
)

// Warnings returns what the configuration allows and few would want, in words.
func (c Config) Warnings() []string {
	var all []string
	for _, p := range c.AllProfiles() {
		if p.PoolSize == 0 {
			all = append(all, fmt.Sprintf("%s = \"0\" (%s): no cell is kept ready, so that requests wait while theirs is made", p.key("pool_size"), c.originOf(p, "pool_size")))
		}
	}
	if c.UIDs == uids.ModeSingle {
		return all
	}
	if users := usersWithin(c.UIDBase, c.UIDCount); len(users) > 0 {
		all = append(all, fmt.Sprintf("uid_base = \"%d\" (%s): uids %d to %d, which cells use, belong to users of this machine, too: %s. What leaves its cell could do what they can",
			c.UIDBase, c.Origin("uid_base"), c.UIDBase, c.UIDBase+c.UIDCount-1, strings.Join(users, ", ")))
	}
	return all
}

// usersWithin returns the names of users in /etc/passwd with one of these uids, at most a
// few.
func usersWithin(base, count int) (names []string) {
	text, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return nil // there need not be one
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(line, ":")
		if len(fields) < 3 {
			continue
		}
		if uid, err := strconv.Atoi(fields[2]); err == nil && uid >= base && uid-base < count && len(names) < 5 {
			names = append(names, fields[0])
		}
	}
	return names
}
