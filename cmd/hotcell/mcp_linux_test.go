package main

import (
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// An assistant works with the one line of configuration.
func TestAnAssistantRunsPythonOverStdio(t *testing.T) {
	s := startServing(t)
	client := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &sdk.CommandTransport{Command: hotcell(t, "mcp", s.URL)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	result, err := session.CallTool(t.Context(), &sdk.CallToolParams{Name: "run_python", Arguments: map[string]any{"code": "6 * 7"}})
	if err != nil || result.IsError || !strings.Contains(result.Content[0].(*sdk.TextContent).Text, "result:\n42\n") {
		t.Errorf("%v %+v", err, result)
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	s.stop()
}
