package supervisor

import (
	"net/http"

	"github.com/gorilla/mux"
)

// listAllSessions serves GET /admin/sessions: everybody's, or those of one key.
func (s *Service) listAllSessions(w http.ResponseWriter, r *http.Request, _ *exchange) error {
	wanted, err := ofKey(r)
	if err != nil {
		return err
	}
	all := s.sessions.living(wanted)
	owners := make(map[string]string, len(all))
	for _, session := range all {
		owners[session.id] = session.owner
	}
	list := states(all)
	for i := range list {
		list[i].Key = owners[list[i].ID]
	}
	return writeJSON(w, http.StatusOK, map[string]any{"sessions": list})
}

// removeSessions serves DELETE /admin/sessions.
func (s *Service) removeSessions(w http.ResponseWriter, r *http.Request, _ *exchange) error {
	wanted, err := ofKey(r)
	if err != nil {
		return err
	}
	all := s.sessions.living(wanted)
	for _, session := range all {
		session.end(sessionRemoved, nil)
	}
	return writeJSON(w, http.StatusOK, map[string]int{"removed": len(all)})
}

// removeSession serves DELETE /admin/sessions/{id}.
func (s *Service) removeSession(w http.ResponseWriter, r *http.Request, _ *exchange) error {
	id := mux.Vars(r)["id"]
	found := s.sessions.living(func(session *session) bool { return session.id == id })
	if len(found) == 0 {
		return refuse(CodeNotFound, "no session %q is alive", shorten(id))
	}
	found[0].end(sessionRemoved, nil)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// ofKey chooses the sessions that the query names: those of one key, or all. A
// parameter that is not known is refused: misspelt, it would choose all.
func ofKey(r *http.Request) (func(*session) bool, error) {
	query := r.URL.Query()
	for name, values := range query {
		if name != "key" || len(values) != 1 {
			return nil, refuse(CodeInvalidRequest, "the query may hold one parameter \"key\", and holds %q", shorten(r.URL.RawQuery))
		}
	}
	if !query.Has("key") {
		return func(*session) bool { return true }, nil
	}
	name := query.Get("key")
	return func(s *session) bool { return s.owner == name }, nil
}
