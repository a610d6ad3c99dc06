package batches

import (
	"bytes"
	"math"
	"strconv"

	"github.com/hotcell/hotcell/supervisor/api"
)

// What a script printed is hostile: any bytes, up to its limit. Every comparison takes
// time in proportion to its size, and no memory.

// matches reports whether a script printed what was expected.
func matches(how api.Compare, printed, expected []byte) bool {
	switch how {
	case api.CompareExact:
		return bytes.Equal(printed, expected)
	case api.CompareTokens:
		return sameTokens(printed, expected, bytes.Equal)
	case api.CompareFloat:
		return sameTokens(printed, expected, sameNumber)
	default:
		return sameLines(printed, expected)
	}
}

// sameLines compares lines without white space at their ends, and ignores empty lines
// at the end.
func sameLines(a, b []byte) bool {
	a, b = trimEnd(a), trimEnd(b)
	for len(a) > 0 && len(b) > 0 {
		var lineA, lineB []byte
		lineA, a, _ = bytes.Cut(a, []byte("\n"))
		lineB, b, _ = bytes.Cut(b, []byte("\n"))
		if !bytes.Equal(trimEnd(lineA), trimEnd(lineB)) {
			return false
		}
	}
	return len(a) == len(b)
}

const space = " \t\n\v\f\r"

func trimEnd(text []byte) []byte { return bytes.TrimRight(text, space) }

// sameTokens compares texts that are separated by white space.
func sameTokens(a, b []byte, same func(a, b []byte) bool) bool {
	for {
		var tokenA, tokenB []byte
		tokenA, a = token(a)
		tokenB, b = token(b)
		switch {
		case len(tokenA) == 0 || len(tokenB) == 0:
			return len(tokenA) == len(tokenB)
		case !same(tokenA, tokenB):
			return false
		}
	}
}

// token returns the first token and what comes after it.
func token(text []byte) (first, rest []byte) {
	from := 0
	for from < len(text) && isSpace(text[from]) {
		from++
	}
	to := from
	for to < len(text) && !isSpace(text[to]) {
		to++
	}
	return text[from:to], text[to:]
}

func isSpace(c byte) bool { return c == ' ' || c-'\t' <= '\r'-'\t' }

const (
	// tolerance is how far a number may be from the expected one: absolutely, or in
	// proportion to the expected one if that is greater than 1.
	tolerance = 1e-6
	// maxNumber is the length of the longest token that is read as a number. The
	// shortest form of any float has at most 24 characters; with all digits before the
	// point, 309.
	maxNumber = 400
)

// sameNumber compares a token with the expected one: as numbers if both are, else as
// they are.
func sameNumber(printed, expected []byte) bool {
	if bytes.Equal(printed, expected) {
		return true
	}
	want, ok := number(expected)
	if !ok {
		return false
	}
	got, ok := number(printed)
	switch {
	case !ok:
		return false
	case math.IsNaN(want) || math.IsNaN(got):
		return math.IsNaN(want) && math.IsNaN(got)
	case math.IsInf(want, 0) || math.IsInf(got, 0):
		return want == got
	default:
		return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
	}
}

// number reads a decimal number, or nan, inf or infinity in any case. A number that is
// too large for a float is none.
func number(text []byte) (float64, bool) {
	if len(text) > maxNumber || bytes.ContainsAny(text, "xXpP_") { // what only Go takes
		return 0, false
	}
	n, err := strconv.ParseFloat(string(text), 64)
	return n, err == nil
}
