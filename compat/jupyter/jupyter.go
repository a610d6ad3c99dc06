package jupyter

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

const (
	version    = "2.17.0" // of the Jupyter Server whose API this is
	prefix     = "jupyter-"
	timeFormat = "2006-01-02T15:04:05.000000Z"
	mainSpec   = "python3"       // the kernelspec of the default profile; those of the others have their names
	patience   = 4 * time.Minute // until the client hangs up
)

// New returns the API.
func New() compat.API {
	all := &sockets{open: make(map[string][]*socket)}
	return compat.API{
		Name: "jupyter", Key: key, Refuse: refuse, Patience: patience, Hear: all.end,
		Routes: []compat.Route{
			{Method: http.MethodGet, Path: "/api", Open: true, Serve: func(w http.ResponseWriter, _ *http.Request, _ *compat.Caller) error {
				return compat.WriteJSON(w, http.StatusOK, map[string]string{"version": version})
			}},
			{Method: http.MethodGet, Path: "/api/kernelspecs", Serve: listSpecs},
			{Method: http.MethodGet, Path: "/api/kernelspecs/{name}", Serve: showSpec},
			{Method: http.MethodGet, Path: "/api/kernels", Serve: listKernels},
			{Method: http.MethodPost, Path: "/api/kernels", Serve: createKernel},
			{Method: http.MethodGet, Path: "/api/kernels/{id}", Serve: showKernel},
			{Method: http.MethodDelete, Path: "/api/kernels/{id}", Serve: all.deleteKernel},
			{Method: http.MethodPost, Path: "/api/kernels/{id}/interrupt", Serve: interruptKernel},
			{Method: http.MethodPost, Path: "/api/kernels/{id}/restart", Serve: restartKernel},
			{Method: http.MethodGet, Path: "/api/kernels/{id}/channels", Serve: all.serveChannels},
		},
	}
}

// key returns the key of a request: the token in the query, or in the Authorization header
// under the name that Jupyter gives it. Bearer is read by hotcell itself.
func key(r *http.Request) string {
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "token") {
		return strings.TrimSpace(token)
	}
	return r.URL.Query().Get("token")
}

func refuse(w http.ResponseWriter, _ *http.Request, p *client.Problem) {
	status := p.Status
	if p.Code == client.CodeGone || p.Code == client.CodeUnknownProfile {
		status = http.StatusNotFound
	}
	_ = compat.WriteJSON(w, status, map[string]any{"message": p.Detail, "reason": nil})
}

type spec struct {
	Name string `json:"name"`
	Spec struct {
		Argv          []string          `json:"argv"`
		DisplayName   string            `json:"display_name"`
		Language      string            `json:"language"`
		InterruptMode string            `json:"interrupt_mode"`
		Env           map[string]string `json:"env"`
		Metadata      map[string]any    `json:"metadata"`
	} `json:"spec"`
	Resources map[string]string `json:"resources"`
}

func specsOf(ctx context.Context, c *compat.Caller) (map[string]spec, error) {
	info, err := c.Client().Info(ctx)
	if err != nil {
		return nil, err
	}
	specs := make(map[string]spec)
	for profile, its := range info.Profiles {
		s := spec{Name: profile, Resources: map[string]string{}}
		s.Spec.Argv, s.Spec.Env, s.Spec.Metadata = []string{}, map[string]string{}, map[string]any{}
		s.Spec.DisplayName, s.Spec.Language, s.Spec.InterruptMode = "Python "+its.Python+" ("+profile+")", "python", "message"
		if profile == info.DefaultProfile {
			s.Name = mainSpec
		}
		specs[s.Name] = s
	}
	return specs, nil
}

func listSpecs(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	specs, err := specsOf(r.Context(), c)
	if err != nil {
		return err
	}
	return compat.WriteJSON(w, http.StatusOK, map[string]any{"default": mainSpec, "kernelspecs": specs})
}

func showSpec(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	specs, err := specsOf(r.Context(), c)
	if err != nil {
		return err
	}
	found, ok := specs[c.Var("name")]
	if !ok {
		return compat.Refuse(client.CodeNotFound, "kernelspec %q does not exist", c.Var("name"))
	}
	return compat.WriteJSON(w, http.StatusOK, found)
}

// model is a kernel as clients see it.
type model struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	LastActivity string `json:"last_activity"`
	State        string `json:"execution_state"`
	Connections  int    `json:"connections"` // not counted
}

