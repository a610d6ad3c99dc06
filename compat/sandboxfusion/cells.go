package sandboxfusion

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// A notebook is the body of POST /run_jupyter.
type notebook struct {
	Cells        compat.List[string] `json:"cells"`
	CellTimeout  float64             `json:"cell_timeout"` // seconds; 0: as long as there is
	TotalTimeout float64             `json:"total_timeout"`
	Kernel       string              `json:"kernel"`
	resources
}

// cellResult is what came of a cell.
type cellResult struct {
	Stdout  string                       `json:"stdout"`
	Stderr  string                       `json:"stderr"`
	Display []map[string]json.RawMessage `json:"display"`
	Error   []cellError                  `json:"error"`
}

type cellError struct {
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

// notebookAnswer is that to POST /run_jupyter.
type notebookAnswer struct {
	Status  string            `json:"status"`
	Message string            `json:"message"`
	Driver  command           `json:"driver"`
	Cells   []cellResult      `json:"cells"`
	Pod     *string           `json:"executor_pod_name"`
	Files   map[string]string `json:"files"`
}

// runJupyter serves POST /run_jupyter: a session that lives as long as the request.
func runJupyter(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	given := notebook{TotalTimeout: 45}
	if err := c.JSON(&given); err != nil {
		return err
	}
	if given.Kernel != "" && given.Kernel != "python3" {
		return compat.Refuse(client.CodeInvalidRequest, "kernel %.100q: there is python3", given.Kernel)
	}
	files, err := given.given()
	if err != nil {
		return err
	}
	limits := given.limits(c, given.TotalTimeout)
	c.Patience = patience(given.TotalTimeout, 0)
	session, _, err := c.Client().NewSession(r.Context(), client.SessionRequest{
		Mode: "cell", Files: files, Limits: &client.Limits{MemoryBytes: limits.MemoryBytes}, TTLS: int(c.Limits().SessionTTL.Seconds()),
	})
	if err != nil {
		return err
	}
	defer func() { _ = session.End(context.WithoutCancel(r.Context())) }()
	told := notebookAnswer{Status: success, Driver: command{Status: finished, ReturnCode: new(0)}, Cells: []cellResult{}, Files: map[string]string{}}
	began := time.Now()
	for _, cell := range given.Cells {
		left := given.TotalTimeout - time.Since(began).Seconds() // any number, so no Duration
		if left <= 0 {
			told.over()
			break
		}
		limits := given.limits(c, left)
		if given.CellTimeout > 0 {
			limits.WallMS = int64(max(1, min(float64(limits.WallMS), given.CellTimeout*1000)))
		}
		ran, err := session.Execute(r.Context(), client.Request{Script: cell, Limits: &limits})
		if err != nil {
			return err
		}
		told.Cells = append(told.Cells, asCell(ran))
		if ran.Status == client.StatusTimeout {
			told.over()
			break
		}
		if ran.Status != client.StatusOK && ran.Status != client.StatusException { // its names are lost, or it asked to end
			told.Status, told.Driver = failed, asCommand(ran)
			break
		}
	}
	told.Driver.ExecutionTime = time.Since(began).Seconds()
	if err := given.fetch(r.Context(), session, c, &told); err != nil {
		return err
	}
	return write(w, http.StatusOK, told)
}

func (n *notebookAnswer) over() {
	n.Status, n.Driver.Status, n.Driver.ReturnCode = failed, outOfTime, nil
}

func asCell(a *client.Answer) cellResult {
	told := cellResult{Stdout: a.Stdout, Stderr: a.Stderr, Display: []map[string]json.RawMessage{}, Error: []cellError{}}
	for _, output := range a.Outputs {
		told.Display = append(told.Display, output.Data)
	}
	if e := a.Error; e != nil {
		told.Error = append(told.Error, cellError{Name: e.Type, Value: e.Message, Traceback: strings.Split(strings.TrimSuffix(e.Traceback, "\n"), "\n")})
	}
	return told
}

// fetch brings the files that were asked for. Those that are not there are left out.
func (n notebook) fetch(ctx context.Context, session *client.Session, c *compat.Caller, into *notebookAnswer) error {
	left := c.Limits().Max.FilesBytes
	for _, name := range n.FetchFiles {
		within, err := inside(name)
		if err != nil {
			return err
		}
		file, err := session.ReadFile(ctx, within)
		var problem *client.Problem
		if errors.As(err, &problem) {
			continue
		}
		if err != nil {
			return err
		}
		content, err := read(file, &left, c.Hold)
		_ = file.Close()
		if err != nil {
			return err
		}
		into.Files[name] = base64.StdEncoding.EncodeToString(content)
	}
	return nil
}

// copies is how often a file is held: as it is, in base64, and in the answer.
const copies = 4

// read reads a file of at most left bytes, less each time.
func read(file io.Reader, left *int64, hold func(int64) error) ([]byte, error) {
	var content []byte
	piece := make([]byte, 64<<10)
	for {
		n, err := file.Read(piece)
		if *left -= int64(n); *left < 0 {
			return nil, compat.Refuse(client.CodeTooLarge, "fetch_files: the files are too large together")
		}
		if refused := hold(copies * int64(n)); refused != nil {
			return nil, refused
		}
		content = append(content, piece[:n]...)
		if errors.Is(err, io.EOF) {
			return content, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
