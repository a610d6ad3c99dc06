package doctor_test

import (
	"os"
	"testing"

	"github.com/hotcell/hotcell/internal/testjail"
)

func TestMain(m *testing.M) { os.Exit(testjail.Main(m)) }

var (
	profile    = testjail.Profile
	sharedHost = testjail.Host
	ownHost    = testjail.OwnHost
	replaceIn  = testjail.ReplaceIn
	nsjailWith = testjail.NsjailWith
	theJail    = testjail.Jail
	execute    = testjail.Execute
	bothModes  = testjail.BothModes
)
