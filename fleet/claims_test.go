package fleet_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hotcell/hotcell/fleet"
)

// store starts a NATS server with JetStream that nobody outside this process reaches.
func store(t *testing.T) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{DontListen: true, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return s
}

// wire is a node's connection to the cluster, which can be cut.
type wire struct {
	*server.Server
	mu  sync.Mutex
	cut bool
	all []net.Conn
}

// InProcessConn implements [nats.InProcessConnProvider].
func (w *wire) InProcessConn() (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		return nil, errors.New("it is cut")
	}
	conn, err := w.Server.InProcessConn()
	w.all = append(w.all, conn)
	return conn, err
}

func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	for _, conn := range w.all {
		_ = conn.Close()
	}
	w.all = nil
}

// joined returns a node that has joined, and its connection. It is gone when it is silent for
// a second, which is longer than a busy machine halts a process.
func joined(t *testing.T, s *server.Server, name string) (*fleet.Fleet, *wire) {
	t.Helper()
	f := fleet.New(fleet.Config{Node: name, Every: 200 * time.Millisecond, Log: slog.New(slog.DiscardHandler), State: func() fleet.State { return fleet.State{} }})
	w := &wire{Server: s}
	conn, err := nats.Connect("", nats.InProcessServer(w), nats.MaxReconnects(-1), nats.ReconnectWait(5*time.Millisecond), nats.ReconnectJitter(0, 0), nats.ReconnectBufSize(-1))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Join(conn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Leave)
	return f, w
}

// claim claims a name that must be free, or soon is.
func claim(t *testing.T, f *fleet.Fleet, name string) (claim *fleet.Claim) {
	t.Helper()
	eventually(t, "the name is this node's", f, func() (is bool) {
		var err error
		claim, err = f.Claim(t.Context(), name, time.Hour, func() {})
		return err == nil
	})
	return claim
}

// has reports whether f knows that another node has a name.
func has(t *testing.T, f *fleet.Fleet, other *fleet.Fleet, name string) bool {
	t.Helper()
	node, err := f.Holder(t.Context(), name)
	return err == nil && node != nil && node.Token == other.Token()
}

func TestOfNodesThatClaimANameAtOnceOneHasIt(t *testing.T) {
	s := store(t)
	var nodes []*fleet.Fleet
	for _, name := range []string{"a", "b", "c"} {
		f, _ := joined(t, s, name)
		nodes = append(nodes, f)
	}
	for _, f := range nodes {
		eventually(t, "all are known", f, func() bool { return len(f.Others()) == 2 })
	}
	for range 20 {
		claims, errs := make([]*fleet.Claim, len(nodes)), make([]error, len(nodes))
		var all sync.WaitGroup
		for i, f := range nodes {
			all.Go(func() { claims[i], errs[i] = f.Claim(t.Context(), "name", time.Hour, func() {}) })
		}
		all.Wait()
		winner := -1
		for i, err := range errs {
			switch {
			case err == nil && winner < 0:
				winner = i
			case err == nil || !errors.Is(err, fleet.ErrTaken):
				t.Fatalf("%v", errs)
			}
		}
		if winner < 0 {
			t.Fatal("nobody has it")
		}
		for i, f := range nodes {
			if node, err := f.Holder(t.Context(), "name"); err != nil || (node == nil) != (i == winner) || node != nil && node.Token != nodes[winner].Token() {
				t.Fatalf("%d has it; to %d it is %+v %v", winner, i, node, err)
			}
		}
		claims[winner].Free(false)
		if node, err := nodes[(winner+1)%3].Holder(t.Context(), "name"); node != nil || err != nil {
			t.Fatalf("after it was freed: %+v %v", node, err)
		}
	}
}

