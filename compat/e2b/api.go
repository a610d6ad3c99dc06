package e2b

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// patience leaves time for the answer: most of the SDK's requests wait for a minute.
const patience = 50 * time.Second

// New returns the API.
func New() compat.API {
	s := &server{sandboxes{known: make(map[string]*sandbox)}}
	return compat.API{Name: "e2b", Key: s.key, Hosts: hosts, Node: s.node, Patience: patience, Refuse: refuse, Routes: []compat.Route{
		{Method: "POST", Path: "/v2/sandboxes", Serve: s.create},
		{Method: "POST", Path: "/sandboxes", Serve: s.create}, // SDKs until 2.45
		{Method: "GET", Path: "/v2/sandboxes", Serve: s.list},
		{Method: "GET", Path: "/sandboxes", Serve: s.list},
		{Method: "GET", Path: "/sandboxes/{id}", Serve: s.show},
		{Method: "DELETE", Path: "/sandboxes/{id}", Serve: s.kill},
		{Method: "POST", Path: "/sandboxes/{id}/timeout", Serve: s.setTimeout},
		{Method: "POST", Path: "/v2/sandboxes/{id}/connect", Serve: s.connect},
		{Method: "POST", Path: "/sandboxes/{id}/connect", Serve: s.connect},
		{Method: "GET", Path: "/sandboxes/{id}/metrics", Serve: s.metrics},
		{Method: "POST", Path: "/sandboxes/{id}/{what:pause|resume|fork|snapshots|refreshes}", Serve: unserved},
		{Method: "PUT", Path: "/sandboxes/{id}/{what:network}", Serve: unserved},
		{Method: "GET", Path: "/health", Serve: s.health},
		{Method: "POST", Path: "/execute", Serve: s.execute},
		{Method: "POST", Path: "/contexts", Serve: s.addContext},
		{Method: "GET", Path: "/contexts", Serve: s.listContexts},
		{Method: "DELETE", Path: "/contexts/{context}", Serve: s.removeContext},
		{Method: "POST", Path: "/contexts/{context}/restart", Serve: s.restartContext},
		{Method: "GET", Path: "/files", Serve: s.readFile},
		{Method: "POST", Path: "/files", Serve: s.writeFiles},
		{Method: "POST", Path: "/filesystem.Filesystem/{call}", Serve: s.filesystem},
		{Method: "POST", Path: "/process.Process/{call}", Serve: s.process},
	}}
}

// server is the API's state.
type server struct{ sandboxes }

// key returns the key in the header of E2B's own API. What the SDK sends to a sandbox has
// the sandbox's token instead, or is an address signed with it: that stands for the key
// that made the sandbox.
func (s *server) key(r *http.Request) string {
	if key := r.Header.Get("X-Api-Key"); key != "" {
		return key
	}
	if box := s.find(addressed(r)); box != nil && inSandbox.MatchString(r.URL.Path) && box.opens(r) {
		return box.key
	}
	return ""
}

// node returns the token of the node that has the sandbox of a request: ids begin with it.
func (s *server) node(r *http.Request) string {
	id := addressed(r)
	if found := inPath.FindStringSubmatch(r.URL.Path); found != nil {
		id = found[1]
	}
	if found := ownID.FindStringSubmatch(id); found != nil && s.find(id) == nil {
		return strings.ToUpper(found[1])
	}
	return ""
}

// inPath finds the sandbox in addresses of E2B's own API.
var inPath = regexp.MustCompile(`^(?:/compat/e2b)?(?:/v2)?/sandboxes/([^/]+)`)

// inSandbox are the addresses that a sandbox has, and E2B's own API has not: a sandbox's
// token must not stand for the key there.
var inSandbox = regexp.MustCompile(`^(/compat/e2b)?/(health|execute|contexts|files|filesystem\.Filesystem|process\.Process)(/|$)`)

var sandboxHost = regexp.MustCompile(`^[0-9]+-([a-z0-9]+)\.`)

// addressed returns the id of the sandbox that a request is for.
func addressed(r *http.Request) string {
	if id := r.Header.Get("E2b-Sandbox-Id"); id != "" {
		return id
	}
	if found := sandboxHost.FindStringSubmatch(strings.ToLower(r.Host)); found != nil {
		return found[1]
	}
	return ""
}

// ownHost is the name of a sandbox, also of one that is no more: its client must learn that.
var ownHost = regexp.MustCompile(`^[0-9]+-i[a-z2-7]{26}\.`)

// hosts reports whether a name is that of a sandbox: PORT-ID.DOMAIN.
func hosts(host string) bool { return ownHost.MatchString(strings.ToLower(host)) }

