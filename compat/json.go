package compat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/hotcell/hotcell/client"
)

// WriteJSON answers with JSON. Only a value that has none is an error, and then nothing was
// written.
func WriteJSON(w http.ResponseWriter, status int, value any) error {
	text, err := Encode(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // fails only if the client is gone
	return nil
}

// Encode encodes a value as JSON. It escapes nothing for pages: a text of many < would take
// six times the memory that counts for it.
func Encode(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}

// MostItems is how many entries a [List] may have.
const MostItems = 1000

// List is an array in a body. A longer one is refused before it is decoded: an empty
// entry takes two bytes of the body, but much more of the memory.
type List[T any] []T

// few is the type that a longer array should have had, for the error.
type few struct{}

// UnmarshalJSON implements [json.Unmarshaler].
func (l *List[T]) UnmarshalJSON(text []byte) error {
	items := json.NewDecoder(bytes.NewReader(text))
	if start, err := items.Token(); err != nil || start != json.Delim('[') {
		return json.Unmarshal(text, (*[]T)(l)) // null, or not an array
	}
	*l = List[T]{}
	for n := 0; items.More(); n++ {
		if n == MostItems {
			return &json.UnmarshalTypeError{Value: fmt.Sprintf("array of more than %d entries", MostItems), Type: reflect.TypeFor[few]()}
		}
		var item T
		if err := items.Decode(&item); err != nil {
			return at(n, err)
		}
		*l = append(*l, item)
	}
	return nil
}

// at adds an entry's place to an error.
func at(index int, err error) error {
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		wrong.Field = strings.TrimSuffix(fmt.Sprintf("%d.%s", index, wrong.Field), ".")
		return wrong // as it is: the decoder of the whole adds the list's place
	}
	return err
}

var errNotUTF8 = errors.New("must be UTF-8")

// unfit is the refusal of a body that [json.Unmarshal] did not take.
func unfit(err error, into any) error {
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return Refuse(client.CodeInvalidRequest, "%.200s is a JSON %.100s; must be %s", asSent(wrong.Field, into), wrong.Value, nameOf(wrong.Type))
	}
	return Refuse(client.CodeInvalidJSON, "the body: %v", err)
}

// asSent returns a field's name without that of an embedded struct, which no client sends.
func asSent(field string, into any) string {
	if t := reflect.TypeOf(into).Elem(); t.Kind() == reflect.Struct {
		for embedded := range t.Fields() {
			if rest, within := strings.CutPrefix(field, embedded.Name+"."); within && embedded.Anonymous {
				return rest
			}
		}
	}
	return field
}

func nameOf(t reflect.Type) string {
	if t == reflect.TypeFor[few]() {
		return "a shorter one"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Pointer:
		return nameOf(t.Elem())
	}
	return "a number"
}