func TestANameThatIsOverIsFreeAndItsNodeIsKnown(t *testing.T) {
	s := store(t)
	a, _ := joined(t, s, "a")
	b, _ := joined(t, s, "b")
	eventually(t, "b knows a", b, func() bool { return names(b) == "a" })
	old := claim(t, a, "name")
	old.Free(true)
	if !has(t, b, a, "name") {
		t.Error("b does not know which node had it")
	}
	claim(t, b, "name")
	old.Free(true) // says nothing of b's
	old.Free(false)
	if _, err := a.Claim(t.Context(), "name", time.Hour, func() {}); !errors.Is(err, fleet.ErrTaken) {
		t.Error(err)
	}
}

func TestTheNamesOfANodeThatHasEndedAreTakenOver(t *testing.T) {
	s := store(t)
	a, _ := joined(t, s, "a")
	b, _ := joined(t, s, "b")
	eventually(t, "b knows a", b, func() bool { return names(b) == "a" })
	claim(t, a, "name")
	a.Leave()
	fresh, _ := joined(t, s, "fresh")
	if _, err := fresh.Claim(t.Context(), "name", time.Hour, func() {}); errors.Is(err, fleet.ErrTaken) || err == nil && !has(t, b, fresh, "name") {
		t.Error(err) // it may be unsure for a while, but nobody has it
	}
	claim(t, b, "other")
	eventually(t, "b has it", b, func() bool {
		_, err := b.Claim(t.Context(), "name", time.Hour, func() {})
		return err == nil || errors.Is(err, fleet.ErrTaken) && has(t, b, fresh, "name")
	})
}

func TestANodeThatWasCutOffLearnsThatItsNameWasTaken(t *testing.T) {
	s := store(t)
	a, wire := joined(t, s, "a")
	b, _ := joined(t, s, "b")
	eventually(t, "b knows a", b, func() bool { return names(b) == "a" })
	lost := make(chan struct{}, 100)
	eventually(t, "a has it", a, func() bool {
		_, err := a.Claim(t.Context(), "name", time.Hour, func() { lost <- struct{}{} })
		return err == nil
	})
	kept := claim(t, a, "kept")
	wire.set(true)
	if _, err := a.Claim(t.Context(), "another", time.Hour, func() {}); err == nil || errors.Is(err, fleet.ErrTaken) {
		t.Errorf("while it is cut off: %v", err)
	}
	kept.Free(false) // cannot be said now
	if _, err := a.Claim(t.Context(), "kept", time.Hour, func() {}); err == nil || errors.Is(err, fleet.ErrTaken) {
		t.Errorf("a name that it has freed, while it is cut off: %v", err)
	}
	taken := claim(t, b, "name")
	select {
	case <-lost:
		t.Error("it knows without having been told")
	default:
	}
	wire.set(false)
	<-lost
	eventually(t, "a knows who has it", a, func() bool { return has(t, a, b, "name") })
	claim(t, b, "kept") // it has been said since
	taken.Free(false)
}

func TestAClaimIsMadeAgainIfTheClusterLosesIt(t *testing.T) {
	s := store(t)
	a, _ := joined(t, s, "a")
	b, _ := joined(t, s, "b")
	eventually(t, "b knows a", b, func() bool { return names(b) == "a" })
	mine := claim(t, a, "name")
	conn, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), "KV_hotcell-claims"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "b knows again", b, func() bool { return has(t, b, a, "name") })
	mine.Free(false)
	eventually(t, "nobody has it", b, func() bool {
		node, err := b.Holder(t.Context(), "name")
		return node == nil && err == nil
	})
}

func TestWithoutAStoreNoNameIsClaimed(t *testing.T) {
	a, _ := joined(t, cluster(t), "a")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := a.Claim(ctx, "name", time.Hour, func() {}); !errors.Is(err, fleet.ErrUnsure) {
		t.Error(err)
	}
	if _, err := a.Holder(ctx, "name"); !errors.Is(err, fleet.ErrUnsure) {
		t.Error(err)
	}
	eventually(t, "nobody waits for it", a, func() bool {
		_, err := a.Holder(t.Context(), "name")
		return errors.Is(err, fleet.ErrUnsure) && !errors.Is(err, context.DeadlineExceeded)
	})
}
