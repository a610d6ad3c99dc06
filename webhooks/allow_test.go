package webhooks_test

import (
	"strings"
	"testing"

	"github.com/hotcell/hotcell/webhooks"
)

// anySecret finds the same secret for every name.
type anySecret struct{ texts []string }

const (
	oneSecret     = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	anotherSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

func (s anySecret) Find(_, name string) (string, webhooks.Secret, error) {
	secret, err := webhooks.ParseSecret(s.texts...)
	return name, secret, err
}

func senderTo(t *testing.T, items ...string) *webhooks.Sender {
	t.Helper()
	allow, err := webhooks.ParseAllow(items)
	if err != nil {
		t.Fatal(err)
	}
	return &webhooks.Sender{Allow: allow, Secrets: anySecret{[]string{oneSecret}}, Timeout: webhooks.Timeout}
}

func TestOnlyWhatTheSettingNamesIsAllowed(t *testing.T) {
	cases := []struct{ items, allowed, refused string }{
		{"", "", "https://hooks.example.com/ https://8.8.8.8/"},
		{"hooks.example.com", "https://hooks.example.com/a?b=c http://hooks.example.com https://HOOKS.example.com./ https://hooks.example.com:80",
			"https://hooks.example.com:8443 https://example.com https://a.hooks.example.com https://xhooks.example.com https://8.8.8.8"},
		{"Hooks.Example.com:8443", "https://hooks.example.com:8443", "https://hooks.example.com https://hooks.example.com:8444"},
		{"hooks.example.com:*", "https://hooks.example.com:8443 http://hooks.example.com:1", "https://example.com:8443"},
		{"*.example.com", "https://a.example.com https://a.b.example.com", "https://example.com https://aexample.com https://a.example.com.evil.test"},
		{"8.8.8.8", "https://8.8.8.8 https://[::ffff:8.8.8.8]/", "https://8.8.8.9 https://8.8.8.8:8443"},
		{"8.0.0.0/8:8443", "https://8.8.8.8:8443", "https://8.8.8.8 https://9.8.8.8:8443"},
		{"2a00::1", "https://[2a00::1]/", "https://[2a00::2]/ https://[2a00::1]:8443"},
		{"[2a00::/16]:8443", "https://[2a00::1]:8443/", "https://[2a00::1]/ https://[2a01::1]:8443/"},
		{"0.0.0.0/0:*,[::/0]:*", "https://8.8.8.8 https://[2a00::1]:8443 https://hooks.example.com", // a name's addresses are looked at when they are known
			"http://127.0.0.1 http://127.9.9.9:80 http://0.0.0.0 http://10.1.2.3 http://172.16.0.1 http://192.168.1.1 http://169.254.169.254/ http://100.100.100.200 http://192.0.0.192 " +
				"http://168.63.129.16 http://198.18.0.1 http://224.0.0.1 http://255.255.255.255 http://[::1] http://[::] http://[fe80::1] http://[fd00:ec2::254] " +
				"http://[::ffff:127.0.0.1] http://[::ffff:10.1.2.3] http://[::127.0.0.1] http://[64:ff9b::7f00:1] http://[2002:7f00:1::] http://[2001::1] http://[ff02::1]"},
		{"128.0.0.0/1", "http://129.1.1.1", "http://192.168.1.1 http://169.254.169.254"},
		{"127.0.0.1:9000,10.0.0.0/8,[fd00::/8]:*", "http://127.0.0.1:9000 http://[::ffff:127.0.0.1]:9000 https://10.9.9.9 http://[fd00::1]:5",
			"http://127.0.0.1 http://127.0.0.2:9000 http://11.1.1.1 http://[fe80::1] http://[::1]:9000"},
	}
	for _, c := range cases {
		t.Run(c.items, func(t *testing.T) {
			sender := senderTo(t, strings.FieldsFunc(c.items, func(r rune) bool { return r == ',' })...)
			for url := range strings.FieldsSeq(c.allowed) {
				if _, err := sender.Check("", url, "ci"); err != nil {
					t.Errorf("%s: %v", url, err)
				}
			}
			for url := range strings.FieldsSeq(c.refused) {
				if _, err := sender.Check("", url, "ci"); err == nil || !strings.Contains(err.Error(), "url: ") || !strings.Contains(err.Error(), "webhook_allow") {
					t.Errorf("%s: %v", url, err)
				}
			}
		})
	}
}

func TestABadItemIsRefusedWithWhatIsAllowed(t *testing.T) {
	for item, want := range map[string]string{
		"":                        "must be one of",
		"*":                       "0.0.0.0/0",
		"https://example.com":     "scheme",
		"example.com/hooks":       "not a range",
		"localhost":               "127.0.0.1:8000",
		"a.localhost:80":          "127.0.0.1:8000",
		"a.*.com":                 "must be one of",
		"exa mple.com":            "must be one of",
		"bücher.example":          "must be one of",
		"-a.com":                  "must be one of",
		"127.1":                   "must be one of",
		"0x7f000001":              "must be one of",
		"2130706433":              "must be one of",
		"10.0.0.0/33":             "not a range",
		"10.1.2.3/8":              "10.0.0.0/8 is the range",
		"::ffff:127.0.0.1":        "127.0.0.1",
		"fe80::1%eth0":            "zone",
		"example.com:":            "from 1 to 65535",
		"example.com:0":           "from 1 to 65535",
		"example.com:65536":       "from 1 to 65535",
		"[::1]8443":               "must be a port",
		"[127.0.0.1]:80":          "IPv6",
		"[::1":                    "IPv6",
		strings.Repeat("a.", 127): "must be one of",
	} {
		_, err := webhooks.ParseAllow([]string{"example.com", item, "10.0.0.0/8"})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", item, err)
		}
	}
	if _, err := webhooks.ParseAllow([]string{"localhost", "*"}); err == nil || !strings.Contains(err.Error(), `"localhost": `) || !strings.Contains(err.Error(), `"*": `) {
		t.Errorf("not everything that is wrong: %v", err)
	}
}

