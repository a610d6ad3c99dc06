package fidelity_test

import (
	"context"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testjail"
	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/protocol"
)

var (
	update = flag.Bool("update", false, "add what differs to differences.txt, and remove what does not")
	try    = flag.String("try", "", "run tests of libraries in an `ENVIRONMENT:LIBRARY,…:MODULE,…` instead: an absolute path, what is imported before, and modules of tests")
)

func TestMain(m *testing.M) { os.Exit(testjail.Main(m)) }

// suite is a test suite that runs in cells and beside them.
type suite struct {
	kind    string // of tools/fidelity/suite.py
	root    string // the root file system, in build; empty: the host's
	python  string // the environment, in build or in root
	preload []string
	beside  bool // run it without a jail, too; else what is not skipped must pass
	modules func(t *testing.T, root, python string) []string
}

// The suites. Another library takes a line here, and its name in build/python-tests
// or build/python-libraries.
var suites = map[string]suite{
	"cpython": {"unittest", "cpython", "/opt/hotcell/python", []string{"numpy", "pandas"}, true, cpython},
	"numpy": {"pytest", "", "python-tests", []string{"numpy", "pandas", "pytest"}, false, only("numpy._core.tests.test_multiarray", "numpy._core.tests.test_umath",
		"numpy._core.tests.test_mem_overlap", "numpy._core.tests.test_memmap", "numpy.linalg.tests.test_linalg", "numpy.fft.tests.test_pocketfft",
		"numpy.random.tests.test_random", "numpy.lib.tests.test_io", "numpy.lib.tests.test_format")},
	"pandas": {"pytest", "", "python-tests", []string{"numpy", "pandas", "pytest"}, false, only("pandas.tests.series.methods", "pandas.tests.frame.test_constructors",
		"pandas.tests.groupby.test_groupby", "pandas.tests.io.parser.test_parse_dates")},

	// Of the notebook profile, what its libraries do with files, processes, threads and
	// compiled code.
	"joblib": notebook("joblib", "joblib.test.test_hashing", "joblib.test.test_numpy_pickle", "joblib.test.test_store_backends", "joblib.test.test_memory",
		"joblib.test.test_func_inspect", "joblib.test.test_disk", "joblib.test.test_config", "joblib.test.test_memmapping"),
	"matplotlib": notebook("matplotlib", "matplotlib.tests.test_font_manager", "matplotlib.tests.test_matplotlib", "matplotlib.tests.test_cbook",
		"matplotlib.tests.test_backend_tools", "matplotlib.tests.test_api", "matplotlib.tests.test_style", "matplotlib.tests.test_texmanager", "matplotlib.tests.test_animation"),
	"pandas files": {"pytest", "", "python-libraries", []string{"numpy", "pandas", "pytest"}, true, only("pandas.tests.io.test_common", "pandas.tests.io.test_compression",
		"pandas.tests.io.test_pickle", "pandas.tests.io.test_parquet", "pandas.tests.io.test_feather", "pandas.tests.io.xml")},
	"scipy":       notebook("scipy", "scipy.fft.tests.test_multithreading", "scipy.io.tests", "scipy.linalg.tests.test_blas", "scipy.linalg.tests.test_cython_blas"),
	"sklearn":     notebook("sklearn", "sklearn.datasets.tests.test_svmlight_format", "sklearn.callback.tests"),
	"statsmodels": notebook("scipy.stats", "statsmodels.iolib.tests"),
	"networkx":    notebook("networkx", "networkx.classes.tests", "networkx.readwrite.tests", "networkx.drawing.tests", "networkx.linalg.tests"),
	"sympy": notebook("sympy", "sympy.printing.tests.test_latex", "sympy.printing.tests.test_preview", "sympy.solvers.tests.test_simplex",
		"sympy.solvers.tests.test_numeric"),
	"pyarrow": notebook("pyarrow", "pyarrow.tests.test_array", "pyarrow.tests.test_io"),
}

