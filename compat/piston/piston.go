package piston

import (
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// patience is long: Piston itself lets jobs wait without an end, and its clients take a
// refusal for a failed program.
const patience = 60 * time.Second

// New returns the API.
func New() compat.API {
	api := compat.API{Name: "piston", Key: key, Patience: patience, Refuse: refuse}
	for _, route := range []compat.Route{
		{Method: "GET", Path: "/api/v2/runtimes", Serve: runtimes},
		{Method: "POST", Path: "/api/v2/execute", Serve: execute},
		{Method: "GET", Path: "/api/v2/packages", Serve: packages},
		{Method: "POST", Path: "/api/v2/packages", Serve: noPackages},
		{Method: "DELETE", Path: "/api/v2/packages", Serve: noPackages},
	} {
		api.Routes = append(api.Routes, route)
		route.Path += "/" // aiopyston has it so
		api.Routes = append(api.Routes, route)
	}
	return api
}

// key returns a key that stands alone in Authorization, as Piston's clients send it.
func key(r *http.Request) string {
	if value := r.Header.Get("Authorization"); !strings.Contains(value, " ") {
		return value
	}
	return ""
}

func runtimes(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	info, err := c.Client().Info(r.Context())
	if err != nil {
		return err
	}
	return compat.WriteJSON(w, http.StatusOK, runtimesOf(info))
}

func execute(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	if err := checkType(r); err != nil {
		return err
	}
	var asked job
	if err := c.JSON(&asked); err != nil {
		return err
	}
	if err := asked.check(); err != nil {
		return err
	}
	info, err := c.Client().Info(r.Context())
	if err != nil {
		return err
	}
	python, known := choose(runtimesOf(info), asked.Language, asked.Version)
	if !known {
		return refused("%.100s-%.100s runtime is unknown", asked.Language, asked.Version)
	}
	request, err := asked.request()
	if err != nil {
		return err
	}
	request.Profile = python.profile
	request.Limits = asked.limits(info.Profiles[python.profile].Limits.Max)
	stream, err := c.Client().Stream(r.Context(), request)
	if err != nil {
		return err
	}
	var output strings.Builder
	for event := range stream.Events() {
		output.WriteString(event.Text)
	}
	answer, err := stream.Answer()
	if err != nil {
		return err
	}
	return compat.WriteJSON(w, http.StatusOK, struct {
		Language string `json:"language"`
		Version  string `json:"version"`
		Run      stage  `json:"run"`
	}{python.Language, python.Version, stageOf(answer, output.String())})
}

// checkType refuses a body that is not declared as JSON, as Piston does, but for text:
// that is what the package piston-client sends.
func checkType(r *http.Request) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" && kind != "text/plain" {
		return compat.Refuse(client.CodeUnsupportedMediaType, "requests must be of type application/json")
	}
	return nil
}

func packages(w http.ResponseWriter, _ *http.Request, _ *compat.Caller) error {
	return compat.WriteJSON(w, http.StatusOK, []struct{}{})
}

// noPackages refuses to install or to remove a runtime.
func noPackages(_ http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	if err := checkType(r); err != nil {
		return err
	}
	var asked struct {
		Language string `json:"language"`
		Version  string `json:"version"`
	}
	if err := c.JSON(&asked); err != nil {
		return err
	}
	return compat.Refuse(client.CodeNotFound, "Requested package %.100s-%.100s does not exist", asked.Language, asked.Version)
}

func refuse(w http.ResponseWriter, _ *http.Request, p *client.Problem) {
	status := p.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	_ = compat.WriteJSON(w, status, map[string]string{"message": p.Detail})
}
