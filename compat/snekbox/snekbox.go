package snekbox

import (
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// patience is as long as chats wait for an answer.
const patience = 60 * time.Second

// New returns the API.
func New() compat.API {
	return compat.API{Name: "snekbox", Patience: patience, Refuse: refuse, Routes: []compat.Route{{Method: "POST", Path: "/eval", Serve: evaluate}}}
}

func evaluate(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return compat.Refuse(client.CodeUnsupportedMediaType, "%.100s is an unsupported media type.", r.Header.Get("Content-Type"))
	}
	var asked eval
	if err := c.JSON(&asked); err != nil {
		return err
	}
	request, err := asked.request()
	if err != nil {
		return err
	}
	if request.Profile, err = profileOf(r, c, asked.Executable); err != nil {
		return err
	}
	answer, err := c.Client().Execute(r.Context(), request)
	if err != nil {
		return err
	}
	return compat.WriteJSON(w, http.StatusOK, resultOf(answer, request.Files))
}

// profileOf returns the profile that has an interpreter, which is named as in snekbox's
// image; empty: the default one.
func profileOf(r *http.Request, c *compat.Caller, executable string) (string, error) {
	if executable == "" || executable == "/snekbin/python/default/bin/python" {
		return "", nil
	}
	info, err := c.Client().Info(r.Context())
	if err != nil {
		return "", err
	}
	profiles := slices.Insert(slices.Sorted(maps.Keys(info.Profiles)), 0, info.DefaultProfile)
	var there []string
	for _, name := range profiles {
		version := strings.Split(info.Profiles[name].Python, ".")
		there = append(there, fmt.Sprintf("/snekbin/python/%s/bin/python", strings.Join(version[:min(2, len(version))], ".")))
		if there[len(there)-1] == executable {
			return name, nil
		}
	}
	slices.Sort(there)
	return "", refused("executable_path does not exist: it is %.100q; must be %s, or left out", executable, strings.Join(slices.Compact(there), " or "))
}

func refuse(w http.ResponseWriter, _ *http.Request, p *client.Problem) {
	title := fmt.Sprintf("%d %s", p.Status, http.StatusText(p.Status))
	if p.Status == http.StatusBadRequest {
		title = "Request data failed validation"
	}
	_ = compat.WriteJSON(w, p.Status, map[string]string{"title": title, "description": p.Detail})
}
