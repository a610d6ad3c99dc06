package keys

import (
	"encoding/hex"
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
