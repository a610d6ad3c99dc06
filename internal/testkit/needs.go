package testkit

import (
	"os"
	"testing"
)

// NeedsJails skips the test where it cannot make jails: without root. Where CI is
// set, which promises root, the test fails instead.
func NeedsJails(t testing.TB) {
	t.Helper()
	needsRoot(t, "needs root: it makes real jails")
}

// NeedsRoot is like [NeedsJails] for a test that needs root for something else.
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
