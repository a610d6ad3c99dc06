package api

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/internal/jsonscan"
)

const (
	// maxErrors is the most errors of one request that are reported. A body can have
	// an error in every few bytes.
	maxErrors = 20
	// maxEcho is how many bytes of a client's text an error message repeats.
	maxEcho = 100
)

// form reads a request from its body in one pass, and collects all errors. [form.at]
// returns the current place as a JSON pointer; it is built only for an error.
type form struct {
	*jsonscan.Reader
	body   []byte
	root   string // pointer to what body is: empty, or a case of a batch
	place  []step
	base   string // pointer to where the reader began
	errors []FieldError
	first  map[Code]FieldError // the first error with each code
	other  *Problem            // the body is not an object
}

// step is one part of a JSON pointer: the name of a member, or the index of an item.
type step struct {
	name jsonscan.Name
	item int // -1: it is a name
}

// A field is a row in the table of a form: the name of a member, and the function that
// reads it into a T.
type field[T any] struct {
	name string
	read func(*form, *T)
}

// readForm reads a body, which must be one JSON object with these fields, into given.
// The form that it returns holds the errors.
func readForm[T any](body []byte, fields []field[T], given T) (*form, *T) {
	return readFormAt("", body, fields, given)
}

// readFormAt is readForm for a part of a body, which is at the JSON pointer base.
func readFormAt[T any](base string, body []byte, fields []field[T], given T) (*form, *T) {
	both := &struct { // one allocation, since both escape to the heap
		form
		given T
	}{form{Reader: jsonscan.NewReader(body), body: body, root: base, base: base}, given}
	f := &both.form
	if kind, offset := f.Kind(), f.Offset(); kind == jsonscan.Object {
		readFields(f, fields, &both.given)
	} else {
		f.Skip()
		f.other = f.invalid(offset, f.what()+" must be an object, not "+kind.String())
	}
	return f, &both.given
}

// only returns the fields with these names.
func only[T any](fields []field[T], names ...string) []field[T] {
	return slices.DeleteFunc(slices.Clone(fields), func(row field[T]) bool { return !slices.Contains(names, row.name) })
}

// readFields reads an object that may have only these fields. Of two with the same name
// the first counts.
func readFields[T any](f *form, fields []field[T], into *T) {
	f.object(func(name []byte) {
		for i := range fields {
			if fields[i].name == string(name) {
				fields[i].read(f, into)
				return
			}
		}
		if f.records(CodeInvalidRequest) {
			f.refuse(CodeInvalidRequest, "unknown field; available: %s", available(fields))
		}
	})
}

// available lists the names of fields. A row that stands before another one of its name
// refuses that field.
func available[T any](fields []field[T]) string {
	count := make(map[string]int)
	for _, row := range fields {
		count[row.name]++
	}
	maps.DeleteFunc(count, func(_ string, rows int) bool { return rows > 1 })
	return strings.Join(slices.Sorted(maps.Keys(count)), ", ")
}

// at returns the JSON pointer of the value that is being read.
func (f *form) at() string {
	pointer := f.base
	for _, step := range f.place {
		if step.item >= 0 {
			pointer += "/" + strconv.Itoa(step.item)
		} else {
			pointer = jsonscan.Append(pointer, step.name.String())
		}
	}
	return pointer
}

// refuse records an error of the value that is being read.
func (f *form) refuse(code Code, message string, args ...any) {
	if f.records(code) {
		f.refuseAt(code, f.at(), message, args...)
	}
}

// refuseAt records an error of the value at pointer.
func (f *form) refuseAt(code Code, pointer, message string, args ...any) {
	if !f.records(code) {
		return
	}
	fault := FieldError{Pointer: pointer, Message: fmt.Sprintf(message, args...)}
	if f.first == nil {
		f.first = make(map[Code]FieldError)
	}
	if !f.refused(code) {
		f.first[code] = fault
	}
	if len(f.errors) < maxErrors {
		f.errors = append(f.errors, fault)
	}
}

// records reports whether another error with this code would be recorded. What costs
// something to say is prepared only then.
func (f *form) records(code Code) bool { return len(f.errors) < maxErrors || !f.refused(code) }

// refusedAt reports whether there is an error of the value at pointer: then that value is
// not missing.
func (f *form) refusedAt(pointer string) bool {
	return slices.ContainsFunc(f.errors, func(e FieldError) bool { return e.Pointer == pointer })
}

func (f *form) refused(code Code) bool { _, ok := f.first[code]; return ok }

// problem returns the refusal, or nil. Invalid JSON comes before all other errors. Of
// several codes the first in the order below decides: correcting its cause may well
// remove the other errors.
func (f *form) problem() *Problem {
	if err, ok := f.End().(*jsonscan.Error); ok {
		return f.invalid(err.Offset, err.What)
	}
	if f.other != nil {
		return f.other
	}
	if lone := f.LoneSurrogate(); lone >= 0 {
		f.refuseAt(CodeInvalidRequest, f.root+jsonscan.Pointer(f.body, lone), `contains %s, a lone surrogate`, f.body[lone:lone+6])
	}
	for _, code := range []Code{CodeTooLarge, CodeInvalidRequest, CodeUnknownProfile, CodeLimitTooHigh} {
		if fault, ok := f.first[code]; ok {
			p := Refuse(code, "%s: %s", fault.Pointer, fault.Message)
			p.Errors = f.errors
			return p
		}
	}
	return nil
}

