package supervisor_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// notebookEnv returns the environment that make build/python-notebook/.made makes.
func notebookEnv(t *testing.T) string {
	t.Helper()
	made := "../build/python-notebook"
	if root := os.Getenv("HOTCELL_ROOT"); root != "" { // another Python
		made = filepath.Join(filepath.Dir(root), "rootfs-notebook")
	}
	dir, err := filepath.Abs(made)
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, ".made"))
	}
	if err == nil {
		return dir
	}
	const why = "there is no environment of the notebook profile: run make build/python-notebook/.made, or build/rootfs-notebook/.made for HOTCELL_ROOT"
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// The profile of profiles/notebook, beside the default one.
func TestTheNotebookProfileHasWhatAssistantsUse(t *testing.T) {
	testkit.NeedsJails(t)
	python := notebookEnv(t)
	described, err := config.Load(map[string]string{"config": "../profiles/notebook/hotcell.yaml"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, func(c *config.Config) {
		c.Profile.Preload, c.Profile.PoolSize = nil, 1
		c.Profiles = described.Profiles
		p := &c.Profiles[0]
		p.Python, p.Root = python, os.Getenv("HOTCELL_ROOT")
	})
	for _, c := range []struct{ name, script, want string }{
		{"a plot as PNG, in memory", `
import io, matplotlib, matplotlib.pyplot as plt
def main():
    figure, axes = plt.subplots()
    axes.plot([1, 4, 9], label="squares")
    axes.set_title("Größe $\\alpha^2$")
    axes.legend()
    file = io.BytesIO()
    figure.savefig(file, format="png")
    png = file.getvalue()
    return png[:8] == b"\x89PNG\r\n\x1a\n" and b"IEND" in png[-12:] and len(png) > 5000 and matplotlib.get_backend().lower()`, `"agg"`},
		{"a plot as a file", `
import matplotlib.pyplot as plt, os
def main():
    plt.bar(["a", "b"], [1, 2])
    plt.savefig("plot.png")
    plt.savefig("plot.svg")
    plt.savefig("plot.pdf")
    return sorted(os.listdir("."))`, `["plot.pdf","plot.png","plot.svg"]`},
		{"matplotlib's cache is not among the script's files", `
import matplotlib, os
def main():
    os.makedirs(matplotlib.get_configdir(), exist_ok=True)
    open(os.path.join(matplotlib.get_cachedir(), "x"), "w").close()
    return os.listdir(".")`, `[]`},
		{"linear algebra", `
import numpy as np, scipy.linalg
def main():
    a = np.array([[4.0, 1.0], [1.0, 3.0]])
    return [round(x, 6) for x in scipy.linalg.solve(a, [1.0, 2.0])], scipy.linalg.det(scipy.linalg.expm(a * 0)), scipy.linalg.svdvals(np.eye(300)).sum()`,
			`[[0.090909,0.636364],1.0,300.0]`},
		{"optimisation, statistics, sparse matrices", `
import numpy as np, scipy.optimize, scipy.stats, scipy.sparse, scipy.sparse.linalg, scipy.fft, scipy.integrate
def main():
    least = scipy.optimize.minimize(lambda x: ((x - 3) ** 2).sum(), np.zeros(3)).x.round(3)
    area, _ = scipy.integrate.quad(lambda x: x, 0, 2)
    x = scipy.sparse.linalg.spsolve(scipy.sparse.eye(5, format="csc") * 2, np.ones(5))
    return least, round(area, 6), scipy.stats.norm.cdf(0), x.sum(), abs(scipy.fft.fft(np.ones(8)))[0]`, `[[3.0,3.0,3.0],2.0,0.5,2.5,8.0]`},
		{"models", `
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_score
def main():
    x = np.random.default_rng(1).normal(size=(200, 3))
    y = x[:, 0] > 0
    line = LinearRegression().fit(x, x @ [1, 2, 3])
    forest = RandomForestClassifier(n_estimators=8, n_jobs=-1, random_state=1).fit(x, y)
    return line.coef_.round(6), forest.score(x, y) > 0.95, cross_val_score(LogisticRegression(), x, y, n_jobs=-1).mean() > 0.9`, `[[1.0,2.0,3.0],true,true]`},
		{"joblib's workers, by each backend, with functions of the script", `
import warnings
from joblib import Parallel, delayed
class Named:
    def __init__(self, value): self.value = value
def square(x): return Named(x * x)
def main():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = [[n.value for n in Parallel(n_jobs=2, backend=b)(delayed(square)(i) for i in range(4))] for b in ("loky", "multiprocessing", "threading")]
    return found, Parallel(n_jobs=2)(delayed(lambda x: -x)(i) for i in range(2)), [str(w.message) for w in caught if "multi-threaded" not in str(w.message)]`, // Python 3.12 says that of any fork beside a thread
			`[[[0,1,4,9],[0,1,4,9],[0,1,4,9]],[0,-1],[]]`},
		{"workers of scipy and of scikit-learn", `
from scipy.optimize import differential_evolution
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
def bowl(x): return float((x**2).sum())
def main():
    x, y = make_classification(60, random_state=1)
    least = differential_evolution(bowl, [(-1, 1)] * 2, workers=2, updating="deferred", maxiter=3, seed=1).fun
    return least < 1, len(cross_val_score(LogisticRegression(), x, y, cv=3, n_jobs=2))`, `[true,3]`},
		{"workers have workers of their own", `
from joblib import Parallel, delayed
def inner(n): return sum(Parallel(n_jobs=2, backend="loky")(delayed(abs)(i) for i in range(n)))
def main():
    return [Parallel(n_jobs=2, backend="loky")(delayed(work)(n) for n in (3, 4)) for work in (abs, inner)]`, `[[3,4],[3,6]]`},
		{"what such workers tell a callback arrives", `
from sklearn.callback import ScoringMonitor
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
def scores(jobs):
    try:
        monitor = ScoringMonitor(scoring="accuracy")
    except PermissionError:  # an older kernel: there are no Unix sockets
        return 0
    x, y = make_classification(60, random_state=1)
    GridSearchCV(LogisticRegression().set_callbacks(monitor), {"C": [1, 2]}, cv=2, n_jobs=jobs).fit(x, y)
    return len(monitor.get_logs().data)
def main():
    return scores(2) == scores(1)`, `true`},
		{"one thread for each library", `
import numpy, scipy.linalg, sklearn.linear_model, threadpoolctl
def main():
    return sorted({library["num_threads"] for library in threadpoolctl.threadpool_info()})`, `[1]`},
		{"text in Chinese, Japanese and Korean, whichever font is asked for", `
import logging, matplotlib.pyplot as plt, os, warnings
def main():
    warnings.simplefilter("error")  # a missing glyph or a missing font is one
    logging.basicConfig(level=logging.WARNING)
    for settings in ({}, {"font.sans-serif": ["SimHei"], "axes.unicode_minus": False}, {"font.family": "Microsoft YaHei"}, {"font.family": "IPAexGothic"}):
        with plt.rc_context(settings):
            figure, axes = plt.subplots(figsize=(2, 1))
            axes.set_title("温度 東京 서울 Größe")
            for kind in ("png", "svg", "pdf"):
                figure.savefig("plot." + kind)
            plt.close(figure)
    return len(os.listdir("."))`, `3`},
		{"a process of its own knows the fonts, too", `
import subprocess, sys
SCRIPT = "import os, matplotlib; d = matplotlib.get_cachedir(); print([os.path.islink(os.path.join(d, f)) for f in os.listdir(d)]); import matplotlib.font_manager as m; print(m.findfont('SimHei', fallback_to_default=False)[-24:])"
def main():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    return done.stdout.split("\n"), done.stderr`, `[["[True]","otoSansCJKjp-Regular.otf",""],""]`},
		{"spreadsheets", `
import io, openpyxl, pandas as pd
def main():
    tables = []
    for engine in ("openpyxl", "xlsxwriter"):
        file = io.BytesIO()
        pd.DataFrame({"a": [1, 2], "b": ["x", "ü"]}).to_excel(file, index=False, engine=engine)
        tables.append(pd.read_excel(file).values.tolist())
    return tables`, `[[[1,"x"],[2,"ü"]],[[1,"x"],[2,"ü"]]]`},
		{"columns", `
import io, pandas as pd, polars as pl, pyarrow as pa, pyarrow.compute as pc
def main():
    file = io.BytesIO()
    frame = pd.DataFrame({"g": ["x", "y", "x"], "v": [1, 2, 3]})
    frame.to_parquet(file)
    file.seek(0)
    back = pl.read_parquet(file).group_by("g").agg(pl.col("v").sum()).sort("g")
    lazy = pl.LazyFrame({"v": list(range(1000))}).filter(pl.col("v") % 2 == 0).select(pl.col("v").sum()).collect().item()
    return back.rows(), lazy, pc.sum(pa.array([1, 2])).as_py(), pl.DataFrame(frame).to_pandas().equals(frame)`, `[[["x",4],["y",2]],249500,3,true]`},
		{"statistics with formulas", `
import pandas as pd, statsmodels.api as sm, statsmodels.formula.api as smf
def main():
    frame = pd.DataFrame({"x": range(10), "y": [2.0 * x + (1 if x % 2 else -1) for x in range(10)]})
    line = smf.ols("y ~ x", frame).fit()
    return line.params.round(2).tolist(), "OLS Regression Results" in str(line.summary()), sm.OLS(frame.y, sm.add_constant(frame.x)).fit().rsquared > 0.9`,
			`[[-0.27,2.06],true,true]`},
		{"more plots", `
import pandas as pd, plotly.express as px, seaborn as sns
def main():
    frame = pd.DataFrame({"x": [1, 2, 3], "y": [1, 4, 9]})
    sns.lineplot(frame, x="x", y="y").figure.savefig("s.png")
    figure = px.scatter(frame, x="x", y="y")
    return open("s.png", "rb").read(4)[1:].decode(), "plotly" in figure.to_html(include_plotlyjs="cdn"), len(figure.to_plotly_json()["data"])`, `["PNG",true,1]`},
		{"symbols, graphs, pages, pictures, tables, models", `
import io, bs4, jinja2, lxml.etree, networkx as nx, PIL.Image, pydantic, sympy, tabulate
class Point(pydantic.BaseModel):
    x: int
def main():
    file = io.BytesIO()
    PIL.Image.new("RGB", (4, 4), "red").save(file, "JPEG")
    return (str(sympy.integrate(sympy.Symbol("x") ** 2)), nx.shortest_path(nx.path_graph(4), 0, 3), bs4.BeautifulSoup("<p>hi", "lxml").p.text,
        jinja2.Template("{{ 1 + 1 }}").render(), lxml.etree.fromstring("<a/>").tag, tabulate.tabulate([[1]], ["n"]).split(), Point(x="3").x, file.getvalue()[:2].hex())`,
			`["x**3/3",[0,1,2,3],"hi","2","a",["n","---","1"],3,"ffd8"]`},
		{"results, as the libraries have them", `
import datetime, numpy as np, pandas as pd, polars as pl, pyarrow as pa, pydantic
class Point(pydantic.BaseModel):
    x: int
    at: datetime.date = datetime.date(2024, 1, 2)
    next: "Point | None" = None
class Points(pydantic.RootModel[list[int]]): pass
def main():
    table = pa.table({"a": [1, None], "b": [[1], []]})
    days = pd.Series([pd.Timestamp("2024-01-01", tz="UTC"), None]).astype("timestamp[ns, tz=UTC][pyarrow]")
    return [Point(x=1, next=Point(x=2)), Points([3]), pl.DataFrame({"a": [1, None]}), pl.Series([0.5, np.nan]), table, table["a"], table["a"][0], days,
        pd.DataFrame({"s": ["x", None]}).convert_dtypes(dtype_backend="pyarrow"), pd.Series(["x", "x"], dtype="string[pyarrow]").value_counts()]`,
			`[{"x":1,"at":"2024-01-02","next":{"x":2,"at":"2024-01-02","next":null}},[3],[{"a":1},{"a":null}],[0.5,null],[{"a":1,"b":[1]},{"a":null,"b":[]}],[1,null],1,` +
				`["2024-01-01T00:00:00+00:00",null],[{"s":"x"},{"s":null}],{"x":2}]`},
		{"what needs a network fails at once, and says why", `
import time, urllib.request, httpx, pandas as pd, requests
def main():
    told, began = [], time.monotonic()
    for fetch in (requests.get, requests.Session().get, httpx.get, httpx.Client().get, urllib.request.urlopen, pd.read_csv):
        for url in ("https://example.com/a.csv", "http://203.0.113.7/a.csv", "http://localhost:9/a.csv"):
            try:
                fetch(url)
            except Exception as failed:
                told.append("there is no network in a hotcell cell: send the data with the request" in str(failed) or f"{fetch} {url}: {failed}")
    return set(map(str, told)), len(told), time.monotonic() - began < 15`, `[["True"],18,true]`},
	} {
		a := s.execute(c.script, fields{"profile": "notebook"})
		if string(a.Result) != c.want || a.Stderr != "" {
			t.Errorf("%s: want %s, got %s", c.name, c.want, a.body)
		}
	}
	var info api.Info
	if err := json.Unmarshal([]byte(s.get("/info").body), &info); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"scipy", "scikit-learn", "matplotlib", "polars", "pyarrow"} {
		if info.Profiles["notebook"].Packages[name] == "" || info.Profiles["default"].Packages[name] != "" {
			t.Errorf("%s: %v", name, info.Profiles)
		}
	}
}
