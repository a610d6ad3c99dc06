package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hotcell/hotcell/internal/testkit"
)

// The examples work as they stand, but for the address.
func TestTheExamplesWork(t *testing.T) {
	examples := filepath.Join(testkit.Checkout(), "examples")
	s, whole := startServing(t), t // whose state directory goes at the end of all
	t.Run("curl.sh", func(t *testing.T) {
		if _, err := exec.LookPath("curl"); err != nil {
			t.Skip("no curl")
		}
		cmd := exec.Command(filepath.Join(examples, "curl.sh"))
		cmd.Env = append(os.Environ(), "HOTCELL_URL="+s.URL)
		status, stdout, stderr := testkit.Outcome(t, cmd)
		for _, want := range []string{`"result":42`, `"path":"out.csv"`, "event: stdout\n", `"text/plain":"21"`} {
			if status != 0 || !strings.Contains(stdout, want) {
				t.Errorf("%d: no %s in\n%s\n%s", status, want, stdout, stderr)
			}
		}
	})
	files, err := filepath.Glob(filepath.Join(examples, "mcp", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			type command struct {
				Command string
				Args    []string
			}
			var given struct{ MCPServers, Servers map[string]command }
			if err := json.Unmarshal(text, &given); err != nil {
				t.Fatal(err)
			}
			assistant, ok := given.MCPServers["hotcell"]
			if !ok {
				assistant, ok = given.Servers["hotcell"]
			}
			if !ok || assistant.Command != "hotcell" || len(assistant.Args) != 2 || assistant.Args[1] != "http://127.0.0.1:8080" {
				t.Fatalf("%+v", given)
			}
			client := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil)
			session, err := client.Connect(t.Context(), &sdk.CommandTransport{Command: hotcell(whole, assistant.Args[0], s.URL)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer session.Close()
			result, err := session.CallTool(t.Context(), &sdk.CallToolParams{Name: "run_python", Arguments: map[string]any{"code": "6 * 7"}})
			if err != nil {
				t.Fatalf("%v %+v", err, result)
			}
			if text := result.Content[0].(*sdk.TextContent).Text; result.IsError || !strings.Contains(text, "result:\n42\n") {
				t.Error(text)
			}
		})
	}
	s.stop()
}
