package nsjail_test

import (
	"os"
	"testing"

	"github.com/hotcell/hotcell/internal/testjail"
)

func TestMain(m *testing.M) {
	if state := os.Getenv(helperState); state != "" {
		os.Exit(helperInstance(state))
	}
	os.Exit(testjail.Main(m))
}

const warmup = testjail.Warmup

var (
	limits     = testjail.Limits
	slowness   = testjail.Slowness
	profile    = testjail.Profile
	sharedHost = testjail.Host
	ownHost    = testjail.OwnHost
	replaceIn  = testjail.ReplaceIn
	nsjailWith = testjail.NsjailWith
	theJail    = testjail.Jail
	startJail  = testjail.Start
	spawn      = testjail.Spawn
	closeCell  = testjail.Close
	execute    = testjail.Execute
	bothModes  = testjail.BothModes
	testLog    = testjail.Log
	stateDir   = testjail.StateDir
)
