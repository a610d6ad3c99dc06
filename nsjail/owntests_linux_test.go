package nsjail_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// numpy's and pandas' own tests run in a cell with the highest limits: the filter
// must allow what they call. Their environment has pytest; make builds it.
func TestTheFilterIsWideEnoughForNumpysAndPandasOwnTests(t *testing.T) {
	testkit.NeedsJails(t)
	env, err := filepath.Abs("../build/python-tests")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(env, ".made")); err != nil {
		t.Fatalf("%v: make test makes it", err)
	}
	p := profile(t, protocol.ModeFork)
	p.Root, p.Python, p.Preload = "", env, append(p.Preload, "pytest")
	jail := startJail(t, p)
	defer jail.Close()
	wide := limits
	wide.Wall, wide.CPU, wide.MemoryBytes, wide.DiskBytes, wide.OutputBytes = 5*time.Minute, 5*time.Minute, 2<<30, 256<<20, 8<<20
	for _, modules := range [][]string{
		{"numpy._core.tests.test_multiarray", "numpy._core.tests.test_umath", "numpy._core.tests.test_mem_overlap", "numpy._core.tests.test_memmap"},
		{"numpy.linalg.tests.test_linalg", "numpy.fft.tests.test_pocketfft", "numpy.random.tests.test_random", "numpy.lib.tests.test_io", "numpy.lib.tests.test_format"},
		{"pandas.tests.series.methods", "pandas.tests.frame.test_constructors", "pandas.tests.groupby.test_groupby", "pandas.tests.io.parser.test_parse_dates"},
	} {
		t.Run(strings.Join(modules, " "), func(t *testing.T) {
			list, err := json.Marshal(modules)
			if err != nil {
				t.Fatal(err)
			}
			verdict, err := spawn(t, jail).Run(t.Context(), nsjail.Job{Limits: wide, Script: fmt.Sprintf(ownTests, list)})
			if err != nil || verdict.Status != protocol.StatusOK {
				t.Fatalf("%v %s %s %+v\n%.4000s", err, verdict.Status, verdict.Limit, verdict.Error, verdict.Stdout)
			}
			var outcome struct{ Passed, Failed, Errors []string }
			if err := json.Unmarshal(verdict.Result, &outcome); err != nil {
				t.Fatal(err)
			}
			failed := append(outcome.Failed, outcome.Errors...)
			if len(failed) > 0 || len(outcome.Passed) < 200 {
				t.Errorf("%d passed, failed: %q\n%.8000s", len(outcome.Passed), failed, verdict.Stdout)
			}
			t.Logf("%d passed", len(outcome.Passed))
		})
	}
}

const ownTests = `
import importlib, pathlib, pytest
class Count:
    def __init__(self): self.passed, self.failed, self.errors = [], [], []
    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.passed: self.passed.append(report.nodeid.rpartition("/")[2])
        elif report.failed: self.failed.append(report.nodeid.rpartition("/")[2])
    def pytest_collectreport(self, report):
        if report.failed: self.errors.append(report.nodeid)
def main():
    paths = []
    for name in %s:
        module = importlib.import_module(name)
        paths.append(str(pathlib.Path(module.__path__[0] if hasattr(module, "__path__") else module.__file__)))
    count = Count()
    pytest.main(["-q", "--maxfail=20", "-p", "no:cacheprovider", "-m", "not slow", "-W", "ignore", "--tb=short", *paths], plugins=[count])
    return {"passed": count.passed, "failed": count.failed, "errors": count.errors}
`
