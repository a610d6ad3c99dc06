package fleet_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/hotcell/hotcell/fleet"
	"github.com/hotcell/hotcell/internal/testkit"
)

// cluster starts a NATS server that nobody outside this process reaches.
func cluster(t *testing.T) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{DontListen: true, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return s
}

// join returns a node that has joined.
func join(t *testing.T, s *server.Server, cfg fleet.Config) *fleet.Fleet {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.State == nil {
		cfg.State = func() fleet.State { return fleet.State{} }
	}
	f := fleet.New(cfg)
	conn, err := nats.Connect("", nats.InProcessServer(s), nats.MaxReconnects(-1))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Join(conn); err != nil {
		t.Fatal(err)
	}
	return f
}

// names returns the names of the other nodes.
func names(f *fleet.Fleet) string {
	var all []string
	for _, node := range f.Others() {
		all = append(all, node.Name)
	}
	return strings.Join(all, " ")
}

func eventually(t *testing.T, what string, f *fleet.Fleet, is func() bool) {
	t.Helper()
	testkit.Eventually(t, what, is, func() string { return names(f) })
}

func TestNodesHearOfEachOtherAtOnce(t *testing.T) {
	s := cluster(t)
	var draining atomic.Bool
	a := join(t, s, fleet.Config{Node: "a"})
	b := join(t, s, fleet.Config{Node: "b", Advertise: "10.1.2.3:8080", Version: "v1", State: func() fleet.State {
		return fleet.State{Draining: draining.Load(), Capacity: fleet.Capacity{Running: 3, MaxRunning: 9, Profiles: map[string]fleet.Profile{"default": {Ready: 1, Target: 2}}}}
	}})
	c := join(t, s, fleet.Config{Node: "c", Advertise: "not an address"})
	defer a.Leave()
	eventually(t, "a knows b and c", a, func() bool { return names(a) == "b c" })
	eventually(t, "c knows a and b", c, func() bool { return names(c) == "a b" })
	found, err := a.Find(b.Token())
	if err != nil || found.Name != "b" || found.Advertise != "10.1.2.3:8080" || found.Version != "v1" || found.Capacity.MaxRunning != 9 || found.Capacity.Profiles["default"].Target != 2 {
		t.Errorf("%v %+v", err, found)
	}
	if found, err := a.Find(c.Token()); err != nil || found.Advertise != "" {
		t.Errorf("%v %+v", err, found)
	}
	draining.Store(true)
	b.Tell()
	eventually(t, "b drains", a, func() bool { found, err := a.Find(b.Token()); return err == nil && found.Draining })
	b.Leave()
	c.Leave()
	eventually(t, "b and c have left", a, func() bool { return names(a) == "" })
}

func TestANodeThatHasEndedIsGoneOnceThisOneIsSure(t *testing.T) {
	s := cluster(t)
	a := join(t, s, fleet.Config{Node: "a", Every: 10 * time.Millisecond})
	defer a.Leave()
	b := join(t, s, fleet.Config{Node: "b", Every: 10 * time.Millisecond})
	eventually(t, "a knows b", a, func() bool { return names(a) == "b" })
	b.Leave()
	eventually(t, "b is gone", a, func() bool { _, err := a.Find(b.Token()); return errors.Is(err, fleet.ErrGone) })
	c := join(t, s, fleet.Config{Node: "b", Every: 10 * time.Millisecond})
	defer c.Leave()
	eventually(t, "a knows the next run of b", a, func() bool { _, err := a.Find(c.Token()); return err == nil })
	if b.Token() == c.Token() {
		t.Error("both runs have the same token")
	}
	s.Shutdown()
	eventually(t, "a is cut off, and does not take c for dead", a, func() bool {
		_, err := a.Find(c.Token())
		return errors.Is(err, fleet.ErrUnsure)
	})
}

func TestANodeIsHeardByAll(t *testing.T) {
	s := cluster(t)
	heard := make(chan string, 4)
	hear := func(name string) func(string, string) {
		return func(topic, what string) { heard <- name + " " + topic + " " + what }
	}
	a, b := join(t, s, fleet.Config{Node: "a", Hear: hear("a")}), join(t, s, fleet.Config{Node: "b", Hear: hear("b")})
	defer a.Leave()
	defer b.Leave()
	eventually(t, "a knows b", a, func() bool { return names(a) == "b" }) // so b has subscribed
	a.Say("kernels", "one has ended")
	got := []string{<-heard, <-heard}
	slices.Sort(got)
	if !slices.Equal(got, []string{"a kernels one has ended", "b kernels one has ended"}) {
		t.Errorf("%q", got)
	}
	fleet.New(fleet.Config{}).Say("kernels", "by a node that has not joined")
}

func TestWhatIsNoNodesMessageIsNotBelieved(t *testing.T) {
	s := cluster(t)
	a := join(t, s, fleet.Config{Node: "a"})
	defer a.Leave()
	conn, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for subject, text := range map[string]string{
		"BBBBBBBB": `{"name":"of another token","token":"CCCCCCCC"}`, "bbbbbbbb": `{"name":"small","token":"bbbbbbbb"}`, "BBBB": `{"name":"short","token":"BBBB"}`,
		"DDDDDDDD": `{"name":`, "EEEEEEEE": `{"token":"EEEEEEEE","name":"` + strings.Repeat("x", 64<<10) + `"}`,
	} {
		if err := conn.Publish("hotcell.nodes."+subject, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Publish("hotcell.nodes.FFFFFFFF", []byte(`{"name":"last","token":"FFFFFFFF"}`)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the last one is heard", a, func() bool { return strings.Contains(names(a), "last") })
	if got := names(a); got != "last" {
		t.Errorf("it knows %q", got)
	}
}

func TestTwoNodesOfOneNameAreTold(t *testing.T) {
	s := cluster(t)
	log := new(testkit.Log)
	a := join(t, s, fleet.Config{Node: "a", Log: slog.New(slog.NewTextHandler(log, nil))})
	defer a.Leave()
	other := join(t, s, fleet.Config{Node: "a"})
	defer other.Leave()
	eventually(t, "it is told", a, func() bool { return strings.Contains(log.String(), "another node has this one's name") })
}

// Whoever reaches the cluster may ask without end, and is not answered as often.
func TestANodeDoesNotTellWheneverItIsAsked(t *testing.T) {
	s := cluster(t)
	conn, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	a := fleet.New(fleet.Config{Node: "a", Every: time.Hour, Log: slog.New(slog.DiscardHandler), State: func() fleet.State { return fleet.State{} }})
	var told atomic.Int64
	if _, err := conn.Subscribe("hotcell.nodes."+a.Token(), func(*nats.Msg) { told.Add(1) }); err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	own, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Join(own); err != nil {
		t.Fatal(err)
	}
	defer a.Leave()
	for range 1000 {
		if err := conn.Publish("hotcell.nodes.FFFFFFFF", []byte(`{"name":"asks","token":"FFFFFFFF","asks":true}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Publish("hotcell.nodes.EEEEEEEE", []byte(`{"name":"last","token":"EEEEEEEE"}`)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the last one is heard", a, func() bool { return strings.Contains(names(a), "last") })
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	if got := told.Load(); got != 1 {
		t.Errorf("it has told %d times", got)
	}
}
