package dify

import (
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// Dify waits so long for an answer: some of it is for the script, and some for the answer
// to reach it.
const (
	difysWait    = 60 * time.Second
	forTheAnswer = 5 * time.Second
	leastWait    = 5 * time.Second
)

// New returns the API.
func New() compat.API {
	return compat.API{
		Name: "dify", Key: func(r *http.Request) string { return r.Header.Get("X-Api-Key") }, Patience: difysWait - forTheAnswer, Refuse: refuse,
		Routes: []compat.Route{
			{Method: "GET", Path: "/health", Open: true, Serve: health},
			{Method: "POST", Path: "/v1/sandbox/run", Serve: run},
			{Method: "GET", Path: "/v1/sandbox/dependencies", Serve: dependencies},
			{Method: "GET", Path: "/v1/sandbox/dependencies/refresh", Serve: dependencies},
			{Method: "POST", Path: "/v1/sandbox/dependencies/update", Serve: update},
		},
	}
}

func health(w http.ResponseWriter, _ *http.Request, _ *compat.Caller) error {
	return compat.WriteJSON(w, http.StatusOK, "ok")
}

// run runs a script. What is to run before it, and whether it may use the network, is
// left out: dify-sandbox does the first only where it is told to, and nothing here has a
// network.
func run(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	var asked struct {
		Language string `json:"language"`
		Code     string `json:"code"`
		Preload  string `json:"preload"`
		Network  bool   `json:"enable_network"`
	}
	if err := read(r, c, &asked); err != nil {
		return err
	}
	if err := speaks(asked.Language); err != nil {
		return err
	}
	if asked.Code == "" {
		return compat.Refuse(client.CodeInvalidRequest, "code is missing or empty; must be Python source")
	}
	c.Patience = max(leastWait, c.Patience-time.Duration(c.Limits().Default.WallMS)*time.Millisecond)
	answer, err := c.Client().Execute(r.Context(), client.Request{Script: asked.Code, Mode: "program"})
	if err != nil {
		return err
	}
	return succeed(w, outcomeOf(answer))
}

// dependencies lists the packages of the default profile. They are never refreshed: they
// are as the profile was built.
func dependencies(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	if err := pythonOf(r, c); err != nil {
		return err
	}
	info, err := c.Client().Info(r.Context())
	if err != nil {
		return err
	}
	packages := []dependency{}
	for name, version := range info.Profiles[info.DefaultProfile].Packages {
		packages = append(packages, dependency{name, version})
	}
	slices.SortFunc(packages, func(a, b dependency) int { return strings.Compare(a.Name, b.Name) })
	return succeed(w, map[string]any{"dependencies": packages})
}

// update has nothing to do: an operator changes packages by building a profile.
func update(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	if err := pythonOf(r, c); err != nil {
		return err
	}
	return succeed(w, struct{}{})
}

// pythonOf refuses a request about the packages of another language. Dify names it in the
// query, and the package dify-sandbox in a body, even of a GET.
func pythonOf(r *http.Request, c *compat.Caller) error {
	asked := struct {
		Language string `json:"language"`
	}{r.URL.Query().Get("language")}
	if r.ContentLength != 0 {
		if err := read(r, c, &asked); err != nil {
			return err
		}
	}
	return speaks(asked.Language)
}

func speaks(language string) error {
	switch language {
	case "python3":
		return nil
	case "":
		return compat.Refuse(client.CodeInvalidRequest, "language is missing or empty; must be python3")
	}
	return compat.Refuse(client.CodeInvalidRequest, "unsupported language")
}

func read(r *http.Request, c *compat.Caller, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return compat.Refuse(client.CodeUnsupportedMediaType, "the Content-Type is %.100q; must be application/json", r.Header.Get("Content-Type"))
	}
	return c.JSON(into)
}

// refuse answers a refusal: its HTTP status, negative, is the code.
func refuse(w http.ResponseWriter, _ *http.Request, p *client.Problem) {
	switch {
	case p.Status == http.StatusUnauthorized:
		w.WriteHeader(http.StatusUnauthorized) // dify-sandbox says no more, either
	case p.Status == http.StatusNotFound: // of routes that only other servers have: what they send is not always JSON
		_ = compat.WriteJSON(w, p.Status, reply{Code: -p.Status, Message: p.Detail})
	case p.Status >= 400 && p.Status < 500 && p.Status != http.StatusTooManyRequests:
		_ = compat.WriteJSON(w, http.StatusOK, reply{Code: -http.StatusBadRequest, Message: p.Detail})
	default:
		_ = compat.WriteJSON(w, http.StatusOK, reply{Code: -p.Status, Message: p.Detail})
	}
}

func succeed(w http.ResponseWriter, data any) error {
	return compat.WriteJSON(w, http.StatusOK, reply{Message: "success", Data: data})
}
