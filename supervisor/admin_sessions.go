package supervisor

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

// listAllSessions serves GET /admin/sessions: the sessions of all keys, or of one.
func (s *Service) listAllSessions(w http.ResponseWriter, r *http.Request, _ *exchange) error {
	wanted, err := ofKey(r)
	if err != nil {
		return err
	}
	all := s.sessions.Living(wanted)
	list := sessions.Show(all)
	for i, session := range all {
		list[i].Key = session.Owner
	}
	return api.WriteJSON(w, http.StatusOK, map[string]any{"sessions": list})
}

// removeSessions serves DELETE /admin/sessions.
func (s *Service) removeSessions(w http.ResponseWriter, r *http.Request, _ *exchange) error {
	wanted, err := ofKey(r)
	if err != nil {
		return err
	}
	all := s.sessions.Living(wanted)
	for _, session := range all {
		session.End(sessions.Removed)
	}
	return api.WriteJSON(w, http.StatusOK, map[string]int{"removed": len(all)})
}

// removeSession serves DELETE /admin/sessions/{id}. Several keys may have chosen the same
// id.
func (s *Service) removeSession(w http.ResponseWriter, r *http.Request, _ *exchange) error {
	wanted, err := ofKey(r)
	if err != nil {
		return err
	}
	id := mux.Vars(r)["id"]
	found := s.sessions.Living(func(session *sessions.Session) bool { return session.ID == id && wanted(session) })
	if len(found) == 0 {
		return api.Refuse(api.CodeNotFound, "session %q does not exist or has ended", api.Shorten(id))
	}
	for _, session := range found {
		session.End(sessions.Removed)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// ofKey returns a filter for the sessions that the query selects: those of one key,
// or all. It refuses unknown parameters: a misspelt one would select all sessions.
func ofKey(r *http.Request) (func(*sessions.Session) bool, error) {
	query := r.URL.Query()
	for name, values := range query {
		if name != "key" || len(values) != 1 {
			return nil, api.Refuse(api.CodeInvalidRequest, "the query may only have one parameter, \"key\"; it is %q", api.Shorten(r.URL.RawQuery))
		}
	}
	if !query.Has("key") {
		return func(*sessions.Session) bool { return true }, nil
	}
	name := query.Get("key")
	return func(s *sessions.Session) bool { return s.Owner == name }, nil
}
