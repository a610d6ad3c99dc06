package keys

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"testing"
)

// A wrong key costs the same whether there is one key or a thousand.
func BenchmarkAWrongKey(b *testing.B) {
	for _, n := range []int{1, maxKeys} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			keys := make([]*Key, n)
			for i := range keys {
				_, hash := newKey()
				sum, err := hex.DecodeString(hash)
				if err != nil {
					b.Fatal(err)
				}
				keys[i] = &Key{hashes: []keyHash{keyHash(sum)}}
			}
			known, _ := credentialsOf(keys, nil)
			for b.Loop() {
				if known.find("hotcell_wrong") != nil {
					b.Fatal("found")
				}
			}
		})
	}
}

func TestARequestHasTheKeyThatItsHeaderNames(t *testing.T) {
	known := &Credential{Key: &Key{Name: "a"}, Life: t.Context()}
	ring := new(Ring)
	ring.current.Store(&keySet{credentials: credentials{sha256.Sum256([]byte("secret")): known}})
	for header, want := range map[string]*Key{"Bearer secret": known.Key, "Bearer other": nil, "": nil} {
		if key, life := ring.Of(http.Header{"Authorization": {header}}); key != want || (life == nil) != (want == nil) {
			t.Errorf("%q: %+v", header, key)
		}
	}
	if key, life := (*Ring)(nil).Of(http.Header{"Authorization": {"Bearer secret"}}); key != nil || life != nil {
		t.Errorf("without keys: %+v", key)
	}
}
