package forward

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

// Lists are the sessions of all nodes: those of this one, and what the others answer to the
// same request.
type Lists struct {
	*Nodes
	Here *sessions.Registry
	Line *line.Line // counts the memory of what they answer
}

// Asker is who asks.
type Asker struct {
	ID, Owner string     // of the request, and of the sessions
	Party     line.Party // what it counts for
}

// ask asks the others. What they answer counts for the asker's memory until done is called;
// those for whose answer there is none left are silent.
func (l Lists) ask(r *http.Request, who Asker, take func(answer []byte) error) (silent []string, done func(), err error) {
	reserve := sync.OnceValues(func() (*line.Reservation, error) { return l.Line.Hold(who.Party, 0) })
	hold := func(bytes int64) error {
		held, err := reserve()
		if err != nil {
			return err
		}
		return held.Grow(budget.RelayedAnswerCopies * bytes)
	}
	silent, err = l.Everywhere(r, who.ID, who.Party.Name, hold, take)
	return silent, func() {
		if held, err := reserve(); err == nil {
			held.Release()
		}
	}, err
}

// listed is a list of sessions.
type listed struct {
	Sessions   []api.SessionState `json:"sessions"`
	Unanswered []string           `json:"unanswered,omitempty"` // nodes whose sessions are not in it
}

// Own serves GET /sessions.
func (l Lists) Own(w http.ResponseWriter, r *http.Request, who Asker) error {
	own := l.Here.Living(func(session *sessions.Session) bool { return session.Owner == who.Owner })
	return l.list(w, r, who, sessions.Show(own))
}

// All serves GET /admin/sessions.
func (l Lists) All(w http.ResponseWriter, r *http.Request, who Asker) error {
	own, err := l.Here.All(r)
	if err != nil {
		return err
	}
	return l.list(w, r, who, own)
}

func (l Lists) list(w http.ResponseWriter, r *http.Request, who Asker, own []api.SessionState) error {
	list := listed{Sessions: own}
	silent, done, err := l.ask(r, who, func(answer []byte) error {
		var theirs listed
		if err := json.Unmarshal(answer, &theirs); err != nil {
			return fmt.Errorf("its list of sessions: %w", err)
		}
		list.Sessions = append(list.Sessions, theirs.Sessions...)
		return nil
	})
	defer done()
	if err != nil {
		return err
	}
	list.Unanswered = silent
	slices.SortStableFunc(list.Sessions, func(a, b api.SessionState) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	return api.WriteJSON(w, http.StatusOK, list)
}

// removed is how many sessions were removed.
type removed struct {
	Removed    int      `json:"removed"`
	Unanswered []string `json:"unanswered,omitempty"` // nodes that may still have some
}

// RemoveAll serves DELETE /admin/sessions.
func (l Lists) RemoveAll(w http.ResponseWriter, r *http.Request, who Asker) error {
	own, err := l.Here.Remove(r)
	if err != nil {
		return err
	}
	all := removed{Removed: own}
	silent, done, err := l.ask(r, who, func(answer []byte) error {
		var theirs removed
		if err := json.Unmarshal(answer, &theirs); err != nil {
			return fmt.Errorf("what it has removed: %w", err)
		}
		all.Removed += theirs.Removed
		return nil
	})
	defer done()
	if err != nil {
		return err
	}
	all.Unanswered = silent
	return api.WriteJSON(w, http.StatusOK, all)
}

// RemoveOne serves DELETE /admin/sessions/{id}.
func (l Lists) RemoveOne(w http.ResponseWriter, r *http.Request, who Asker) error {
	own, err := l.Here.Remove(r)
	if err != nil {
		return err
	}
	silent, done, err := l.ask(r, who, func([]byte) error { own++; return nil })
	defer done()
	switch id := mux.Vars(r)["id"]; {
	case err != nil:
		return err
	case own > 0:
		w.WriteHeader(http.StatusNoContent)
		return nil
	case len(silent) > 0:
		return unavailable("whether other nodes have the session is not known", fmt.Errorf("no answer of %q", silent))
	default:
		return api.Refuse(api.CodeNotFound, "session %q does not exist or has ended", api.Shorten(id))
	}
}
