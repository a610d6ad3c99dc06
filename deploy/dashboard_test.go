package deploy

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// skipOrFail skips the test if the machine lacks something. If CI is set, the test
// fails.
func skipOrFail(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// tool returns the path of a program of Prometheus' or of a proxy: where make test-eyes
// puts it, or from PATH.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath("../build/prometheus/usr/bin/" + name)
	if errors.Is(err, os.ErrNotExist) {
		path, err = exec.LookPath("../build/prometheus/usr/sbin/" + name)
	}
	if errors.Is(err, os.ErrNotExist) {
		path, err = exec.LookPath(name)
	}
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		skipOrFail(t, "no "+name+": make test-eyes gets it")
	}
	return path
}

// dashboard has the members of the dashboard's file that the tests check.
type dashboard struct {
	UID           string  `json:"uid"`
	SchemaVersion int     `json:"schemaVersion"`
	Panels        []panel `json:"panels"`
	Annotations   struct {
		List []struct {
			Name string `json:"name"`
			Expr string `json:"expr"`
		} `json:"list"`
	} `json:"annotations"`
	Templating struct {
		List []struct {
			Name       string `json:"name"`
			Type       string `json:"type"`
			Definition string `json:"definition"`
		} `json:"list"`
	} `json:"templating"`
}

type panel struct {
	ID          int    `json:"id"`
	Type        string `json:"type"`
	Title       string `json:"title"`
	GridPos     box    `json:"gridPos"`
	FieldConfig struct {
		Defaults struct {
			Unit string `json:"unit"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
	Datasource *struct {
		UID string `json:"uid"`
	} `json:"datasource"`
	Targets []struct {
		RefID        string `json:"refId"`
		Expr         string `json:"expr"`
		LegendFormat string `json:"legendFormat"`
	} `json:"targets"`
}

type box struct{ X, Y, W, H int }

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	var d dashboard
	if err := json.Unmarshal([]byte(read(t, "grafana/hotcell.json")), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

var variable = regexp.MustCompile(`\$\{?([a-z_]+)`)

func TestTheDashboardHasAPlaceForEveryPanelAndAVariableForEveryName(t *testing.T) {
	d := readDashboard(t)
	known := map[string]bool{"__rate_interval": true}
	for _, v := range d.Templating.List {
		known[v.Name] = true
	}
	ids := make(map[int]string)
	for i, one := range d.Panels {
		if other, twice := ids[one.ID]; twice {
			t.Errorf("%q and %q have both the id %d", one.Title, other, one.ID)
		}
		ids[one.ID] = one.Title
		at := one.GridPos
		if at.X < 0 || at.W < 1 || at.H < 1 || at.X+at.W > 24 {
			t.Errorf("%q is not on the grid of 24 columns: %+v", one.Title, at)
		}
		for _, other := range d.Panels[:i] {
			o := other.GridPos
			if at.X < o.X+o.W && o.X < at.X+at.W && at.Y < o.Y+o.H && o.Y < at.Y+at.H {
				t.Errorf("%q is over %q", one.Title, other.Title)
			}
		}
		if one.Type != "row" && (one.Datasource == nil || one.Datasource.UID != "${datasource}" || len(one.Targets) == 0) {
			t.Errorf("%q asks nothing of the data source that is chosen", one.Title)
		}
		for _, target := range one.Targets {
			for _, name := range variable.FindAllStringSubmatch(target.Expr, -1) {
				if !known[name[1]] {
					t.Errorf("%q asks for $%s, and there is no such variable", one.Title, name[1])
				}
			}
		}
	}
}

// asked returns a query as Grafana sends it with nothing selected, and with a short
// scrape interval.
func asked(query string) string {
	return strings.NewReplacer("$__rate_interval", "5s", "$instance", ".*", "$profile", ".*").Replace(query)
}