// notebook is a suite of a library of the notebook profile, which is imported before.
func notebook(library string, modules ...string) suite {
	return suite{"pytest", "", "python-libraries", []string{"numpy", "pandas", library, "pytest"}, true, only(modules...)}
}

func only(modules ...string) func(*testing.T, string, string) []string {
	return func(*testing.T, string, string) []string { return modules }
}

// cpython lists the modules of CPython's own tests as its own runner does.
func cpython(t *testing.T, root, python string) []string {
	t.Helper()
	out, err := exec.Command("chroot", root, python, "-c", `from test.libregrtest.findtests import findtests
print(*(name if name.startswith("test.") else f"test.{name}" for name in findtests()))`).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}

// Each test that passes beside a cell passes in one, or is in the table with its
// reason; and what is in the table does not pass.
func TestPythonsOwnTestsPassInACellOrHaveAReason(t *testing.T) {
	testkit.NeedsJails(t)
	text, err := os.ReadFile("../tools/fidelity/suite.py")
	if err != nil {
		t.Fatal(err)
	}
	script := string(text)
	known := readTable(t)
	if *try != "" {
		environment, rest, _ := strings.Cut(*try, ":")
		libraries, modules, _ := strings.Cut(rest, ":")
		preload := append(strings.Split(libraries, ","), "pytest")
		suites = map[string]suite{"try": {"pytest", "", environment, preload, true, only(strings.Split(modules, ",")...)}}
	}
	for _, name := range slices.Sorted(maps.Keys(suites)) {
		t.Run(name, func(t *testing.T) { suites[name].compare(t, script, known) })
	}
	if *update {
		known.write(t)
	}
}

func (s suite) compare(t *testing.T, script string, known *table) {
	build, err := filepath.Abs("../build")
	if err != nil {
		t.Fatal(err)
	}
	root, env := "", filepath.Join(build, s.python)
	if filepath.IsAbs(s.python) && s.root == "" {
		env = s.python
	}
	if s.root != "" {
		root, env = filepath.Join(build, s.root), filepath.Join(build, s.root, s.python)
	}
	if _, err := os.Stat(env); err != nil {
		t.Fatalf("%v: make makes it", err)
	}
	p := testjail.Profile(t, protocol.ModeFork)
	p.Root, p.Python, p.Preload, p.MaxProcesses = root, env, s.preload, 256
	jail := testjail.Start(t, p)
	defer jail.Close()
	seen, interpreter := root, filepath.Join(strings.TrimPrefix(env, root), "bin/python")
	if seen == "" {
		seen = "/"
	}
	in, out := inside(jail, script), outside(t, seen, interpreter, script)
	t.Run("modules", func(t *testing.T) { // ends when all have
		for _, module := range s.modules(t, seen, interpreter) {
			t.Run(module, func(t *testing.T) {
				t.Parallel()
				ctx := t.Context()
				if end, ok := t.Deadline(); ok { // and time to clean up
					var cancel context.CancelFunc
					ctx, cancel = context.WithDeadline(ctx, end.Add(-20*time.Second))
					defer cancel()
				}
				var there, here report
				var both sync.WaitGroup
				if s.beside {
					both.Go(func() { there = out.run(ctx, s.kind, module, nil) })
				}
				here = in.run(ctx, s.kind, module, known.waiting(module))
				both.Wait()
				if !s.beside {
					if there = here.expected(); len(there) == 0 {
						t.Error("no test ran")
					}
				}
				settle(ctx, known, s.kind, module, in, out, here, there)
				if ctx.Err() != nil {
					t.Fatal("there was no time left for it: see -timeout")
				}
				wrong := known.judge(module, there, here)
				t.Logf("%d passed outside, %d in a cell", there.passed(), here.passed())
				if *update {
					t.Log(strings.Join(wrong, "\n"))
					return
				}
				for _, complaint := range wrong {
					t.Error(complaint)
				}
			})
		}
	})
}
