package testkit

import (
	"os"
	"testing"
)

// NeedsJails skips the test if it cannot make jails, because it is not root. If CI is
// set, which promises root, the test fails instead.
func NeedsJails(t testing.TB) {
	t.Helper()
	needsRoot(t, "needs root: it makes real jails")
}

// NeedsRoot is like [NeedsJails], for tests that need root for other reasons.
func NeedsRoot(t testing.TB, what string) {
	t.Helper()
	needsRoot(t, "needs root: "+what)
}

func needsRoot(t testing.TB, why string) {
	t.Helper()
	switch {
	case os.Geteuid() == 0:
	case os.Getenv("CI") != "":
		t.Fatal(why)
	default:
		t.Skip(why)
	}
}
