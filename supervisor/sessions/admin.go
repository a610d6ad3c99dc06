package sessions

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/supervisor/api"
)

// ServeAll serves GET /admin/sessions: the sessions of all keys, or of one.
func (t *Registry) ServeAll(w http.ResponseWriter, r *http.Request) error {
	wanted, err := ofKey(r)
	if err != nil {
		return err
	}
	all := t.Living(wanted)
	list := Show(all)
	for i, session := range all {
		list[i].Key = session.Owner
	}
	return api.WriteJSON(w, http.StatusOK, map[string]any{"sessions": list})
}

// RemoveAll serves DELETE /admin/sessions.
func (t *Registry) RemoveAll(w http.ResponseWriter, r *http.Request) error {
	wanted, err := ofKey(r)
	if err != nil {
		return err
	}
	all := t.Living(wanted)
	for _, session := range all {
		session.End(Removed)
	}
	return api.WriteJSON(w, http.StatusOK, map[string]int{"removed": len(all)})
}

// Remove serves DELETE /admin/sessions/{id}. Several keys may have chosen the same
// id.
func (t *Registry) Remove(w http.ResponseWriter, r *http.Request) error {
	wanted, err := ofKey(r)
	if err != nil {
		return err
	}
	id := mux.Vars(r)["id"]
	found := t.Living(func(session *Session) bool { return session.ID == id && wanted(session) })
	if len(found) == 0 {
		return api.Refuse(api.CodeNotFound, "session %q does not exist or has ended", api.Shorten(id))
	}
	for _, session := range found {
		session.End(Removed)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// ofKey returns a filter for the sessions that the query selects: those of one key,
// or all. It refuses unknown parameters: a misspelt one would select all sessions.
func ofKey(r *http.Request) (func(*Session) bool, error) {
	query := r.URL.Query()
	for name, values := range query {
		if name != "key" || len(values) != 1 {
			return nil, api.Refuse(api.CodeInvalidRequest, "the query may only have one parameter, \"key\"; it is %q", api.Shorten(r.URL.RawQuery))
		}
	}
	if !query.Has("key") {
		return func(*Session) bool { return true }, nil
	}
	name := query.Get("key")
	return func(s *Session) bool { return s.Owner == name }, nil
}
