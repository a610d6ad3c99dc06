package jobs_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/jobs"
)

// member starts a server with JetStream that listens on loopback.
func member(t *testing.T, change func(*server.Options)) *server.Server {
	t.Helper()
	options := &server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), JetStreamMaxStore: 1 << 30, SyncAlways: true}
	if change != nil {
		change(options)
	}
	options.NoSigs, options.NoLog = true, true
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(testkit.Patience) {
		t.Fatal("the server does not start")
	}
	return s
}

// dialled opens the store in a cluster.
func dialled(t *testing.T, url string, change ...func(*jobs.Config)) *jobs.Engine {
	t.Helper()
	return open(t, "", append([]func(*jobs.Config){func(cfg *jobs.Config) { cfg.URL, cfg.AckWait = url, time.Second }}, change...)...)
}

func TestAJobOfANodeThatIsGoneIsAnothers(t *testing.T) {
	t.Parallel() // it waits for others
	url := member(t, nil).ClientURL()
	gone, other := dialled(t, url), dialled(t, url, func(cfg *jobs.Config) { cfg.Node = "there" })
	stored := submit(t, gone, job("a"), "input")
	if err := claim(t, gone).Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	gone.Close() // and nothing is given back
	run := claim(t, other)
	if input := must[[]byte](t)(run.Input(t.Context())); run.ID != stored.ID || string(input) != "input" || run.Attempts != 1 {
		t.Fatalf("%+v, %q", run.Job, input)
	}
	if err := run.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if first, err := run.Finish(t.Context(), []byte("answer")); !first || err != nil {
		t.Fatal(first, err)
	}
	third := dialled(t, url)
	if got := must[jobs.Job](t)(third.Get(t.Context(), "a", stored.ID)); got.Status != jobs.Done || got.Attempts != 2 || got.Node != "there" || answer(t, third, stored) != "answer" {
		t.Errorf("%+v", got)
	}
}

