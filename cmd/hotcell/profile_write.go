package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/supervisor/config"
)

// checkConfiguration refuses a name that the configuration has, and a file that cannot
// be read.
func (a *addition) checkConfiguration() error {
	cfg, err := a.configuration()
	if err != nil {
		return cli.Exit(cli.ExitUsage, err)
	}
	if slices.ContainsFunc(cfg.AllProfiles(), func(p config.Profile) bool { return p.Name == a.name }) {
		return cli.Usagef("profile %q: the name is taken by another profile of the configuration", a.name)
	}
	return nil
}

// tell prints what the user does next.
func (a *addition) tell(preload []string) error {
	if a.upgrade {
		fmt.Printf("%s leads to it. A running server makes its next zygotes from it, within its zygote_max_age; a restart does it at once.\n"+
			"Remove the old directory beside it when no server uses it any more.\n", a.link)
		return nil
	}
	lines := []string{a.name + ":", "  python: " + a.link, "  preload: [" + strings.Join(preload, ", ") + "]"}
	if a.write == "" {
		fmt.Printf("For the configuration file, before the server is restarted:\n\nprofiles:\n  %s\n", strings.Join(lines, "\n  "))
		return nil
	}
	if err := a.writeConfiguration(lines); err != nil {
		return fmt.Errorf("profile add: the environment is made, and %s is as it was: %w", a.write, err)
	}
	fmt.Printf("%s has the profile. Restart the server, and send \"profile\": %q.\n", a.write, a.name)
	return nil
}

// writeConfiguration adds the profile to the configuration file, which it replaces as
// a whole, if the result is a configuration with that profile.
func (a *addition) writeConfiguration(lines []string) error {
	path := a.write
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	old, err := os.ReadFile(path)
	mode := fs.FileMode(0o644)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	text, err := withProfile(string(old), lines)
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(path), ".hotcell-*.yaml")
	if err != nil {
		return err
	}
	defer os.Remove(next.Name()) // fails once it is renamed
	if _, err = next.WriteString(text); err == nil {
		err = errors.Join(next.Chmod(mode), next.Sync(), next.Close())
	}
	if err != nil {
		return err
	}
	cfg, err := config.Load(map[string]string{"config": next.Name()}, nil)
	isOurs := func(p config.Profile) bool { return p.Name == a.name && p.Python == a.link }
	if err == nil && !slices.ContainsFunc(cfg.Profiles, isOurs) {
		err = errors.New("it cannot be extended automatically")
	}
	if err != nil {
		return fmt.Errorf("%w; add these lines by hand:\n\nprofiles:\n  %s", err, strings.Join(lines, "\n  "))
	}
	return os.Rename(next.Name(), path)
}

var (
	profilesLine = regexp.MustCompile(`(?m)^profiles:[ \t]*(#.*)?\r?\n?$`)
	indented     = regexp.MustCompile(`^(?:[ \t]*(?:#.*)?\r?\n)*([ ]+)[^ #\r\n]`)
)

// withProfile adds the lines of a profile to the text of a configuration.
func withProfile(text string, lines []string) (string, error) {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	at := profilesLine.FindStringIndex(text)
	if at == nil {
		if regexp.MustCompile(`(?m)^["']?profiles["']?[ \t]*:`).MatchString(text) {
			return "", fmt.Errorf("its profiles are not written one below the other; add these lines by hand:\n\n%s", strings.Join(lines, "\n"))
		}
		return text + "profiles:\n  " + strings.Join(lines, "\n  ") + "\n", nil
	}
	end := at[1]
	if !strings.HasSuffix(text[:end], "\n") {
		end++
	}
	indent := "  "
	if found := indented.FindStringSubmatch(text[end:]); found != nil {
		indent = found[1]
	}
	return text[:end] + indent + strings.Join(lines, "\n"+indent) + "\n" + text[end:], nil
}
