package attack

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// wire is a request that a part sends as it is, to an API of the server's that is not
// its own.
type wire struct {
	method, target string   // WS is the method of a WebSocket
	headers        []header // in their order
	body           string   // as JSON; or of a file, if form is set
	form           string   // what follows "form-data; " in the header of the form's one file
	endless        bool     // the body has no end
	idle           bool     // the WebSocket says nothing, and stays until the case ends
	told           string   // see printed
	keep           []kept
	make           []made
	token          string   // in place of which each of these is sent; empty: one request
	each           []string // the insides of JSON strings
	times          int      // so many requests at once
	key            string   // other, none, or empty: the run's own
}

type header struct{ name, value string }

// kept is a member of an answer that is a token for what is sent later.
type kept struct{ token, path string }

// made is a token that is made of a text before a request is sent.
type made struct{ token, how, text string }

// forms are what may be made of a text.
var forms = map[string]func(string) string{
	"upper": strings.ToUpper,
	"percent": func(text string) string {
		var all strings.Builder
		for _, b := range []byte(text) {
			fmt.Fprintf(&all, "%%%02x", b)
		}
		return all.String()
	},
	"digest": func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return base64.RawURLEncoding.EncodeToString(sum[:])
	},
}

// The methods of a part's request.
const webSocket = "WS"

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", webSocket}

var (
	tokenForm = regexp.MustCompile(`@[A-Z0-9]+@`)
	sendForm  = regexp.MustCompile(`^([A-Z]+) ([/@]\S*)$`)
	keepForm  = regexp.MustCompile(`^(@[A-Z0-9]+@) (\S+)$`)
	makeForm  = regexp.MustCompile(`^(@[A-Z0-9]+@) (upper|percent|digest) (.+)$`)
)

// These tokens every request may have. The other tenant's is there with two keys only.
const (
	tokenScript = "@SCRIPT@"
	tokenRun    = "@RUN@" // differs for each time that a case is tried
	tokenKey    = "@KEY@"
	tokenOther  = "@OTHER@"
)

// set reads a line of a head that is about a request. known is false if it is not.
func (w *wire) set(key, value string) (known bool, err error) {
	switch key {
	case "send":
		form := sendForm.FindStringSubmatch(value)
		if form == nil || !slices.Contains(methods, form[1]) {
			return true, fmt.Errorf("invalid request: it must be METHOD /path, with a method of %s", strings.Join(methods, ", "))
		}
		w.method, w.target = form[1], form[2]
	case "header":
		name, text, ok := strings.Cut(value, ": ")
		if !ok {
			return true, errors.New("invalid header: it must be Name: value")
		}
		w.headers = append(w.headers, header{name, text})
	case "body":
		w.body = value
	case "form":
		w.form = value
	case "endless":
		w.endless = true
	case "idle":
		w.idle = true
	case "told":
		w.told = value
	case "keep":
		form := keepForm.FindStringSubmatch(value)
		if form == nil {
			return true, errors.New("invalid token: it must be @NAME@ member")
		}
		w.keep = append(w.keep, kept{form[1], form[2]})
	case "make":
		form := makeForm.FindStringSubmatch(value)
		if form == nil {
			return true, errors.New("invalid token: it must be @NAME@ upper|percent|digest text")
		}
		w.make = append(w.make, made{form[1], form[2], form[3]})
	case "each":
		return true, w.setEach(value)
	case "times":
		w.times, err = strconv.Atoi(value)
	case "key":
		if w.key = value; value != "other" && value != "none" {
			return true, errors.New("the key is other or none")
		}
	default:
		return false, nil
	}
	return true, err
}

func (w *wire) setEach(value string) error {
	token, rest, _ := strings.Cut(value, " ")
	if !tokenForm.MatchString(token) || w.token != "" && w.token != token {
		return errors.New(`invalid texts: they must be @NAME@ "text" "text", of one name`)
	}
	w.token = token
	for decoder := json.NewDecoder(strings.NewReader(rest)); decoder.More(); {
		var text json.RawMessage
		if err := decoder.Decode(&text); err != nil || text[0] != '"' {
			return fmt.Errorf("expected a JSON string in %s", rest)
		}
		w.each = append(w.each, string(text[1:len(text)-1]))
	}
	return nil
}

// needsKeys reports whether the request is another tenant's, or nobody's.
func (w *wire) needsKeys() bool {
	text := w.target + w.body + w.form
	for _, h := range w.headers {
		text += h.value
	}
	return w.key != "" || strings.Contains(text, tokenOther) || strings.Contains(text, tokenKey)
}

// tokens are texts for a request, as the insides of JSON strings, by name.
type tokens map[string]string

// plain returns a text with what its tokens stand for, as in an address or a header.
func (t tokens) plain(text string) string {
	return tokenForm.ReplaceAllStringFunc(text, func(token string) string {
		literal, known := t[token]
		var plain string
		if !known || json.Unmarshal([]byte(`"`+literal+`"`), &plain) != nil {
			return token
		}
		return plain
	})
}

// literal returns JSON with what its tokens stand for.
func (t tokens) literal(text string) string {
	return tokenForm.ReplaceAllStringFunc(text, func(token string) string {
		if literal, known := t[token]; known {
			return literal
		}
		return token
	})
}

// inside returns the inside of a text's JSON string.
func inside(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always has a form
	}
	return string(quoted[1 : len(quoted)-1])
}

// known are the tokens of a case, as they become known.
type known struct {
	mu     sync.Mutex
	tokens tokens
}

func newKnown(t *target) *known {
	all := tokens{tokenRun: strings.ToLower(rand.Text()[:12]), tokenKey: t.key}
	if t.other != "" {
		all[tokenOther] = t.other
	}
	return &known{tokens: all}
}

// of returns the tokens for a part, with those that it makes.
func (k *known) of(w *wire) tokens {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, m := range w.make {
		k.tokens[m.token] = inside(forms[m.how](k.tokens.plain(m.text)))
	}
	return maps.Clone(k.tokens)
}

// remember adds what a part keeps of its answer.
func (k *known) remember(w *wire, a *answer) error {
	for _, kept := range w.keep {
		found := members([]byte(a.body), kept.path)
		if len(found) == 0 {
			return fmt.Errorf("the answer has no %s", kept.path)
		}
		k.mu.Lock()
		k.tokens[kept.token] = inside(found[0])
		k.mu.Unlock()
	}
	return nil
}
