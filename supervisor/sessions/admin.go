package sessions

import (
	"net/http"
	"sync"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/supervisor/api"
)

// All returns what this node has for GET /admin/sessions: the sessions of all keys, or of one.
func (t *Registry) All(r *http.Request) ([]api.SessionState, error) {
	wanted, err := ofKey(r)
	if err != nil {
		return nil, err
	}
	all := t.Living(wanted)
	list := Show(all)
	for i, session := range all {
		list[i].Key = session.Owner
	}
	return list, nil
}

// Remove ends what this node has for DELETE /admin/sessions, or for /admin/sessions/{id}:
// several keys may have chosen the same id.
func (t *Registry) Remove(r *http.Request) (removed int, err error) {
	wanted, err := ofKey(r)
	if err != nil {
		return 0, err
	}
	id, one := mux.Vars(r)["id"]
	all := t.Living(func(session *Session) bool { return (!one || session.ID == id) && wanted(session) })
	var ends sync.WaitGroup
	for _, session := range all { // at once: each may wait until its id is free in the fleet
		ends.Go(func() {
			defer panics.Caught(session.fail)
			session.End(Removed)
		})
	}
	ends.Wait()
	return len(all), nil
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
