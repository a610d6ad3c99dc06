package batches

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/hotcell/hotcell/supervisor/api"
)

// readAll returns the head and all cases of a body, as two sources give them.
func readAll(t *testing.T, source io.Reader, most int64) (head string, cases []string, reserved int64, err error) {
	t.Helper()
	b, start, err := OpenStream(source, most, func(more int64) error { reserved += more; return nil })
	for err == nil {
		var text []byte
		if text, err = b.Next(); err == nil {
			cases = append(cases, string(text))
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return string(start), cases, reserved, err
}

func TestCasesAreReadOneByOne(t *testing.T) {
	for _, c := range []struct {
		body, head string
		cases      []string
	}{
		{`{"script":"x","cases":[]}`, `{"script":"x"}`, nil},
		{`{"cases":[]}`, `{}`, nil},
		{" {\n\"a\" : [1,{\"b\":\"]\"}] , \"cases\" : [ {} , {\"stdin\":\"\\\"]}\"} ] } \n", " {\n\"a\" : [1,{\"b\":\"]\"}]}", []string{`{}`, `{"stdin":"\"]}"}`}},
		{`{"n":1,"s":"\\","cases":[1,"two",[3],null,{"x":{"y":[]}}]}`, `{"n":1,"s":"\\"}`, []string{`1`, `"two"`, `[3]`, `null`, `{"x":{"y":[]}}`}},
	} {
		for name, source := range map[string]io.Reader{"at once": strings.NewReader(c.body), "byte by byte": iotest.OneByteReader(strings.NewReader(c.body))} {
			head, cases, _, err := readAll(t, source, 1000)
			if err != nil || head != c.head || !slices.Equal(cases, c.cases) {
				t.Errorf("%s, %s: %v, %s %q", c.body, name, err, head, cases)
			}
		}
	}
}

func TestAFaultInABodyIsToldAfterTheCasesBeforeIt(t *testing.T) {
	for _, c := range []struct {
		body  string
		cases int
		want  string
	}{
		{`[]`, 0, "the body must be an object"},
		{``, 0, "/cases/0: the body ends too soon"},
		{`{"script":"x"}`, 0, "/cases: is missing"},
		{`{}`, 0, "/cases: is missing"},
		{`{"cases":{}}`, 0, "/cases: must be an array"},
		{`{1:[]}`, 0, "the name of a member is missing"},
		{`{"a":1 "cases":[]}`, 0, "/cases/0: a comma"},
		{`{"cases":[{}`, 1, "/cases/1: the body ends too soon"},
		{`{"cases":[{},{"stdin":"`, 1, "/cases/1: the body ends too soon"},
		{`{"cases":[{} {}]}`, 1, "/cases/1: a comma"},
		{`{"cases":[{},]}`, 1, "/cases/1: a value is missing"},
		{`{"cases":[,{}]}`, 0, "/cases/0: a value is missing"},
		{`{"cases":[{}],"compare":"exact"}`, 1, "cases must be the last member"},
		{`{"cases":[{}]}{}`, 1, "/cases/1: there is something after"},
		{`{"cases":[{}]]`, 1, "/cases/1: there is something after"},
		{`{"cases":[{"stdin":"` + strings.Repeat("x", 200) + `"}]}`, 0, "/cases/0: a case, and what comes before the first one, may have at most 100 bytes each"},
		{`{"script":"` + strings.Repeat("x", 200), 0, "/cases/0: a case, and what comes before"},
	} {
		_, cases, _, err := readAll(t, strings.NewReader(c.body), 100)
		var problem *api.Problem
		if !errors.As(err, &problem) || !strings.HasPrefix(problem.Detail, c.want) || len(cases) != c.cases {
			t.Errorf("%.50s: %v after %d cases", c.body, err, len(cases))
		}
	}
}

func TestABodyThatIsCutShortIsItsClientsDeparture(t *testing.T) {
	_, cases, _, err := readAll(t, io.MultiReader(strings.NewReader(`{"cases":[{},{"st`), iotest.ErrReader(io.ErrUnexpectedEOF)), 1000)
	if !errors.Is(err, api.ErrCutShort) || len(cases) != 1 {
		t.Errorf("%v after %d cases", err, len(cases))
	}
}

// A body of any size takes no more memory than its largest case, doubled.
func TestABodyNeverSitsInMemory(t *testing.T) {
	const count, size, most = 3000, 20_000, 64 << 10
	one := []byte(`,{"stdin":"` + strings.Repeat("x", size) + `"}`)
	source := io.MultiReader(strings.NewReader(`{"cases":[{}`), io.LimitReader(repeated{one}.reader(), int64(count*len(one))), strings.NewReader(`]}`))
	_, cases, reserved, err := readAll(t, source, most)
	if err != nil || len(cases) != count+1 || reserved > most {
		t.Errorf("%v, %d cases, %d bytes", err, len(cases), reserved)
	}
}

type repeated struct{ text []byte }

func (a repeated) reader() io.Reader {
	rest := a.text
	return readerFunc(func(p []byte) (int, error) {
		n := copy(p, rest)
		if rest = rest[n:]; len(rest) == 0 {
			rest = a.text
		}
		return n, nil
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// The largest case fits, wherever in the buffer it begins.
func TestTheLargestCaseFitsBehindAnyOther(t *testing.T) {
	const most = 40_000
	for range 200 {
		var body bytes.Buffer
		body.WriteString(`{"cases":[`)
		var want []int
		for i := range 6 {
			if i > 0 {
				body.WriteByte(',')
			}
			n := 2 + rand.N(most-2-1)
			if rand.N(2) == 0 {
				n = most - 1 // with the byte behind it
			}
			body.WriteString(`"` + strings.Repeat("y", n-2) + `"`)
			want = append(want, n)
		}
		body.WriteString(`]}`)
		_, cases, _, err := readAll(t, &body, most)
		var got []int
		for _, text := range cases {
			got = append(got, len(text))
		}
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v: %v, want %v", err, got, want)
		}
	}
}

func FuzzABodyIsReadAsItIs(f *testing.F) {
	f.Add([]byte(`{"script":"x","cases":[{"a":[1]},2,"]"]}`))
	f.Add([]byte(`{"cases":[{},]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, cases, reserved, _ := readAll(t, iotest.HalfReader(bytes.NewReader(body)), 1<<20)
		total := 0
		for _, text := range cases {
			if !bytes.Contains(body, []byte(text)) || text == "" {
				t.Errorf("%q of %q", text, body)
			}
			total += len(text)
		}
		if total > len(body) || reserved > 1<<20 {
			t.Errorf("%d bytes of %d, %d reserved", total, len(body), reserved)
		}
	})
}
