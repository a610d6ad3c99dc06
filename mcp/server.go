package mcp

import (
	"context"
	"net/http"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hotcell/hotcell/client"
)

// Config says which hotcell server the tools use.
type Config struct {
	URL       string            // "http://127.0.0.1:8080"
	Transport http.RoundTripper // nil: the network
	Key       string            // for calls that have no key of their own; may be empty
	Version   string            // of the program
}

const instructions = `Runs Python in a jail: no network, no files but its own, limited time and memory. ` +
	`run_python starts from nothing each time; start_session and run_in_session keep names and files from call to call. ` +
	`Figures are shown by themselves. To get a file back, write it below the working directory and name it in collect. Long texts are cut, large pictures and files are left out, and the answer says so.`

// New makes the server. The error says what is wrong with the URL or the key.
func New(cfg Config) (*sdk.Server, error) {
	hotcell, err := client.New(cfg.URL, client.Options{Key: cfg.Key, HTTP: &http.Client{Transport: cfg.Transport, CheckRedirect: client.NoRedirect}})
	if err != nil {
		return nil, err
	}
	s := &tools{hotcell}
	server := sdk.NewServer(&sdk.Implementation{Name: "hotcell", Title: "hotcell: Python in a jail", Version: cfg.Version},
		&sdk.ServerOptions{Instructions: instructions})
	harmless := false
	isolated := &sdk.ToolAnnotations{OpenWorldHint: &harmless, DestructiveHint: &harmless}
	sdk.AddTool(server, &sdk.Tool{
		Name: "run_python", Annotations: isolated,
		Description: "Run Python code in a fresh jail that is thrown away afterwards, as a cell of a notebook: the value of the last expression and what display() and plt.show() show come back, await works at top level, and a function main is not called by itself.",
	}, s.runPython)
	sdk.AddTool(server, &sdk.Tool{
		Name: "start_session", Annotations: isolated,
		Description: "Start a jail that keeps names and files between calls of run_in_session. It ends with end_session, after ttl_s, when it is idle for too long, and when its code crashes, runs out of memory, or goes on after it was interrupted.",
	}, s.startSession)
	sdk.AddTool(server, &sdk.Tool{
		Name: "run_in_session", Annotations: isolated,
		Description: "Run Python code in a session, with the names and files of earlier calls, as a cell of a notebook: the value of the last expression and what display() and plt.show() show come back, await works at top level, and a function main is not called by itself. Code that takes too long is interrupted, and the session lives on if the code then stops.",
	}, s.runInSession)
	sdk.AddTool(server, &sdk.Tool{
		Name: "end_session", Annotations: isolated,
		Description: "End a session that is no longer needed.",
	}, s.endSession)
	sdk.AddTool(server, &sdk.Tool{
		Name: "list_packages", Annotations: &sdk.ToolAnnotations{ReadOnlyHint: true, OpenWorldHint: &harmless},
		Description: "Return the Python version, the packages and the limits of each profile.",
	}, s.listPackages)
	return server, nil
}

// Stdio serves on stdin and stdout until the client hangs up or ctx ends.
func Stdio(ctx context.Context, server *sdk.Server) error {
	return server.Run(ctx, &sdk.StdioTransport{})
}