// modelOf returns the model of a session; fallback is the name of the default profile.
func modelOf(s client.SessionState, fallback string) model {
	m := model{ID: strings.TrimPrefix(s.ID, prefix), Name: s.Profile, LastActivity: s.CreatedAt.UTC().Format(timeFormat), State: "idle"}
	if s.Profile == fallback {
		m.Name = mainSpec
	}
	if s.Busy {
		m.State = "busy"
	}
	return m
}

// show answers with a kernel.
func show(w http.ResponseWriter, r *http.Request, c *compat.Caller, status int, state *client.SessionState) error {
	info, err := c.Client().Info(r.Context())
	if err != nil {
		return err
	}
	return compat.WriteJSON(w, status, modelOf(*state, info.DefaultProfile))
}

func listKernels(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	info, err := c.Client().Info(r.Context())
	if err != nil {
		return err
	}
	all, err := c.Client().Sessions(r.Context())
	if err != nil {
		return err
	}
	models := []model{}
	for _, s := range all {
		if strings.HasPrefix(s.ID, prefix) {
			models = append(models, modelOf(s, info.DefaultProfile))
		}
	}
	return compat.WriteJSON(w, http.StatusOK, models)
}

func createKernel(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	var given struct {
		Name string `json:"name"`
	}
	if r.ContentLength != 0 { // Open WebUI sends no body
		if err := c.JSON(&given); err != nil {
			return err
		}
	}
	state, err := start(r.Context(), c, newID(), given.Name)
	if err != nil {
		return err
	}
	return show(w, r, c, http.StatusCreated, state)
}

// start makes the session of a kernel. It lives as long as it may.
func start(ctx context.Context, c *compat.Caller, id, spec string) (*client.SessionState, error) {
	if spec == mainSpec {
		spec = ""
	}
	most := c.Limits()
	_, state, err := c.Client().NewSession(ctx, client.SessionRequest{
		ID: prefix + id, Profile: spec, Mode: "cell", TTLS: int(most.SessionTTL.Seconds()), IdleS: int(most.SessionIdle.Seconds()),
		Limits: &client.Limits{WallMS: most.Max.WallMS, CPUMS: most.Max.CPUMS},
	})
	return state, err
}

// newID returns a random UUID, which every client takes for a kernel's id.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

var kernelID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// find returns the kernel that the path names, if it is alive.
func find(r *http.Request, c *compat.Caller) (*client.Session, *client.SessionState, error) {
	id := c.Var("id")
	if !kernelID.MatchString(id) {
		return nil, nil, compat.Refuse(client.CodeNotFound, "kernel %.80q does not exist", id)
	}
	session, err := c.Client().Session(prefix + id)
	if err != nil {
		return nil, nil, err
	}
	state, err := session.State(r.Context())
	if ended(err) {
		return nil, nil, compat.Refuse(client.CodeNotFound, "kernel %q does not exist", id)
	}
	return session, state, err
}

// ended reports whether a session is over, or was never there.
func ended(err error) bool {
	var p *client.Problem
	return errors.As(err, &p) && (p.Code == client.CodeGone || p.Code == client.CodeNotFound)
}

func showKernel(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	_, state, err := find(r, c)
	if err != nil {
		return err
	}
	return show(w, r, c, http.StatusOK, state)
}

func (all *sockets) deleteKernel(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	session, _, err := find(r, c)
	if err != nil {
		return err
	}
	if err := session.End(r.Context()); err != nil && !ended(err) {
		return err
	}
	all.endEverywhere(c, session)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func interruptKernel(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	session, _, err := find(r, c)
	if err != nil {
		return err
	}
	if _, err := session.Interrupt(r.Context()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func restartKernel(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	session, state, err := find(r, c)
	if err != nil {
		return err
	}
	if state, err = restart(r.Context(), c, session, state.Profile); err != nil {
		return err
	}
	return show(w, r, c, http.StatusOK, state)
}

// restart replaces a kernel's session by a new one with the same id.
func restart(ctx context.Context, c *compat.Caller, session *client.Session, profile string) (*client.SessionState, error) {
	if err := session.End(ctx); err != nil && !ended(err) {
		return nil, err
	}
	return start(ctx, c, strings.TrimPrefix(session.ID(), prefix), profile)
}
