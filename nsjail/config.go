package nsjail

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/nsjail/uids"
)

// config is the part of the nsjail program's configuration that hotcell uses
// (config.proto of nsjail 3.x, in protobuf's text format). What is not here is
// fixed in [config.render]: no time limit and no rlimits of nsjail's own, since
// they count from the jail's start and a zygote lives long.
type config struct {
	name string
	uids uids.Range
	env  []string
	// Read-only parts of the jail's root, in mount order.
	mounts []mount
	argv   []string
}

// mount is one entry of the jail's root. Exactly one of source, tmpfs and
// link says what it is.
type mount struct {
	target string
	source string // bind this path of the host, recursively
	tmpfs  string // a tmpfs with these options
	link   string // a symbolic link to this
	device bool   // a device node: no nodev
	write  bool
}

// render gives the text that `nsjail --config` reads.
func (c config) render() string {
	var b strings.Builder
	field := func(name string, value any) {
		if text, ok := value.(string); ok {
			value = strconv.QuoteToASCII(text)
		}
		fmt.Fprintf(&b, "%s: %v\n", name, value)
	}
	field("name", c.name)
	b.WriteString("mode: ONCE\nlog_level: WARNING\ntime_limit: 0\nnice_level: 0\ndisable_rl: true\nkeep_caps: true\n")
	b.WriteString("mount_proc: false\niface_no_lo: true\nclone_newcgroup: true\n")
	field("hostname", "cell")
	field("cwd", "/")
	for _, variable := range c.env {
		field("envar", variable)
	}
	uid, gid := c.uids.Outside()
	fmt.Fprintf(&b, "uidmap { inside_id: \"%d\" outside_id: \"%d\" count: %d }\n", c.uids.First, uid, c.uids.Count)
	fmt.Fprintf(&b, "gidmap { inside_id: \"%d\" outside_id: \"%d\" count: %d }\n", c.uids.First, gid, c.uids.Count)
	for _, m := range c.mounts {
		b.WriteString("mount {\n")
		field("dst", m.target)
		switch {
		case m.link != "":
			field("src", m.link)
			field("is_symlink", true)
		case m.tmpfs != "":
			field("fstype", "tmpfs")
			field("options", m.tmpfs)
		default:
			field("src", m.source)
			field("is_bind", true)
		}
		field("rw", m.write)
		field("nosuid", true)
		field("nodev", !m.device)
		b.WriteString("}\n")
	}
	b.WriteString("exec_bin {\n")
	field("path", c.argv[0])
	for _, arg := range c.argv[1:] {
		field("arg", arg)
	}
	b.WriteString("}\n")
	return b.String()
}
