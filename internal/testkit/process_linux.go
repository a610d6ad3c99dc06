package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Program is a program that runs beside a test, and its standard error.
type Program struct {
	*exec.Cmd
	Log  *Log
	Done <-chan struct{} // closed when it has ended

	t   testing.TB
	err error
}

// Start starts the program, and ends it at the end of the test: with SIGTERM, so that a
// service removes its cgroups, and with SIGKILL if that takes longer than [Patience]. If
// the test has failed, it prints the end of the log.
func Start(t testing.TB, cmd *exec.Cmd) *Program {
	t.Helper()
	done := make(chan struct{})
	p := &Program{Cmd: cmd, Log: new(Log), Done: done, t: t}
	cmd.Stderr = p.Log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	if cmd.SysProcAttr.Pdeathsig == 0 {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL // otherwise it outlives a test that panics
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = cmd.Wait()
		close(done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-done:
		case <-time.After(Patience):
			_ = cmd.Process.Kill()
			<-done
		}
		if t.Failed() {
			t.Logf("the end of the log of %s:\n%s", filepath.Base(cmd.Path), p.Log.Tail())
		}
	})
	return p
}

// Wait waits for the end, and returns the error of [exec.Cmd.Wait]. Unlike that, it
// may be called by several goroutines, and more than once.
func (p *Program) Wait() error {
	<-p.Done
	return p.err
}

// Signal sends a signal. It fails the test if the program has ended.
func (p *Program) Signal(signal os.Signal) {
	p.t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		p.t.Errorf("signal %v: %v", signal, err)
	}
}

// Eventually is like the function [Eventually], but fails at once when the program
// ends.
func (p *Program) Eventually(what string, holds func() bool) {
	p.t.Helper()
	Eventually(p.t, what, func() bool {
		if holds() {
			return true
		}
		select {
		case <-p.Done:
			p.t.Fatalf("the program ended (%v), and not yet: %s", p.err, what)
		default:
		}
		return false
	}, p.Log.Tail)
}
