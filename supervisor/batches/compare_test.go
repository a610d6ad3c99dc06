package batches

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/api"
)

func TestWhatIsPrintedIsComparedInFourWays(t *testing.T) {
	const exact, trim, tokens, float = 8, 4, 2, 1
	huge := strings.Repeat("9", 400)
	for _, c := range []struct {
		printed, expected string
		same              int
	}{
		{"a b\n", "a b\n", exact | trim | tokens | float},
		{"", "", exact | trim | tokens | float},
		{"\n \r\n", "", trim | tokens | float},
		{"a b\n", "a b", trim | tokens | float},
		{"a b \t\r\n\n\n", "a b", trim | tokens | float},
		{"a\r\nb\r\n", "a\nb\n", trim | tokens | float},
		{" a b", "a b", tokens | float},
		{"a\nb", "a b", tokens | float},
		{"a\n\nb", "a\nb", tokens | float},
		{"a  b", "a b", tokens | float},
		{"a b c", "a b", 0},
		{"a b", "a b c", 0},
		{"ab", "a b", 0},
		{"A", "a", 0},
		{"\xff\xfe", "\ufffd\ufffd", 0},
		{"ä\u00a0", "ä", 0}, // a no-break space is no white space
		{"1.0", "1", float},
		{"1.0000005", "1", float},
		{"1.000002", "1", 0},
		{"1000000.5", "1000000", float},
		{"1000002", "1000000", 0},
		{"-0", "0", float},
		{"1e-7", "0", float},
		{"+5", "5", float},
		{"nan", "NaN", float},
		{"nan", "0", 0},
		{"0", "nan", 0},
		{"inf", "Infinity", float},
		{"-inf", "inf", 0},
		{"1e308", "inf", 0},
		{"1e999", "inf", 0},
		{"1e999", "1e998", 0}, // too large to be numbers
		{huge + "1", huge + "2", 0},
		{"0x10", "16", 0},
		{"1_0", "10", 0},
		{"1,5", "1.5", 0},
		{"x 2.0000001 y", "x 2 y", float},
		{"five", "5", 0},
		{"5", "five", 0},
	} {
		for i, how := range []api.Compare{float_, tokens_, trim_, exact_} {
			if got := matches(how, []byte(c.printed), []byte(c.expected)); got != (c.same>>i&1 == 1) {
				t.Errorf("%s: %q for %q: %v", how, c.printed, c.expected, got)
			}
		}
	}
}

const (
	exact_  = api.CompareExact
	trim_   = api.CompareTrim
	tokens_ = api.CompareTokens
	float_  = api.CompareFloat
)

// What a comparison takes must grow with the text, not faster.
func TestComparingHostileOutputIsLinear(t *testing.T) {
	const size = 1 << 20 // quadratic time would be hours
	for name, unit := range map[string]string{"spaces": " ", "lines": "\n", "digits": "9", "tokens": "1 ", "nan": "nan ", "exponents": "1e999999999 ", "zero bytes": "\x00"} {
		text := []byte(strings.Repeat(unit, size/len(unit)))
		other := append(bytes.Clone(text), 'x')
		for _, how := range api.Comparisons {
			if matches(how, text, other) || !matches(how, text, text) {
				t.Errorf("%s of %s is wrong", how, name)
			}
		}
	}
}

func FuzzEveryComparisonIsReflexiveAndSymmetricInTokens(f *testing.F) {
	f.Add([]byte("1.0 nan\r\n"), []byte("1 NaN\n"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for _, how := range api.Comparisons {
			if !matches(how, a, a) {
				t.Errorf("%s: %q is not itself", how, a)
			}
		}
		if matches(exact_, a, b) && !matches(trim_, a, b) || matches(trim_, a, b) && !matches(tokens_, a, b) || matches(tokens_, a, b) && !matches(float_, a, b) {
			t.Errorf("%q and %q are the same in a stricter way only", a, b)
		}
	})
}
