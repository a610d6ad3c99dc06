package nsjail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Examine looks at everything that jails need of a machine, from the kernel to
// a self-test in real cells, for an operator who wants to know. It goes on as
// far as it can; what could not be tried any more is not in the list.
func Examine(ctx context.Context, cfg HostConfig, profile Profile) []Check {
	var checks []Check
	see := func(name, found string, err error, remedy string) bool {
		check := Check{Layer: name, Held: err == nil, Found: found}
		if err != nil {
			check.Found, check.Remedy = err.Error(), remedy
		}
		checks = append(checks, check)
		return err == nil
	}
	found, err := examineKernel()
	see("kernel", found, err, "use Linux 5.8 or newer")
	found, err = examineUserNamespaces()
	see("user-namespaces", found, err, "sysctl -w user.max_user_namespaces=10000")
	found, err = examineRestrictions()
	see("unprivileged-namespaces", found, err, "run as root, or set the named sysctl to the other value")
	found, err = examineSeccomp()
	see("seccomp-actions", found, err, "use a kernel with CONFIG_SECCOMP_FILTER")
	found, err = examineCgroups()
	if err == nil || len(cfg.AllowMissing) == 0 { // else the layers themselves tell
		see("cgroups", found, err, cgroupRemedy)
	}
	env, err := openEnvironment(profile.Python, profile.Nsjail)
	if !see("python-environment", profile.Python, err, "make build makes one; an interpreter must be reachable for everyone") {
		return checks
	}
	see("nsjail", env.nsjail, nil, "")

	host, err := OpenHost(cfg)
	if !see("state-directory-and-cgroups", "made", err, "see the message") {
		return checks
	}
	defer func() { _ = host.Close() }()
	jail, err := host.StartJail(ctx, profile)
	if !see("jail", "started in spawn mode "+string(profile.Mode), err, "the step that failed is in the message") {
		return checks
	}
	defer func() { _ = jail.Close() }()
	tried, err := jail.SelfTest(ctx)
	if err != nil {
		see("self-test", "", err, "the step that failed is in the message")
	}
	return append(checks, tried...)
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
		return "", fmt.Errorf("%s cannot setns(2) by pidfd", release)
	}
	return release, nil
}

func examineUserNamespaces() (string, error) {
	most, err := readNumber("/proc/sys/user/max_user_namespaces", "")
	if err == nil && most == 0 {
		err = errors.New("user.max_user_namespaces is 0")
	}
	return fmt.Sprintf("up to %d", most), err
}

// examineRestrictions looks at the switches by which distributions keep
// ordinary users from making user namespaces. Root may all the same.
func examineRestrictions() (string, error) {
	for file, barred := range map[string]string{
		"kernel/unprivileged_userns_clone":                 "0", // Debian
		"kernel/apparmor_restrict_unprivileged_userns":     "1", // Ubuntu
		"kernel/apparmor_restrict_unprivileged_unconfined": "1",
	} {
		words, err := readWords("/proc/sys/" + file)
		if err == nil && len(words) == 1 && words[0] == barred && os.Geteuid() != 0 {
			return "", fmt.Errorf("%s is %s", strings.ReplaceAll(file, "/", "."), barred)
		}
	}
	return "not restricted for this user", nil
}

func examineSeccomp() (string, error) {
	words, err := readWords("/proc/sys/kernel/seccomp/actions_avail")
	text := strings.Join(words, " ")
	if err == nil && (!strings.Contains(text, "errno") || !strings.Contains(text, "kill_process")) {
		err = fmt.Errorf("only %s", text)
	}
	return text, err
}

func examineCgroups() (string, error) {
	own, err := readOwnCgroups()
	if err != nil {
		return "", err
	}
	if own.unified != "" && own.hasControllers() {
		return "version 2, at " + own.unified, unix.Access(own.unified, unix.W_OK)
	}
	for _, controllers := range v1Controllers {
		for _, controller := range controllers {
			dir, ok := own.v1[controller]
			if !ok {
				return "", fmt.Errorf("no %s controller in version 1 or 2", controller)
			}
			if err := unix.Access(dir, unix.W_OK); err != nil {
				return "", fmt.Errorf("%s: %w", strconv.Quote(dir), err)
			}
		}
	}
	return "version 1, memory at " + own.v1["memory"], nil
}
