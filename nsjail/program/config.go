package program

import (
	"fmt"
	"strconv"
	"strings"
)

// Config is the part of the nsjail program's configuration that callers choose
// (config.proto of nsjail 3.x, in the text format of protobuf). The rest is the same for
// all jails: no time limit and no rlimits of nsjail, since these count from the jail's
// start, and a zygote lives long.
type Config struct {
	Name string
	IDs  IDs
	Env  []string
	// Mounts are the parts of the jail's root, in mount order.
	Mounts []Mount
	Argv   []string
}

// IDs maps Count uids and Count gids of the host, from UID and GID on, to the numbers from
// Inside on in the jail.
type IDs struct {
	Inside, UID, GID, Count int
}

// Mount is one entry of the jail's root. Exactly one of Source, Tmpfs and Link is set.
type Mount struct {
	Target string
	Source string // a path of the host, bound recursively
	Tmpfs  string // a tmpfs with these options
	Link   string // the target of a symbolic link
	Device bool   // a device node: no nodev
	Write  bool
}

// render returns the text that `nsjail --config` reads.
func (c Config) render() string {
	var b strings.Builder
	field := func(name string, value any) {
		if text, ok := value.(string); ok {
			value = strconv.QuoteToASCII(text)
		}
		fmt.Fprintf(&b, "%s: %v\n", name, value)
	}
	field("name", c.Name)
	b.WriteString("mode: ONCE\nlog_level: WARNING\ntime_limit: 0\ndisable_rl: true\nkeep_caps: true\n")
	field("nice_level", niceness())
	b.WriteString("mount_proc: false\niface_no_lo: true\nclone_newcgroup: true\n")
	field("hostname", "cell")
	field("cwd", "/")
	for _, variable := range c.Env {
		field("envar", variable)
	}
	fmt.Fprintf(&b, "uidmap { inside_id: \"%d\" outside_id: \"%d\" count: %d }\n", c.IDs.Inside, c.IDs.UID, c.IDs.Count)
	fmt.Fprintf(&b, "gidmap { inside_id: \"%d\" outside_id: \"%d\" count: %d }\n", c.IDs.Inside, c.IDs.GID, c.IDs.Count)
	for _, m := range c.Mounts {
		b.WriteString("mount {\n")
		field("dst", m.Target)
		switch {
		case m.Link != "":
			field("src", m.Link)
			field("is_symlink", true)
		case m.Tmpfs != "":
			field("fstype", "tmpfs")
			field("options", m.Tmpfs)
		default:
			field("src", m.Source)
			field("is_bind", true)
		}
		field("rw", m.Write)
		field("nosuid", true)
		field("nodev", !m.Device)
		b.WriteString("}\n")
	}
	b.WriteString("exec_bin {\n")
	field("path", c.Argv[0])
	for _, arg := range c.Argv[1:] {
		field("arg", arg)
	}
	b.WriteString("}\n")
	return b.String()
}
