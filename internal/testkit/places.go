package testkit

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// Checkout returns the root of the repository, where go.mod is. It is empty if the
// test program was copied elsewhere, for example into the virtual machine.
func Checkout() string {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	return ""
}

// PythonPath returns the path of the environment for jails: $HOTCELL_PYTHON, or the
// one that make build makes. It need not exist.
func PythonPath() string {
	if dir := os.Getenv("HOTCELL_PYTHON"); dir != "" {
		return dir
	}
	return filepath.Join(Checkout(), "build", "python")
}

// Python returns the environment for jails. The test fails if there is none.
func Python(t testing.TB) string {
	t.Helper()
	dir := PythonPath()
	if _, err := os.Stat(filepath.Join(dir, "pyvenv.cfg")); err != nil {
		t.Fatalf("no Python environment for jails: %v; run make build first", err)
	}
	return dir
}

// Places returns the settings of a program that has an environment of its own: where
// jails take Python from, and what else make test-rootfs sets for all tests.
func Places(t testing.TB) []string {
	t.Helper()
	settings := []string{"HOTCELL_PYTHON=" + Python(t)}
	for _, name := range []string{"HOTCELL_ROOT", "HOTCELL_SNAPSHOT"} {
		if value, set := os.LookupEnv(name); set {
			settings = append(settings, name+"="+value)
		}
	}
	return settings
}

// OpenDir makes a directory that jails can reach, unlike those of t.TempDir. The
// caller removes it.
func OpenDir(parent, prefix string) (string, error) {
	dir, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// FreeAddress returns an address on loopback where nothing listens. Unlike port 0, it
// can be used again by the next instance.
func FreeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// OwnAddress returns an address on loopback that is nobody else's, for those who must know
// each other's before they listen. That of [FreeAddress] may be taken until then.
func OwnAddress() string {
	var random [5]byte
	_, _ = rand.Read(random[:]) // never fails
	return fmt.Sprintf("127.%d.%d.%d:%d", random[0], random[1], 1+random[2]%250, 10000+int(binary.BigEndian.Uint16(random[3:]))%20000)
}