// opens reports whether a request carries the sandbox's token.
func (b *sandbox) opens(r *http.Request) bool {
	for _, header := range []string{"X-Access-Token", "E2b-Traffic-Access-Token"} {
		if same(r.Header.Get(header), b.token) {
			return true
		}
	}
	query := r.URL.Query()
	signature := query.Get("signature")
	if signature == "" || !strings.HasSuffix(r.URL.Path, "/files") {
		return false
	}
	does := map[string]string{http.MethodGet: "read", http.MethodHead: "read", http.MethodPost: "write"}[r.Method]
	signed := query.Get("path") + ":" + does + ":" + query.Get("username") + ":" + b.token
	if until := query.Get("signature_expiration"); until != "" {
		if at, err := strconv.ParseInt(until, 10, 64); err != nil || time.Now().Unix() >= at {
			return false
		}
		signed += ":" + until
	}
	sum := sha256.Sum256([]byte(signed))
	return same(signature, "v1_"+base64.RawStdEncoding.EncodeToString(sum[:]))
}

func same(given, secret string) bool {
	return secret != "" && subtle.ConstantTimeCompare([]byte(given), []byte(secret)) == 1
}

// notRunning are the words by which the SDK tells that a sandbox is no more.
const notRunning = "The sandbox was not found"

// refuse writes a refusal as E2B's API does, its proxy, or its daemon.
func refuse(w http.ResponseWriter, r *http.Request, p *client.Problem) {
	status, message := p.Status, p.Detail
	call := strings.Contains(r.URL.Path, ".") // of the daemon
	if p.Code == client.CodeFileError || p.Code == client.CodeBusy {
		status = http.StatusBadRequest
	}
	// Whoever has no token does not learn whether the sandbox lives: its SDK must see that
	// it does not from the answer to a token that is no longer known.
	outside := status == http.StatusUnauthorized && addressed(r) != "" && r.Header.Get("X-Api-Key") == ""
	if found := inPath.FindStringSubmatch(r.URL.Path); found != nil && status == http.StatusGone { // its node has ended
		status, message = http.StatusNotFound, fmt.Sprintf("Sandbox %q not found", shorten(found[1]))
	}
	if status == http.StatusGone || outside { // the session is over
		status, message = http.StatusBadGateway, notRunning
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		w.Header().Set("Should-Retry", "true")
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(p.RetryAfter.Seconds()))))
	}
	var code any = status
	if call {
		code = codes[status]
	}
	_ = write(w, status, map[string]any{"code": code, "message": message})
}

// codes are the names of the daemon's refusals.
var codes = map[int]string{
	http.StatusBadRequest: "invalid_argument", http.StatusUnauthorized: "unauthenticated", http.StatusForbidden: "permission_denied", http.StatusNotFound: "not_found",
	http.StatusConflict: "already_exists", http.StatusTooManyRequests: "resource_exhausted", http.StatusInsufficientStorage: "resource_exhausted",
	http.StatusInternalServerError: "internal", http.StatusNotImplemented: "unimplemented", http.StatusBadGateway: "unavailable", http.StatusServiceUnavailable: "unavailable",
}

// gone is the refusal for a sandbox that is not there, or is another key's.
func gone() error { return &client.Problem{Code: client.CodeGone, Status: http.StatusGone} }

// missing is the refusal of E2B's own API for it.
func missing(id string) error {
	return compat.Refuse(client.CodeNotFound, "Sandbox %q not found", shorten(id))
}

// here returns the sandbox that a request is sent to.
func (s *server) here(r *http.Request, c *compat.Caller) (*sandbox, error) {
	id := addressed(r)
	box := s.find(id)
	// All clients share that sandbox: there is none where each has what is its key's own.
	if id == debugID && c.Owner() == "" && (box == nil || !s.lives(r, c, box)) {
		return s.begin(r, c, debugID, wish{})
	}
	if box == nil || box.owner != c.Owner() {
		return nil, gone()
	}
	return box, nil
}

// lives reports whether a sandbox has its session.
func (s *server) lives(r *http.Request, c *compat.Caller, box *sandbox) bool {
	session, err := c.Client().Session(box.id)
	if err == nil {
		_, err = session.State(r.Context())
	}
	return err == nil || over(err) && !s.forget(box)
}

func (s *server) health(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	box, err := s.here(r, c)
	if err != nil {
		return err
	}
	if !s.lives(r, c, box) {
		return gone()
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func unserved(_ http.ResponseWriter, _ *http.Request, c *compat.Caller) error {
	return &client.Problem{Code: client.CodeInvalidRequest, Status: http.StatusNotImplemented, Detail: "hotcell's sandboxes have no " + c.Var("what")}
}

func shorten(text string) string { return text[:min(len(text), 64)] }

func write(w http.ResponseWriter, status int, value any) error {
	return compat.WriteJSON(w, status, value)
}
