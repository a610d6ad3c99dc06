package protocol

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// checkNames returns an error for a member that encoding/json accepts but another
// reader may interpret differently: one whose name differs from a field's in case,
// or a duplicate. The caller has checked that the next value of decoder fits t.
func checkNames(decoder *json.Decoder, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if kind := t.Kind(); kind != reflect.Struct && kind != reflect.Map {
		var skipped json.RawMessage
		return decoder.Decode(&skipped)
	}
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return err // null
	}
	seen := make(map[string]bool)
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if seen[name] {
			return fmt.Errorf("member %.100q appears twice", name)
		}
		seen[name] = true
		member := t
		if t.Kind() == reflect.Map {
			member = t.Elem()
		} else if member = fieldType(t, name); member == nil {
			return fmt.Errorf("unknown member %.100q", name)
		}
		if err := checkNames(decoder, member); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

// fieldType returns the type of the field whose JSON name is exactly name, or nil.
func fieldType(t reflect.Type, name string) reflect.Type {
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name && tag != "-" {
			return t.Field(i).Type
		}
	}
	return nil
}