func (f *form) invalid(offset int, what string) *Problem {
	line, column := jsonscan.Position(f.body, offset)
	if f.root != "" {
		return Refuse(CodeInvalidJSON, "%s: its line %d, column %d: %s", f.root, line, column, what)
	}
	return Refuse(CodeInvalidJSON, "line %d, column %d: %s", line, column, what)
}

// what names what is read, in errors about it as a whole.
func (f *form) what() string {
	if f.root != "" {
		return "it"
	}
	return "the body"
}

// kind reports whether the next value is of this kind. If not, it reads the value and
// records an error.
func (f *form) kind(want jsonscan.Kind) bool {
	switch kind := f.Kind(); {
	case kind == want:
		return true
	case kind == jsonscan.Invalid: // End reports it
	case !f.records(CodeInvalidRequest):
		f.Skip()
	case kind == jsonscan.String:
		f.refuse(CodeInvalidRequest, "is %q; must be %v, not a string", Shorten(f.Text()), want)
	case kind == jsonscan.Number, kind == jsonscan.Boolean:
		f.refuse(CodeInvalidRequest, "is %s; must be %v, not %v", shown(f.raw()), want, kind)
	default: // its name says all of null, and as much as is needed of an object or an array
		f.refuse(CodeInvalidRequest, "must be %v, not %v", want, kind)
	}
	return false
}

// boolean reads true or false. It returns false if the value is neither.
func (f *form) boolean() bool { return f.kind(jsonscan.Boolean) && string(f.raw()) == "true" }

// text reads a string, and reports whether there was one.
func (f *form) text() (string, bool) {
	if !f.kind(jsonscan.String) {
		return "", false
	}
	return f.Text(), true
}

// content is like text, but what it returns may alias the body.
func (f *form) content() ([]byte, bool) {
	if !f.kind(jsonscan.String) {
		return nil, false
	}
	value, _ := f.Skip()
	if value == nil {
		return nil, false
	}
	return jsonscan.Content(value), true
}

// object reads an object, and calls member for the first member of each name. name is
// valid until member returns. member may read the value or leave it unread.
func (f *form) object(member func(name []byte)) {
	if !f.kind(jsonscan.Object) {
		return
	}
	var seen jsonscan.Names
	f.Object(func(name jsonscan.Name) {
		f.place = append(f.place, step{name: name, item: -1})
		if seen.Add(f.Reader, name) {
			f.refuse(CodeInvalidRequest, "appears twice")
		} else {
			member(name.Plain())
		}
		f.place = f.place[:len(f.place)-1]
	})
}

// array reads an array of at most most items, and calls item for each. item may read
// the value or leave it unread. For an array with more items, that is the only error.
func (f *form) array(most int, item func()) {
	if !f.kind(jsonscan.Array) {
		return
	}
	count, errors, first := 0, len(f.errors), maps.Clone(f.first)
	f.Array(func(n int) {
		if count++; count > most {
			return
		}
		f.place = append(f.place, step{item: n})
		item()
		f.place = f.place[:len(f.place)-1]
	})
	if count > most {
		f.errors, f.first = f.errors[:errors], first
		f.refuse(CodeInvalidRequest, "has %d items; the maximum is %d", count, most)
	}
}

// raw reads a value of any kind without decoding it: see [form.again].
func (f *form) raw() []byte {
	value, _ := f.Skip()
	return value
}

// again decodes a value that was read with raw. pointer is its place.
func (f *form) again(pointer string, value []byte, read func()) {
	reader, base, place := f.Reader, f.base, f.place
	f.Reader, f.base, f.place = jsonscan.NewReader(value), pointer, nil
	read()
	f.Reader, f.base, f.place = reader, base, place
}

// whole reads a whole number from least to most.
func (f *form) whole(least, most int64) (int64, bool) {
	if !f.kind(jsonscan.Number) {
		return 0, false
	}
	text := f.raw()
	if text == nil {
		return 0, false
	}
	const digits = 20 // a number with more is too large, or has too many zeros
	n, err := strconv.ParseInt(string(text[:min(len(text), digits)]), 10, 64)
	switch {
	case strings.ContainsAny(string(text[:min(len(text), maxEcho)]), ".eE"):
		f.refuse(CodeInvalidRequest, "is %s; must be a whole number without a fraction or exponent", shown(text))
	case text[0] == '-' || err == nil && len(text) <= digits && n < least:
		f.refuse(CodeInvalidRequest, "is %s; must be at least %d", shown(text), least)
	case err != nil || len(text) > digits || n > most: // err: more than 64 bits
		f.refuse(CodeLimitTooHigh, "is %s; the maximum is %d", shown(text), most)
	default:
		return n, true
	}
	return 0, false
}

// shown returns a number or a boolean as an error message repeats it.
func shown(value []byte) string { return Shorten(string(value[:min(len(value), maxEcho+1)])) }

// Shorten cuts a client's text to the length that an error message repeats.
func Shorten(text string) string {
	if len(text) <= maxEcho {
		return text
	}
	return strings.ToValidUTF8(text[:maxEcho], "") + "…"
}
