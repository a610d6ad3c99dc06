package baseline

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A front lives as long as its standard input, which the measurement has open: it ends with
// that, however that ends.
func TestAFrontServesUntilItsInputEnds(t *testing.T) {
	in, keep := io.Pipe()
	told, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- ServeFront(NewPython, "", "/usr", in, out) }()
	if _, err := io.WriteString(keep, "{}\n"); err != nil {
		t.Fatal(err)
	}
	url, err := bufio.NewReader(told).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url = strings.TrimSpace(url) + "/run_code"
	answer, err := http.Post(url, "application/json", strings.NewReader(`{"code":"print(input() * 2)","stdin":"ab","run_timeout":10}`))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || !strings.Contains(string(text), `"stdout":"abab\n"`) {
		t.Errorf("%s %v", text, err)
	}
	if err := keep.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if again, err := http.Post(url, "application/json", strings.NewReader("{}")); err == nil {
		again.Body.Close()
		t.Error("it still serves")
	}
}

func TestAnUnknownBaselineIsRefused(t *testing.T) {
	if err := ServeFront("spoon", "", "/usr", strings.NewReader("{}\n"), io.Discard); err == nil || !strings.Contains(err.Error(), `"spoon"`) {
		t.Errorf("%v", err)
	}
}
