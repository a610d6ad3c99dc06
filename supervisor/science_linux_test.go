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

// scienceEnv returns the environment that make build/python-science/.made makes.
func scienceEnv(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../build/python-science")
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, ".made"))
	}
	if err == nil {
		return dir
	}
	const why = "there is no environment of the science profile: run make build/python-science/.made"
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// The profile of profiles/science, beside the default one.
func TestScienceWorksInItsOwnProfile(t *testing.T) {
	testkit.NeedsJails(t)
	python := scienceEnv(t)
	described, err := config.Load(map[string]string{"config": "../profiles/science/hotcell.yaml"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, func(c *config.Config) {
		c.Profile.Preload, c.Profile.PoolSize = nil, 1
		c.Profiles = described.Profiles
		p := &c.Profiles[0]
		p.Python, p.Warmup = python, "../"+p.Warmup
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
		{"one thread for each library", `
import numpy, scipy.linalg, sklearn.linear_model, threadpoolctl
def main():
    return sorted({library["num_threads"] for library in threadpoolctl.threadpool_info()})`, `[1]`},
	} {
		a := s.execute(c.script, fields{"profile": "science"})
		if string(a.Result) != c.want || a.Stderr != "" {
			t.Errorf("%s: want %s, got %s", c.name, c.want, a.body)
		}
	}
	var info api.Info
	if err := json.Unmarshal([]byte(s.get("/info").body), &info); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"scipy", "scikit-learn", "matplotlib"} {
		if info.Profiles["science"].Packages[name] == "" || info.Profiles["default"].Packages[name] != "" {
			t.Errorf("%s: %v", name, info.Profiles)
		}
	}
}
