package compat_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/compat/faked"
)

type body struct {
	Text  string `json:"text"`
	Whole int    `json:"whole"`
	Items compat.List[struct {
		Name *string `json:"name"`
		On   bool    `json:"on"`
	}] `json:"items"`
	Texts compat.List[string] `json:"texts"`
	embedded
}

type embedded struct {
	Inner struct {
		On bool `json:"on"`
	} `json:"inner,omitzero"`
}

// read reads a body as an API does.
func read(t *testing.T, text string) (got body, err error) {
	t.Helper()
	api := compat.API{Routes: []compat.Route{{Method: "POST", Path: "/", Serve: func(_ http.ResponseWriter, _ *http.Request, c *compat.Caller) error {
		err = c.JSON(&got)
		return nil
	}}}}
	faked.Serve(api, &faked.Hotcell{}).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader(text)))
	return got, err
}

func TestABodyThatDoesNotFitIsRefusedWithThePlace(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                         "the body must be a JSON object",
		``:                           "the body must be a JSON object",
		`{"text"`:                    "the body: unexpected end of JSON input",
		`{"text": "` + "\xff" + `"}`: "the body: must be UTF-8",
		`{"text": 1}`:                "text is a JSON number; must be a string",
		`{"whole": "1"}`:             "whole is a JSON string; must be a number",
		`{"whole": {}}`:              "whole is a JSON object; must be a number",
		`{"whole": ` + strings.Repeat("1", 1000) + `}`: "whole is a JSON number " + strings.Repeat("1", 93) + "; must be a number",
		`{"items": {}}`:                 "items is a JSON object; must be an array",
		`{"items": [{}, 1]}`:            "items.1 is a JSON number; must be an object",
		`{"items": [{"name": [1, 2]}]}`: "items.0.name is a JSON array; must be a string",
		`{"items": [{"on": 1}]}`:        "items.0.on is a JSON number; must be true or false",
		`{"inner": []}`:                 "inner is a JSON array; must be an object",
		`{"inner": {"on": 1}}`:          "inner.on is a JSON number; must be true or false",
		`{"texts": ["", null, 2]}`:      "texts.2 is a JSON number; must be a string",
		`{"texts": [` + strings.Repeat(`"",`, compat.MostItems) + `""]}`: "texts is a JSON array of more than 1000 entries; must be a shorter one",
	} {
		_, err := read(t, text)
		var refused *client.Problem
		if !errors.As(err, &refused) || refused.Detail != want || refused.Status != 400 {
			t.Errorf("%.60s was refused with %v", text, err)
		}
	}
}

func TestAListIsAnArray(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                             `{"text":"","whole":0,"items":null,"texts":null}`,
		`{"items": null, "texts": []}`:   `{"text":"","whole":0,"items":null,"texts":[]}`,
		`{"items": [{"name": "a"}, {}]}`: `{"text":"","whole":0,"items":[{"name":"a","on":false},{"name":null,"on":false}],"texts":null}`,
	} {
		got, err := read(t, text)
		if again, _ := json.Marshal(got); err != nil || string(again) != want {
			t.Errorf("%s was read as %s: %v", text, again, err)
		}
	}
}
