package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/hotcell/hotcell/fleet"
	"github.com/hotcell/hotcell/internal/testkit"
)

// use does all that two nodes do in a cluster, and waits until one hears the other.
func use(ctx context.Context, url string, log *testkit.Log) error {
	heard := make(chan string, 2)
	var nodes []*fleet.Fleet
	for _, name := range []string{"a", "b"} {
		conn, err := nats.Connect(url, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { _, _ = fmt.Fprintln(log, err) }))
		if err != nil {
			return err
		}
		node := fleet.New(fleet.Config{
			Node: name, Log: slog.New(slog.NewTextHandler(log, nil)), Every: 100 * time.Millisecond,
			State: func() fleet.State { return fleet.State{} },
			Hear:  func(_, what string) { heard <- what },
		})
		if err := node.Join(conn); err != nil {
			return err
		}
		defer node.Leave()
		nodes = append(nodes, node)
	}
	for len(nodes[1].Others()) == 0 {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return errors.New("a node does not hear the other")
		}
	}
	var failed error
	for _, over := range []bool{false, true} {
		claim, err := nodes[0].Claim(ctx, "name", time.Hour, func() {})
		if err == nil {
			_, err = nodes[1].Holder(ctx, "name")
			claim.Free(over)
		}
		failed = errors.Join(failed, err)
	}
	nodes[0].Say("topic", "what")
	for range nodes {
		select {
		case <-heard:
		case <-ctx.Done():
			return errors.Join(failed, errors.New("a node does not hear what is said"))
		}
	}
	return failed
}

func TestADocumentedUserOfAClusterHasAllRightsThatNodesNeed(t *testing.T) {
	url := testkit.LimitedUsers(t, map[string]string{"all": ""})
	var log testkit.Log
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	defer cancel()
	if err := use(ctx, url("all"), &log); err != nil || strings.Contains(log.String(), "ermissions") {
		t.Errorf("%v\n%s", err, log.String())
	}
}

func TestARightThatNodesLackInAClusterIsNamed(t *testing.T) {
	nodes := regexp.MustCompile(`hotcell\.nodes|hotcell\.said|-claims`)
	testkit.EachRightIsNamed(t, nodes.MatchString, func(t *testing.T, url string, log *testkit.Log, stop <-chan struct{}) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { <-stop; cancel() }()
		_, _ = fmt.Fprintln(log, use(ctx, url, log))
	})
}
