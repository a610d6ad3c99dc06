package supervisor_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/config"
)

// What libraries draw comes as pictures, each once, in a function and in a cell.
func TestWhatLibrariesDrawIsShownOnce(t *testing.T) {
	testkit.NeedsJails(t)
	python := notebookEnv(t)
	s := start(t, func(c *config.Config) {
		c.Profile.Python, c.Profile.PoolSize, c.Profile.Preload = python, 1, []string{"matplotlib.pyplot"}
		c.Profile.Warmup = ""
	})
	const plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
	for _, c := range []struct{ name, script, want string }{
		{"plt.show", plot + "plt.show()", "png"},
		{"an open figure", plot, "png"},
		{"two, one shown", plot + "plt.show()\nplt.plot([2, 1])", "png png"},
		{"a backend of the script's own", "import matplotlib\nmatplotlib.use('Agg')\n" + plot + "plt.show()\nplt.close('all')", "png"},
		{"figure.show", "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1])\nfigure.show()", "png"},
		{"displayed, and left open", "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1])\ndisplay(figure)\nfigure.savefig('x.png')", "png"},
		{"an empty figure", "import matplotlib.pyplot as plt\nplt.figure()", ""},
		{"a figure before an exception", plot + "1/0", "png"},
		{"a figure that is too large", plot + "plt.gcf().set_size_inches(1e5, 1e5)", ""},
		{"Pillow", "from PIL import Image\nImage.new('RGB', (2, 2)).show()", "png"},
		{"plotly", "import plotly.graph_objects as go\ngo.Figure(go.Bar(y=[1, 2])).show()", "plotly"},
		{"IPython's display", "from IPython.display import display, HTML\ndisplay(HTML('<b>'))", "html"},
	} {
		modes := []string{"function", "program", "cell"}
		if c.want == "plotly" || c.name == "Pillow" || c.name == "figure.show" { // they take the way of the others
			modes = modes[:1]
		}
		for _, mode := range modes {
			body := c.script
			if mode == "function" {
				body = "def main():\n " + strings.ReplaceAll(c.script, "\n", "\n ")
			}
			got := s.execute(body, fields{"display": true, "mode": mode, "limits": fields{"wall_ms": 30000, "cpu_ms": 30000, "memory_bytes": 1 << 30}})
			var kinds []string
			for _, output := range got.Outputs {
				var png string
				if json.Unmarshal(output.Data["image/png"], &png) == nil && png != "" {
					content, err := base64.StdEncoding.DecodeString(png)
					if err != nil || !strings.HasPrefix(string(content), "\x89PNG") {
						t.Errorf("%s in %s: no PNG: %v", c.name, mode, err)
					}
					kinds = append(kinds, "png")
					continue
				}
				i := slices.IndexFunc([]string{"application/vnd.plotly.v1+json", "text/html"}, func(kind string) bool { return output.Data[kind] != nil })
				kinds = append(kinds, []string{"text", "plotly", "html"}[i+1])
			}
			kinds = slices.DeleteFunc(kinds, func(kind string) bool { return kind == "text" && mode == "cell" }) // of a last expression
			if found := strings.Join(kinds, " "); found != c.want {
				t.Errorf("%s in %s: %s with %q, want %q: %+v %.300s", c.name, mode, got.Status, found, c.want, got.Error, got.Stderr)
			}
		}
	}
}