func TestABadURLIsRefusedAndItsPathIsNotRepeated(t *testing.T) {
	sender := senderTo(t, "example.com:*", "0.0.0.0/0:*", "127.0.0.1:*")
	for url, want := range map[string]string{
		"":                                     "begin with https",
		"/confidential":                        "begin with https",
		"ftp://example.com/confidential":       "begin with https",
		"https:///confidential":                "begin with https",
		"https:example.com":                    "begin with https",
		"https://a:b@example.com":              "user name",
		"https://example.com/#x":               "fragment",
		"https://example.com:0/":               "from 1 to 65535",
		"https://example.com:99999/":           "from 1 to 65535",
		"https://example.com:x/":               "must be a URL",
		"https://exa mple.com/":                "must be a URL",
		"https://example.com/\r\nA: b":         "must be a URL",
		"https://bücher.example/":              "in ASCII",
		"https://127.1/":                       "in ASCII",
		"https://2130706433/":                  "in ASCII",
		"https://0x7f.0.0.1/":                  "in ASCII",
		"https://0177.0.0.1/":                  "in ASCII",
		"https://[fe80::1%25eth0]/":            "zone",
		"https://" + strings.Repeat("a", 3000): "at most 2048",
	} {
		_, err := sender.Check("", url, "ci")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "confidential") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestABadSecretIsRefusedAndNotRepeated(t *testing.T) {
	for _, text := range []string{"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_MfKQ9r8GKYqrTwjUPD8ILA==", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS*", "whsec_" + strings.Repeat("QUJD", 22)} {
		if _, err := webhooks.ParseSecret(oneSecret, text); err == nil || !strings.Contains(err.Error(), "24 to 64") || strings.Contains(err.Error(), "MfKQ9r8") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
