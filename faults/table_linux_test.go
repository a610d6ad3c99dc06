package faults_test

import (
	"fmt"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// row is the outcome of one fault.
type row struct {
	name string
	tally
	ready time.Duration
}

var (
	rowsMu sync.Mutex
	rows   []row
)

func addRow(r row) {
	rowsMu.Lock()
	defer rowsMu.Unlock()
	rows = append(rows, r)
}

func table() string {
	rowsMu.Lock()
	defer rowsMu.Unlock()
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "fault\trequests\tanswered\tkilled\trefused\tcut off\tlost\twrong\tready after\t")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d ms\t\n", r.name, r.requests, r.answered, r.killed, r.refused, r.cut, r.lost, r.wrong, r.ready.Milliseconds())
	}
	_ = w.Flush()
	return text.String()
}
