package supervisor_test

import (
	"encoding/base64"
	"testing"

	"github.com/hotcell/hotcell/client"
)

func TestFilesGoInAndWhatIsCollectedComesBack(t *testing.T) {
	a := theService(t).execute(`import pandas as pd, os
def main():
    frame = pd.read_csv("in/data.csv")
    os.makedirs("out")
    frame.describe().to_csv("out/summary.csv")
    open("out/raw", "wb").write(open("raw", "rb").read() * 2)
    return int(frame["n"].sum())
`, fields{
		"files":   []fields{{"path": "in/data.csv", "content": "n\n1\n2\n"}, {"path": "raw", "content": "AP8=", "encoding": "base64"}},
		"collect": []string{"out/**"},
	})
	if a.Status != "ok" || string(a.Result) != "3" || len(a.Files) != 2 {
		t.Fatalf("%s", a.body)
	}
	if got, want := a.Files[0], (client.Collected{Path: "out/raw", Size: 4, Content: base64.StdEncoding.EncodeToString([]byte("\x00\xff\x00\xff")), Encoding: "base64"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := a.Files[1]; got.Path != "out/summary.csv" || got.Encoding != "utf-8" || got.Size != int64(len(got.Content)) || got.Content[:2] != ",n" {
		t.Errorf("%+v", got)
	}
}

func TestTooManyBytesToCollectAreAVerdict(t *testing.T) {
	a := theService(t).execute("def main(): open('a', 'w').write('x' * 101)", fields{"collect": []string{"*"}, "limits": fields{"files_bytes": 100}})
	if a.Status != "output_limit" || a.Limit == nil || *a.Limit != "files" || len(a.Files) != 0 || a.Error == nil {
		t.Errorf("%s", a.body)
	}
}
