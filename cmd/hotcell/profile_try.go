package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/once"
)

// listModules prints the modules of packages, without importing any.
const listModules = `
import importlib.metadata as m, json, sys
print(json.dumps({name: sorted({p.parts[0].removesuffix(".py") for p in m.files(name) or ()
    if p.suffix == ".py" and (len(p.parts) == 1 or p.parts[1] == "__init__.py")
    or p.suffix == ".so" and len(p.parts) == 1}) for name in sys.argv[1:]}))`

// importModules is the script that imports modules in a cell.
const importModules = `
import importlib
def main(modules):
    failed = {}
    for name in modules:
        try:
            importlib.import_module(name)
        except BaseException as error:
            failed[name] = f"{type(error).__name__}: {error}"[:500]
    return failed`

// try imports the packages that the user wanted in a cell, and returns those of their
// modules that can be imported beforehand, with those of the default profile. notes say
// what cannot.
func (a *addition) try(ctx context.Context) (preload, notes []string, err error) {
	names := make([]string, len(a.packages))
	for i, wanted := range a.packages {
		names[i] = requirement.FindString(wanted)
	}
	of, err := modules(ctx, filepath.Join(a.made, "bin", "python3"), names)
	if err != nil {
		return nil, nil, fmt.Errorf("list the modules of %s: %w", strings.Join(names, ", "), err)
	}
	if !a.bare {
		preload = []string{"numpy", "pandas"}
	}
	var all []string
	for _, name := range names {
		all = append(all, of[name]...)
	}
	failed, err := a.importIn(ctx, preload, all)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		if len(of[name]) == 0 {
			notes = append(notes, name+" has no module to import.")
			continue
		}
		works := slices.DeleteFunc(slices.Clone(of[name]), func(module string) bool { return failed[module] != "" })
		if len(works) == 0 {
			module := of[name][0]
			return nil, nil, fmt.Errorf("import %s in a jail: %s", module, failed[module])
		}
		for _, module := range works {
			if slices.Contains(preload, module) {
				continue
			}
			// A zygote that has more than one thread is refused, for example.
			if _, err := a.importIn(ctx, append(slices.Clone(preload), module), nil); err != nil {
				if ctx.Err() != nil {
					return nil, nil, err
				}
				notes = append(notes, fmt.Sprintf("%s works, but scripts must import it themselves: %v", module, err))
				continue
			}
			preload = append(preload, module)
		}
	}
	return preload, notes, nil
}

// modules returns the importable modules of each package.
func modules(ctx context.Context, python string, packages []string) (map[string][]string, error) {
	cmd := exec.CommandContext(ctx, python, append([]string{"-I", "-c", listModules}, packages...)...)
	text, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil, fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	var found map[string][]string
	if err == nil {
		err = json.Unmarshal(text, &found)
	}
	isPrivate := func(module string) bool { return strings.HasPrefix(module, "_") }
	for name, modules := range found {
		slices.Sort(modules)
		if public := slices.DeleteFunc(slices.Clone(modules), isPrivate); len(public) > 0 {
			found[name] = public
		}
	}
	return found, err
}

// importIn starts a jail that preloads modules and imports others in one cell. It
// returns why modules could not be imported there.
func (a *addition) importIn(ctx context.Context, preload, names []string) (map[string]string, error) {
	cfg, err := a.configuration()
	if err != nil {
		return nil, err
	}
	cfg.Profiles, cfg.Profile.Name = nil, a.name
	cfg.Profile.Python, cfg.Profile.Nsjail, cfg.Profile.Root, cfg.Profile.Warmup, cfg.Profile.Preload = a.made, "", "", "", preload
	cfg.Profile.Default = cfg.Profile.Max // so that a large package has time
	body, err := json.Marshal(map[string]any{"script": importModules, "args": []any{append([]string{}, names...)}})
	if err != nil {
		return nil, err
	}
	log := cli.OpenQuietLog(slog.LevelError, cfg.LogFormat)
	defer log.Close()
	reply, err := once.Run(ctx, cfg, log.Logger, body)
	if err != nil {
		return nil, err
	}
	failed := make(map[string]string)
	if v := reply.Verdict; string(v.Status) != string(client.StatusOK) {
		return nil, fmt.Errorf("import %s in a jail: it ended with %s %s\n%s", strings.Join(names, ", "), v.Status, v.Limit, v.Stderr)
	}
	return failed, json.Unmarshal(reply.Verdict.Result, &failed)
}

// configuration is that of --write, if it is there, and of the environment.
func (a *addition) configuration() (config.Config, error) {
	flags := make(map[string]string)
	if a.write != "" {
		if _, err := os.Stat(a.write); err == nil {
			flags["config"] = a.write
		}
	}
	return config.Load(flags, os.Environ())
}
