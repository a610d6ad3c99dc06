package webhooks_test

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/hotcell/hotcell/webhooks"
)

// names is a resolver that asks a server on loopback. The nth lookup of any name finds
// the nth of answers, the last one again and again; no addresses: there is no such name.
func names(t *testing.T, answers ...[]string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		asked := make(map[dnsmessage.Type]int) // each lookup asks for both types
		packet := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(packet)
			if err != nil {
				return
			}
			var query dnsmessage.Message
			if query.Unpack(packet[:n]) != nil || len(query.Questions) != 1 {
				continue
			}
			kind := query.Questions[0].Type
			if reply, err := answer(query, answers[min(asked[kind], len(answers)-1)]); err == nil {
				_, _ = server.WriteTo(reply, from)
			}
			asked[kind]++
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func answer(query dnsmessage.Message, addresses []string) ([]byte, error) {
	question := query.Questions[0]
	reply := dnsmessage.Message{Header: dnsmessage.Header{ID: query.ID, Response: true, RecursionAvailable: true}, Questions: query.Questions[:1]}
	if len(addresses) == 0 {
		reply.RCode = dnsmessage.RCodeNameError
	}
	for _, address := range addresses {
		addr := netip.MustParseAddr(address)
		resource := dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: question.Name, Class: question.Class}}
		switch {
		case addr.Is4() && question.Type == dnsmessage.TypeA:
			resource.Body = &dnsmessage.AResource{A: addr.As4()}
		case addr.Is6() && question.Type == dnsmessage.TypeAAAA:
			resource.Body = &dnsmessage.AAAAResource{AAAA: addr.As16()}
		default:
			continue
		}
		reply.Answers = append(reply.Answers, resource)
	}
	return reply.Pack()
}

// neighbours are two servers with the same port: one that webhooks may reach, and one
// inside.
func neighbours(t *testing.T) (port string, outside, inside *atomic.Int32) {
	t.Helper()
	outside, inside = new(atomic.Int32), new(atomic.Int32)
	serve := func(address string, count *atomic.Int32) (port string, ok bool) {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return "", false
		}
		server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { count.Add(1) })} // #nosec G112: a test's own
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(func() { server.Close() })
		_, port, _ = net.SplitHostPort(listener.Addr().String())
		return port, true
	}
	for range 100 {
		port, _ := serve("127.0.0.2:0", outside)
		if _, ok := serve("127.0.0.1:"+port, inside); ok {
			return port, outside, inside
		}
	}
	t.Fatal("no port is free on two addresses")
	return "", nil, nil
}

func TestANameThatChangesItsAddressLeadsNowhereElse(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1") // nobody asks a proxy
	port, outside, inside := neighbours(t)
	few := func(text string) []string { return strings.Fields(text) }
	const notAllowed = "is not in webhook_allow"
	cases := []struct {
		name    string
		allow   string
		answers [][]string // of the attempts
		want    []string   // errors of the attempts; empty: delivered
	}{
		{"allowed", "127.0.0.2:PORT", [][]string{few("127.0.0.2")}, []string{""}},
		{"changes", "127.0.0.2:PORT", [][]string{few("127.0.0.2"), few("127.0.0.1"), few("127.0.0.2")}, []string{"", notAllowed, ""}},
		{"has both", "127.0.0.2:PORT", [][]string{few("127.0.0.1 127.0.0.2"), few("127.0.0.1 ::1 ::ffff:127.0.0.1")}, []string{"", notAllowed}},
		{"mapped", "127.0.0.2:PORT,[::/0]:*", [][]string{few("::ffff:127.0.0.1"), few("::ffff:127.0.0.2")}, []string{notAllowed, ""}},
		{"other forms", "127.0.0.2:PORT,0.0.0.0/0:*,[::/0]:*", [][]string{few("::127.0.0.1"), few("64:ff9b::7f00:1"), few("0.0.0.0"), few("::"), few("fe80::1"), few("169.254.169.254")},
			[]string{notAllowed, notAllowed, notAllowed, notAllowed, notAllowed, notAllowed}},
		{"the name alone", "hooks.test:PORT", [][]string{few("127.0.0.1"), few("127.0.0.2"), few("10.0.0.1"), few("::1")}, []string{notAllowed, notAllowed, notAllowed, notAllowed}},
		{"the name and its address", "hooks.test:PORT,127.0.0.2:PORT", [][]string{few("127.0.0.1"), few("127.0.0.2")}, []string{notAllowed, ""}},
		{"is gone", "hooks.test:PORT", [][]string{nil}, []string{"no such host"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outside.Store(0)
			sender := senderTo(t, strings.Split(strings.ReplaceAll(c.allow, "PORT", port), ",")...)
			sender.Resolver = names(t, c.answers...)
			delivered := 0
			for i, want := range c.want {
				d, err := sender.Attempt(t.Context(), due(t, sender, "http://hooks.test:"+port+"/"), message)
				if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) || (d.Outcome == webhooks.Delivered) != (want == "") {
					t.Errorf("attempt %d: %+v, %v", i, d, err)
				}
				if want == "" {
					delivered++
				}
			}
			if outside.Load() != int32(delivered) || inside.Load() != 0 { // #nosec G115: a few
				t.Errorf("%d requests reached the receiver, and %d what is inside", outside.Load(), inside.Load())
			}
		})
	}
}
