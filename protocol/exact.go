package protocol

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/hotcell/hotcell/internal/jsonscan"
)

// checkNames reads the next value and returns an error for a member that encoding/json
// accepts but another reader may interpret differently: one that t does not have, whose
// name differs from a field's in case, or a duplicate.
func checkNames(reader *jsonscan.Reader, t reflect.Type) (err error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if kind := t.Kind(); kind != reflect.Struct && kind != reflect.Map {
		reader.Skip()
		return nil
	}
	seen := make(map[string]bool)
	reader.Object(func(member jsonscan.Name) {
		if err != nil {
			return
		}
		name := member.String()
		if seen[name] {
			err = fmt.Errorf("member %.100q appears twice", name)
			return
		}
		seen[name] = true
		var of reflect.Type
		if t.Kind() == reflect.Map {
			of = t.Elem()
		} else if of = fieldType(t, name); of == nil {
			err = fmt.Errorf("unknown member %.100q", name)
			return
		}
		err = checkNames(reader, of)
	})
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