// A job that is claimed stays known to the cluster while later ones end and are removed.
func TestAJobIsGivenBackAfterLaterOnesEnded(t *testing.T) {
	t.Parallel() // it waits for others
	engine := dialled(t, member(t, nil).ClientURL(), func(cfg *jobs.Config) { cfg.AckWait = time.Minute })
	const later = 10
	var runs []*jobs.Run
	for range 1 + later {
		submit(t, engine, job("a"), "input")
		runs = append(runs, claim(t, engine))
	}
	for _, run := range runs[1:] {
		if _, err := run.Finish(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := runs[0].GiveBack(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	defer cancel()
	if again, err := engine.Claim(ctx); err != nil || again.ID != runs[0].ID {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestAJobThatRunsLongStaysItsNodes(t *testing.T) {
	t.Parallel() // it waits for others
	url := member(t, nil).ClientURL()
	patient := func(cfg *jobs.Config) { cfg.AckWait = 4 * time.Second } // a busy machine may stand still for a while
	slow, other := dialled(t, url, patient), dialled(t, url, patient)
	first := submit(t, slow, job(""), "")
	run := claim(t, slow)
	if err := run.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := make(chan jobs.Job, 1)
	time.AfterFunc(6*time.Second, func() { // longer than a node may be silent
		stored, _, _ := other.Submit(t.Context(), job(""), nil)
		second <- stored
	})
	if next := claim(t, other); next.ID == first.ID || next.ID != (<-second).ID {
		t.Errorf("another has the job, which still runs")
	}
	if first, err := run.Finish(t.Context(), nil); !first || err != nil {
		t.Error(first, err)
	}
}

// gate lets clients in, with some rights, or refuses them. The options of a server that runs
// must not be changed instead: it reads them without a lock.
type gate struct {
	shut    atomic.Bool
	refused atomic.Int32
	rights  atomic.Pointer[server.Permissions] // nil: all
}

// Check implements [server.Authentication].
func (g *gate) Check(client server.ClientAuthentication) bool {
	if g.shut.Load() {
		g.refused.Add(1)
		return false
	}
	client.RegisterUser(&server.User{Permissions: g.rights.Load()})
	return true
}

// cut ends all connections to a server, whose clients come back.
func cut(t *testing.T, s *server.Server) {
	t.Helper()
	for _, conn := range must[*server.Connz](t)(s.Connz(nil)).Conns {
		_ = s.DisconnectClientByID(conn.Cid) // or it has just ended
	}
}

func TestANodeThatItsClusterRefusesForAWhileComesBack(t *testing.T) {
	t.Parallel() // it waits for others
	var g gate
	s := member(t, func(o *server.Options) { o.CustomClientAuthentication = &g })
	engine := dialled(t, s.ClientURL())
	g.shut.Store(true)
	cut(t, s)
	testkit.Eventually(t, "it is refused several times", func() bool { return g.refused.Load() >= 4 }, nil)
	g.shut.Store(false)
	testkit.Eventually(t, "it is back", func() bool {
		_, _, err := engine.Submit(t.Context(), job(""), nil)
		return err == nil
	}, nil)
}

// identity is a certificate and its key, in files.
type identity struct {
	cert, key string
	made      *x509.Certificate
	secret    *ecdsa.PrivateKey
}

// certify makes a certificate, which is its own authority if by is nil.
func certify(t *testing.T, name string, by *identity) identity {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: by == nil, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	parent, signer := template, secret
	if by != nil {
		parent, signer = by.made, by.secret
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, secret.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	made := must[*x509.Certificate](t)(x509.ParseCertificate(der))
	text := must[[]byte](t)(x509.MarshalECPrivateKey(secret))
	dir := t.TempDir()
	write := func(file, kind string, bytes []byte) string {
		path := filepath.Join(dir, file)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return identity{write(name+".pem", "CERTIFICATE", der), write(name+".key", "EC PRIVATE KEY", text), made, secret}
}

// account makes an operator, an account with JetStream and a user, whose credentials are
// in a file.
func account(t *testing.T) (trusted func(*server.Options), credentials string) {
	t.Helper()
	pair := func(made nkeys.KeyPair, err error) (nkeys.KeyPair, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return made, must[string](t)(made.PublicKey())
	}
	operator, operatorID := pair(nkeys.CreateOperator())
	keys, id := pair(nkeys.CreateAccount())
	user, userID := pair(nkeys.CreateUser())
	_, system := pair(nkeys.CreateAccount())
	claims := jwt.NewAccountClaims(id)
	claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
	memory := &server.MemAccResolver{}
	for id, c := range map[string]*jwt.AccountClaims{id: claims, system: jwt.NewAccountClaims(system)} {
		if err := memory.Store(id, must[string](t)(c.Encode(operator))); err != nil {
			t.Fatal(err)
		}
	}
	text := must[[]byte](t)(jwt.FormatUserConfig(must[string](t)(jwt.NewUserClaims(userID).Encode(keys)), must[[]byte](t)(user.Seed())))
	credentials = filepath.Join(t.TempDir(), "user.creds")
	if err := os.WriteFile(credentials, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return func(o *server.Options) {
		o.TrustedOperators, o.AccountResolver, o.SystemAccount = []*jwt.OperatorClaims{jwt.NewOperatorClaims(operatorID)}, memory, system
	}, credentials
}

func TestAClusterMayWantTLSAndCredentials(t *testing.T) {
	authority := certify(t, "authority", nil)
	served, shown, strange := certify(t, "server", &authority), certify(t, "client", &authority), certify(t, "strange", nil)
	trusted, credentials := account(t)
	_, others := account(t)
	url := member(t, func(o *server.Options) {
		roots := x509.NewCertPool()
		roots.AddCert(authority.made)
		own := must[tls.Certificate](t)(tls.LoadX509KeyPair(served.cert, served.key))
		o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{own}, ClientCAs: roots, ClientAuth: tls.RequireAndVerifyClientCert}
		o.TLS, o.TLSVerify, o.TLSTimeout = true, true, testkit.Patience.Seconds()
		trusted(o)
	}).ClientURL()
	right := jobs.Config{URL: url, Credentials: credentials, CA: authority.cert, Cert: shown.cert, Key: shown.key}
	for name, change := range map[string]func(*jobs.Config){
		"":                           func(*jobs.Config) {},
		"no credentials":             func(c *jobs.Config) { c.Credentials = "" },
		"another account's":          func(c *jobs.Config) { c.Credentials = others },
		"no file of credentials":     func(c *jobs.Config) { c.Credentials = "/nothing/here" },
		"the system's authorities":   func(c *jobs.Config) { c.CA = "" },
		"another authority":          func(c *jobs.Config) { c.CA = strange.cert },
		"no certificate":             func(c *jobs.Config) { c.Cert, c.Key = "", "" },
		"an unknown certificate":     func(c *jobs.Config) { c.Cert, c.Key = strange.cert, strange.key },
		"no file of the certificate": func(c *jobs.Config) { c.Cert = "/nothing/here" },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := right
			change(&cfg)
			cfg.TTL, cfg.MaxAge, cfg.MaxAttempts, cfg.MaxBytes, cfg.Log = time.Hour, time.Hour, 3, 1<<30, slog.New(slog.DiscardHandler)
			engine, err := jobs.Open(t.Context(), cfg)
			if name != "" {
				if err == nil {
					engine.Close()
					t.Error("it opens")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(engine.Close)
			stored := submit(t, engine, job(""), "")
			if first, err := claim(t, engine).Finish(t.Context(), []byte("x")); !first || err != nil || answer(t, engine, stored) != "x" {
				t.Error(first, err)
			}
		})
	}
}

// three starts a cluster of three, and returns what starts a member of it again.
func three(t *testing.T) (urls string, members []*server.Server, again func(number int)) {
	t.Helper()
	var clients, routes []string
	var dirs [3]string
	for number := range dirs {
		clients, routes, dirs[number] = append(clients, testkit.OwnAddress()), append(routes, testkit.OwnAddress()), t.TempDir()
	}
	members = make([]*server.Server, 3)
	begin := func(number int) *server.Server {
		path := filepath.Join(dirs[number], "nats.conf")
		text := fmt.Sprintf("server_name: member-%d\nlisten: %q\njetstream: {store_dir: %q, sync_interval: always}\ncluster: {name: cluster, listen: %q, routes: [%s]}\n",
			number, clients[number], dirs[number], routes[number], "nats://"+strings.Join(routes, ", nats://"))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return member(t, func(o *server.Options) { *o = *must[*server.Options](t)(server.ProcessConfigFile(path)) })
	}
	again = func(number int) { members[number] = begin(number) }
	for number := range members {
		again(number)
	}
	return "nats://" + strings.Join(clients, ",nats://"), members, again
}

func TestAClusterOfThreeMayLoseOneOfItsMembers(t *testing.T) {
	t.Parallel() // it waits for others
	urls, members, again := three(t)
	testkit.Eventually(t, "the cluster has a leader", func() bool {
		return slices.ContainsFunc(members, (*server.Server).JetStreamIsLeader)
	}, nil)
	var engine *jobs.Engine
	testkit.Eventually(t, "the store opens", func() bool {
		cfg := jobs.Config{URL: urls, Replicas: 3, AckWait: time.Second, TTL: time.Hour, MaxAge: time.Hour, MaxAttempts: 3, MaxBytes: 1 << 30, Log: slog.New(slog.DiscardHandler)}
		made, err := jobs.Open(t.Context(), cfg)
		engine = made
		return err == nil
	}, nil)
	t.Cleanup(engine.Close)
	var acknowledged []jobs.Job
	attempt := func() bool {
		stored, _, err := engine.Submit(t.Context(), job(""), []byte("input"))
		if err == nil {
			acknowledged = append(acknowledged, stored)
		}
		return err == nil
	}
	if !attempt() {
		t.Fatal("the cluster takes nothing")
	}
	leader := func() int {
		for number, m := range members {
			if m.JetStreamIsStreamLeader("$G", "HOTCELL_JOBS") {
				return number
			}
		}
		return -1
	}
	stop := func(number int) {
		members[number].Shutdown()
		members[number].WaitForShutdown()
	}
	testkit.Eventually(t, "the stream has a leader", func() bool { return leader() >= 0 }, nil)
	first := leader()
	stop(first)
	testkit.Eventually(t, "two take jobs", attempt, nil)
	second := (first + 1) % 3
	stop(second)
	if attempt() {
		t.Error("one of three acknowledges a job")
	}
	again(first)
	again(second)
	testkit.Eventually(t, "three take jobs", attempt, nil)
	unanswered := func(one jobs.Job) bool {
		found, err := engine.Get(t.Context(), "", one.ID)
		return err != nil || !found.Status.Over()
	}
	testkit.Eventually(t, "all that were acknowledged are answered", func() bool { // others may be there, too
		run, err := engine.Claim(t.Context())
		if err == nil {
			_, err = run.Finish(t.Context(), []byte(run.ID))
		}
		return err == nil && !slices.ContainsFunc(acknowledged, unanswered)
	}, nil)
	for _, one := range acknowledged {
		if answer(t, engine, one) != one.ID {
			t.Error("another answer")
		}
	}
	if _, err := engine.Get(t.Context(), "", strings.Repeat("A", 26)); !errors.Is(err, jobs.ErrNotFound) {
		t.Error(err)
	}
}
