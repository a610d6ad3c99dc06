package main

import (
	"os"
	"strings"
	"testing"
)

func TestThePageForOperatorsHasEveryCommand(t *testing.T) {
	const page = "../../docs/operating.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	commands := rootCommand().Commands()
	if len(commands) == 0 {
		t.Error("hotcell has no commands")
	}
	for _, command := range commands {
		if !strings.Contains(string(text), "\n| `hotcell "+command.Name()) {
			t.Errorf("%s does not have a row for hotcell %s", page, command.Name())
		}
	}
}
