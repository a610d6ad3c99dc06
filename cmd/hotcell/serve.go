package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/hotcell/hotcell/supervisor"
	"github.com/hotcell/hotcell/supervisor/config"
)

// serve runs the service until SIGTERM or SIGINT, drains it, and leaves nothing
// behind. A second signal ends the draining, a third the process.
func serve(args []string) int {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	given := settingFlags(flags)
	if status, ok := parse(flags, args, printServeHelp); !ok {
		return status
	}
	if flags.NArg() > 0 {
		complain(fmt.Errorf("%w: serve takes no argument, and was given %q", errUsage, flags.Args()))
		return exitUsage
	}
	cfg, err := config.Load(given, os.Environ())
	if err != nil {
		complain(err)
		return exitUsage
	}
	cfg.Version = ownVersion()
	limitMemory(cfg)

	log := openLog(cfg)
	defer log.close()
	cfg.LogLost = log.queue.Lost
	leaveProcessors()
	if err := dropCapabilities(); err != nil {
		log.complain(err)
		return exitFailed
	}
	stop, hurry := signals()
	reloading := make(chan os.Signal, 1)
	if cfg.Keys != "" { // else SIGHUP has its usual effect
		signal.Notify(reloading, syscall.SIGHUP)
	}
	service, err := supervisor.Start(stop, cfg, log.Logger)
	switch {
	case err != nil && stop.Err() != nil: // told to stop before it was warm
		return exitOK
	case errors.Is(err, supervisor.ErrOpen), errors.Is(err, supervisor.ErrKeysFile), errors.Is(err, supervisor.ErrDescriptors):
		log.complain(err)
		return exitUsage
	case err != nil:
		log.complain(err)
		return exitFailed
	}
	go func() {
		for range reloading {
			service.ReloadKeys()
		}
	}()
	err = service.Run(stop)
	service.Drain(hurry)
	if closing := service.Close(); err == nil {
		err = closing
	}
	if err != nil {
		log.complain(err)
		return exitFailed
	}
	return exitOK
}

// limitMemory has the garbage collector keep what was not asked for in less.
func limitMemory(cfg config.Config) {
	memory, err := cfg.Memory()
	if err != nil {
		return // LoadConfig would have refused it
	}
	if limit := memory.CollectorLimit(); limit < debug.SetMemoryLimit(-1) { // that of GOMEMLIMIT
		debug.SetMemoryLimit(limit)
	}
}

// signals gives a context that ends with the first signal to stop, and one that
// ends with the second. The third has its usual effect.
func signals() (first, second context.Context) {
	first, cancelFirst := context.WithCancel(context.Background())
	second, cancelSecond := context.WithCancel(context.Background())
	incoming := make(chan os.Signal, 1)
	signal.Notify(incoming, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-incoming
		cancelFirst()
		<-incoming
		signal.Stop(incoming)
		cancelSecond()
	}()
	return first, second
}

// settingFlags defines a flag for each setting; those that were given are in
// the map after flags was parsed.
func settingFlags(flags *flag.FlagSet) map[string]string {
	given := make(map[string]string)
	note := func(name string) {
		flags.Func(name, "", func(value string) error { given[name] = value; return nil })
	}
	note("config")
	for _, setting := range config.Settings {
		note(setting.Flag())
	}
	return given
}
