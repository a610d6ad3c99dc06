package deploy

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// life installs a package, upgrades, removes and purges it, with the real dpkg and on a
// layer over this system's files. It is called with a directory, the package, and a
// drop-in for the unit. In the layer, systemctl only says how it was called.
const life = `set -eu
mount -t tmpfs none "$1"
cd "$1"
mkdir upper work root
mount -t overlay none -o lowerdir=/,upperdir=upper,workdir=work root
mount -t tmpfs none root/dev
mknod -m 666 root/dev/null c 1 3
mkdir -p root/run/systemd/system
printf '#!/bin/sh\necho systemctl "$@"\n' >root/usr/local/sbin/systemctl
chmod 755 root/usr/local/sbin/systemctl
cp "$2" root/hotcell.deb
inside() { chroot root /usr/bin/env PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
debian() {
	inside dpkg --no-triggers --force-unsafe-io "$@" >dpkg.log 2>&1 || { cat dpkg.log; exit 1; }
	grep '^systemctl' dpkg.log || true
}

echo installed:
debian --install /hotcell.deb
inside hotcell version
inside man --path hotcell
inside dpkg --verify hotcell
mkdir -p root/etc/systemd/system/hotcell.service.d
cp "$3" root/etc/systemd/system/hotcell.service.d/
inside systemd-analyze verify hotcell.service
rm -f root/run/systemd/systemd-units-load # systemd-analyze makes it, not the package
rm -r root/etc/systemd/system/hotcell.service.d

echo upgraded:
echo 'keys: []' >root/etc/hotcell/keys.yaml
debian --install /hotcell.deb

echo removed:
mkdir root/opt/hotcell/python/__pycache__ # as the interpreter makes it
debian --remove hotcell
inside find /etc/hotcell /opt/hotcell /usr/share/doc/hotcell -type f 2>/dev/null | sort

echo purged:
debian --purge hotcell
rm root/hotcell.deb root/usr/local/sbin/systemctl
echo left:
find upper ! -type d ! -path 'upper/var/lib/dpkg/*' ! -path 'upper/var/log/*'
find upper -name '*hotcell*'
`

func TestTheDebianPackageIsWholeAndLeavesNothing(t *testing.T) {
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("no dpkg-deb")
	}
	out, root := t.TempDir(), t.TempDir()
	run(t, nil, "tools/deb", programs(t), emptyEnvironment(t), out)
	packages, err := filepath.Glob(out + "/hotcell_*.deb")
	if err != nil || len(packages) != 1 {
		t.Fatalf("%v %v", packages, err)
	}
	run(t, nil, "dpkg-deb", "--raw-extract", packages[0], root)
	got := files(t, root)
	for _, file := range installed {
		if got["/usr"+file] == "" {
			t.Errorf("%s is missing", file)
		}
	}
	for file, part := range map[string]string{
		"/usr/share/doc/hotcell/copyright":         "License",
		"/opt/hotcell/python/pyvenv.cfg":           "home",
		"/etc/hotcell/hotcell.yaml":                "# listen: 127.0.0.1:8080",
		"/DEBIAN/conffiles":                        "/etc/hotcell/hotcell.yaml\n",
		"/DEBIAN/postrm":                           "rm -rf /opt/hotcell/python",
		"/DEBIAN/prerm":                            "systemctl disable --now",
		"/usr/lib/systemd/system/hotcell.service":  "ExecStart=/usr/bin/hotcell serve --config /etc/hotcell/hotcell.yaml\n",
		"/usr/share/doc/hotcell/docs/operating.md": "Running a server",
	} {
		if !strings.Contains(got[file], part) {
			t.Errorf("%s does not have %q: %.300s", file, part, got[file])
		}
	}
	testkit.NeedsRoot(t, "it installs a package, on a copy of this system that is gone with the test")
	said := run(t, nil, "unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", life, "life", t.TempDir(), packages[0],
		filepath.Join(testkit.Checkout(), "examples", "systemd", "keys.conf"))
	for _, want := range []string{
		"installed:\nsystemctl daemon-reload\nhotcell ", "\n/usr/share/man/man1/hotcell.1.gz\n",
		"upgraded:\nsystemctl daemon-reload\nsystemctl try-restart hotcell.service\n",
		"removed:\nsystemctl disable --now hotcell.service\nsystemctl daemon-reload\n/etc/hotcell/hotcell.yaml\n/etc/hotcell/keys.yaml\n",
		"purged:\nsystemctl daemon-reload\nleft:\n",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if _, left, _ := strings.Cut(said, "left:\n"); left != "" {
		t.Errorf("purging it leaves\n%s", left)
	}
}
