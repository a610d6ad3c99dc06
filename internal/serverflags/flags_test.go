package serverflags_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/internal/serverflags"
	"github.com/hotcell/hotcell/supervisor/config"
)

// A shell offers the values of a setting that has few, files for one that is a path, and
// else nothing: without a word of ours it would offer files for each.
func TestShellsAreOfferedTheValuesOfEachSetting(t *testing.T) {
	const files, space, nothing = cobra.ShellCompDirectiveDefault, cobra.ShellCompDirectiveNoSpace, cobra.ShellCompDirectiveNoFileComp
	var few []string
	for _, s := range config.Settings {
		field, typed := s.Field(), ""
		want := nothing
		switch {
		case field.Path:
			want = files
		case field.List:
			typed, want = "given,", nothing|space
		}
		lines := offered(t, "--"+s.Flag(), typed)
		if last := lines[len(lines)-1]; last != fmt.Sprintf(":%d", want) {
			t.Errorf("--%s: %q, want %d", s.Flag(), last, want)
		}
		var values []string
		for _, line := range lines[:len(lines)-1] {
			value, given := strings.CutPrefix(line, typed)
			if values = append(values, value); !given || !field.Set(value) {
				t.Errorf("--%s: %q is offered and not taken", s.Flag(), line)
			}
		}
		if !slices.Equal(values, field.Choices) {
			t.Errorf("--%s: %q are offered of %q", s.Flag(), values, field.Choices)
		}
		if len(values) > 0 {
			few = append(few, s.Key)
		} else if strings.HasPrefix(field.Allowed, "one of") || strings.HasPrefix(field.Allowed, "names out of") || strings.Contains(field.Allowed, " or ") && !strings.Contains(field.Allowed, "empty") {
			t.Errorf("--%s takes %s, and offers nothing", s.Flag(), field.Allowed)
		}
	}
	if len(few) < 12 {
		t.Errorf("only %q offer values", few)
	}
	if got := offered(t, "--compat", "e2b,"); slices.Contains(got, "e2b,e2b") || !slices.Contains(got, "e2b,jupyter") {
		t.Errorf("after e2b: %q", got)
	}
	if got := offered(t, "--config", ""); !slices.Equal(got, []string{fmt.Sprintf(":%d", files)}) {
		t.Errorf("--config: %q", got)
	}
}

// offered returns what the shell is told: the values, and a line with how they are meant.
func offered(t *testing.T, typed ...string) []string {
	t.Helper()
	root, cmd := &cobra.Command{Use: "test"}, &cobra.Command{Use: "serve", Run: func(*cobra.Command, []string) {}}
	serverflags.Add(cmd)
	root.AddCommand(cmd)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(new(bytes.Buffer))
	root.SetArgs(append([]string{cobra.ShellCompNoDescRequestCmd, "serve"}, typed...))
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}
