package baseline

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/hotcell/hotcell/nsjail"
)

// Interpreter is the one that jails run, for baselines without a jail. It may be in
// a root directory of the jails' own.
type Interpreter struct{ root, env string }

// InterpreterOf returns the interpreter of a profile.
func InterpreterOf(p nsjail.Profile) Interpreter { return Interpreter{p.Root, p.Python} }

// Command returns a command that runs it, with the environment that cells have.
func (i Interpreter) Command(args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(i.env, "bin", "python3"), args...)
	if i.root != "" {
		command.Path = strings.TrimPrefix(command.Path, i.root)
		command.Args[0] = command.Path // by which Python finds its environment
		command.Dir, command.SysProcAttr = "/", &syscall.SysProcAttr{Chroot: i.root}
	}
	command.Env = []string{"OPENBLAS_NUM_THREADS=1", "LANG=C.UTF-8"}
	return command
}

// binds returns the arguments with which nsjail shows it to a script.
func (i Interpreter) binds() []string {
	args := []string{"--bindmount_ro", i.env + ":/env"}
	for _, dir := range []string{"/usr", "/lib", "/lib64", "/bin"} {
		args = append(args, "--bindmount_ro", i.root+dir+":"+dir)
	}
	return args
}
