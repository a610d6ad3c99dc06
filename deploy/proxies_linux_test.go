package deploy

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// with replaces words in one of the examples, each of which must be there.
func with(t *testing.T, example string, words ...string) string {
	t.Helper()
	text := read(t, "../examples/"+example)
	for i := 0; i < len(words); i += 2 {
		if !strings.Contains(text, words[i]) {
			t.Errorf("%s does not have %s", example, words[i])
		}
	}
	return strings.NewReplacer(words...).Replace(text)
}

// The examples for proxies work but for the addresses: the commands of curl.sh, a stream
// whose events come at once and that ends with its client, and a terminal; nginx with TLS.
func TestTheProxiesOfTheExamplesPassStreamsAndTerminals(t *testing.T) {
	testkit.NeedsJails(t)
	program := filepath.Join(programs(t), "hotcell")
	dir, err := testkit.OpenDir("", "hotcell-proxies-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	keys, cert := filepath.Join(dir, "keys.yaml"), filepath.Join(dir, "fullchain.pem")
	said := run(t, nil, "/bin/sh", "-c", `"$0" key new tester --rights execute,sessions,admin 2>&1 >"$1"`, program, keys)
	_, key, _ := strings.Cut(strings.TrimSpace(said), "once: ")
	run(t, nil, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=hotcell.example.org",
		"-addext", "subjectAltName=DNS:hotcell.example.org,IP:127.0.0.1", "-keyout", filepath.Join(dir, "key.pem"), "-out", cert)

	serve := exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--keys", keys, "--hosts", "hotcell.example.org", "--pool-size", "2", "--preload", "") // #nosec G204 -- of make build
	serve.Env = withoutPlaces(append(testkit.Places(t), "HOTCELL_STATE_DIR="+filepath.Join(dir, "state"))...)
	upstream := strings.TrimPrefix(testkit.Serve(t, serve).URL, "http://")

	nginx, caddy := testkit.FreeAddress(t), testkit.FreeAddress(t)
	config := filepath.Join(dir, "nginx.conf")
	text := "daemon off; user root; worker_processes 1; error_log stderr; pid pid;\nevents {}\nhttp {\naccess_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		text += kind + "_temp_path " + kind + ";\n"
	}
	text += with(t, "proxy/nginx.conf", "127.0.0.1:8080", upstream, "listen 443 ", "listen "+nginx+" ", "/etc/ssl/hotcell/", dir+"/") + "}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	launch(t, nil, tool(t, "nginx"), "-p", dir, "-c", config, "-e", "stderr")
	caddyfile := filepath.Join(dir, "Caddyfile")
	if err := os.WriteFile(caddyfile, []byte("{\n\tadmin off\n}\n"+with(t, "proxy/Caddyfile")), 0o600); err != nil {
		t.Fatal(err)
	}
	launch(t, []string{"HOME=" + dir, "HOTCELL_NAME=http://" + caddy, "HOTCELL_UPSTREAM=" + upstream}, tool(t, "caddy"), "run", "--config", caddyfile)

	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM([]byte(read(t, cert)))
	client := &http.Client{Timeout: testkit.Patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}}}
	defer client.CloseIdleConnections()
	for name, url := range map[string]string{"nginx": "https://" + nginx, "caddy": "http://" + caddy} {
		t.Run(name, func(t *testing.T) {
			eventually(t, "the proxy answers", func() error {
				response, err := client.Get(url + "/readyz")
				if err == nil {
					err = response.Body.Close()
				}
				return err
			})
			env := []string{"HOTCELL_URL=" + url, "HOTCELL_KEY=" + key, "CURL_CA_BUNDLE=" + cert, "SSL_CERT_FILE=" + cert}
			out := run(t, env, "examples/curl.sh")
			for _, want := range []string{`"result":42`, `"path":"out.csv"`, "event: stdout\n", `"text/plain":"21"`} {
				if !strings.Contains(out, want) {
					t.Errorf("no %s in\n%s", want, out)
				}
			}
			if out := run(t, env, "/bin/sh", "-c", `echo '6 * 7' | "$0" tty "$1"`, program, url); !strings.Contains(out, "42") {
				t.Errorf("the terminal says %q", out)
			}
			// What a script has printed comes while it runs.
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			body := strings.NewReader(`{"script": "import time\ndef main():\n    print('early', flush=True)\n    while True: time.sleep(1)", "limits": {"wall_ms": 60000}}`)
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/execute", body)
			if err != nil {
				t.Fatal(err)
			}
			request.Header = http.Header{"Accept": {"text/event-stream"}, "Content-Type": {"application/json"}, "Authorization": {"Bearer " + key}}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			for lines := bufio.NewScanner(response.Body); !strings.Contains(lines.Text(), "early"); {
				if !lines.Scan() || strings.HasPrefix(lines.Text(), "event: result") {
					t.Fatalf("%v: no output before the end", lines.Err())
				}
			}
			// It ends when its client leaves.
			leave()
			eventually(t, "no script runs", func() error {
				if out := run(t, env, "/bin/sh", "-c", `curl -sSf -H "Authorization: Bearer $HOTCELL_KEY" "$HOTCELL_URL/metrics"`); !strings.Contains(out, "\nhotcell_running 0\n") {
					return errors.New("it runs")
				}
				return nil
			})
		})
	}
}
