package program

import (
	"fmt"
	"strconv"
	"strings"
)

// Config is the part of the nsjail program's configuration that hotcell uses
// (config.proto of nsjail 3.x, in protobuf's text format). What is not here is
// fixed in [Config.render]: no time limit and no rlimits of nsjail's own, since
// they count from the jail's start and a zygote lives long.
type Config struct {
	Name string
	IDs  IDs
	Env  []string
	// Mounts are the parts of the jail's root, in mount order.
	Mounts []Mount
	Argv   []string
}

// IDs says which uids and gids of the host a jail has: Count of each, which have
// numbers from Inside in the jail.
type IDs struct {
	Inside, UID, GID, Count int
}

// Mount is one entry of the jail's root. Exactly one of Source, Tmpfs and
// Link says what it is.
type Mount struct {
	Target string
	Source string // bind this path of the host, recursively
	Tmpfs  string // a tmpfs with these options
	Link   string // a symbolic link to this
	Device bool   // a device node: no nodev
	Write  bool
}

// render gives the text that `nsjail --config` reads.
func (c Config) render() string {
	var b strings.Builder
	field := func(name string, value any) {
		if text, ok := value.(string); ok {
			value = strconv.QuoteToASCII(text)
		}
		fmt.Fprintf(&b, "%s: %v\n", name, value)
	}
	field("name", c.Name)
	b.WriteString("mode: ONCE\nlog_level: WARNING\ntime_limit: 0\nnice_level: 0\ndisable_rl: true\nkeep_caps: true\n")
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
