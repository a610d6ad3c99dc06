package forward_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/forward"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

// claim claims an id once the cluster is ready.
func claim(t *testing.T, n *forward.Nodes, owner, id string) (free func(bool), err error) {
	t.Helper()
	testkit.Eventually(t, "it is known who has the id", func() bool {
		free, err = n.Claim(t.Context(), owner, id, func() {})
		return code(err) != api.CodeUnavailable
	}, func() string { return err.Error() })
	return free, err
}

func TestAChosenIDIsOneNodesAndEachOwnersOwn(t *testing.T) {
	s := cluster(t)
	a, b, mute := join(t, s, "a", "127.0.0.1:1"), join(t, s, "b", "127.0.0.1:2"), join(t, s, "mute", "")
	free, err := claim(t, a, "x", "mine")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := claim(t, b, "x", "mine"); code(err) != api.CodeSessionExists {
		t.Errorf("at another node: %v", err)
	}
	if node, err := find(t, b, "mine"); node != nil || err != nil { // of "owner"
		t.Errorf("to another owner: %+v %v", node, err)
	}
	if node, err := findOf(t, b, "x", "mine"); err != nil || node == nil || node.Advertise != "127.0.0.1:1" {
		t.Errorf("at another node: %+v %v", node, err)
	}
	if node, err := findOf(t, a, "x", "mine"); node != nil || err != nil {
		t.Errorf("at its own: %+v %v", node, err)
	}
	if node, err := findOf(t, b, "x", "mine", "Hotcell-Forwarded", "x"); node != nil || err != nil {
		t.Errorf("it is passed on twice: %+v %v", node, err)
	}
	if _, err := claim(t, b, "y", "mine"); err != nil {
		t.Errorf("another owner's: %v", err)
	}
	if _, err := claim(t, mute, "x", "of mute"); err != nil {
		t.Error(err)
	}
	if _, err := findOf(t, b, "x", "of mute"); code(err) != api.CodeMisdirected {
		t.Errorf("nobody reaches its node: %v", err)
	}
	free(true)
	if node, err := findOf(t, b, "x", "mine"); err != nil || node == nil || node.Name != "a" {
		t.Errorf("what became of it is asked of %+v, %v", node, err)
	}
	if free, err = claim(t, b, "x", "mine"); err != nil {
		t.Errorf("it is over: %v", err)
	}
	free(false)
	if node, err := findOf(t, a, "x", "mine"); node != nil || err != nil {
		t.Errorf("it was deleted: %+v, %v", node, err)
	}
}

func TestWithoutAClusterNothingIsClaimed(t *testing.T) {
	n := forward.New(forward.Config{Settings: config.Default()})
	for range 2 {
		free, err := n.Claim(t.Context(), "x", "mine", nil)
		if err != nil {
			t.Fatal(err)
		}
		free(true)
	}
}

func TestANodeThatDoesNotAnswerIsNamed(t *testing.T) {
	s := cluster(t)
	a := join(t, s, "a", "")
	theirs := owner(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "GET" || r.Header.Get("Authorization") != "Bearer k" || !forward.Marked(r.Header) || r.Header.Get("Cookie") != "" || r.URL.RequestURI() != "/sessions?key=x" {
			t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
		}
		_, _ = io.WriteString(w, "theirs")
	})
	join(t, s, "there", theirs)
	join(t, s, "lacks it", owner(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }))
	join(t, s, "refuses", owner(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }))
	join(t, s, "floods", owner(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 4<<20+1)) }))
	join(t, s, "babbles", owner(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "nonsense") }))
	join(t, s, "is too much", owner(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) }))
	join(t, s, "mute", "")
	join(t, s, "unreachable", "127.0.0.1:1")
	r := httptest.NewRequest("GET", "/sessions?key=x", nil)
	r.Header.Set("Authorization", "Bearer k")
	r.Header.Set("Cookie", "c=d")
	var silent, answers []string
	take := func(answer []byte) error {
		if string(answer) == "nonsense" {
			return errors.New(string(answer))
		}
		answers = append(answers, string(answer))
		return nil
	}
	hold := func(bytes int64) error {
		if bytes > 100<<10 {
			return errors.New("there is no memory for it")
		}
		return nil
	}
	testkit.Eventually(t, "all are known", func() bool {
		var err error
		answers = nil
		silent, err = a.Everywhere(r, "id", "party", hold, take)
		return err == nil && len(answers) == 1 && len(silent) == 6
	}, func() string { return fmt.Sprintf("%d answers, without %q", len(answers), silent) })
	if want := []string{"babbles", "floods", "is too much", "mute", "refuses", "unreachable"}; answers[0] != "theirs" || !slices.Equal(silent, want) {
		t.Errorf("%s, without %q", answers, silent)
	}
	r.Method = "HEAD"
	testkit.Eventually(t, "the head of the list is answered", func() bool { // a busy machine may have kept it from being heard
		answers = nil
		_, err := a.Everywhere(r, "id", "party", hold, take)
		return err == nil && slices.Equal(answers, []string{"theirs"})
	}, func() string { return fmt.Sprintf("%q", answers) })
	forward.Mark(r.Header)
	answers = nil
	if silent, err := a.Everywhere(r, "id", "party", hold, take); answers != nil || silent != nil || err != nil {
		t.Errorf("a request that was passed on: %q %q %v", answers, silent, err)
	}
}

func TestAListHasNoPartOfAnAnswerThatIsNone(t *testing.T) {
	s := cluster(t)
	lists := forward.Lists{Nodes: join(t, s, "a", ""), Here: new(sessions.Registry), Line: line.New(line.Config{Reserved: 4 << 10})}
	answers := func(text string) string {
		return owner(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
	}
	join(t, s, "there", answers(`{"sessions":[{"id":"theirs"}],"removed":2}`))
	join(t, s, "babbles", answers(`{"sessions":[{"id":"half"},7],"removed":"many"}`))
	join(t, s, "floods", answers(strings.Repeat(" ", 2<<10)+`{}`))
	for _, c := range []struct {
		serve func(http.ResponseWriter, *http.Request, forward.Asker) error
		want  string
	}{
		{lists.Own, `^\{"sessions":\[\{"id":"theirs",[^]]*\],"unanswered":\["babbles","floods"\]\}\n$`},
		{lists.RemoveAll, `^\{"removed":2,"unanswered":\["babbles","floods"\]\}\n$`},
	} {
		want, got := regexp.MustCompile(c.want), ""
		testkit.Eventually(t, "all are known", func() bool {
			w := httptest.NewRecorder()
			err := c.serve(w, httptest.NewRequest("GET", "/sessions", nil), forward.Asker{ID: "id", Party: line.Unbounded("")})
			got = w.Body.String()
			return err == nil && want.MatchString(got)
		}, func() string { return got })
	}
	if held := lists.Line.Count().Reserved; held != 0 {
		t.Errorf("%d bytes are held", held)
	}
}
