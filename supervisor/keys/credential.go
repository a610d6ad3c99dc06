package keys

import (
	"context"
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"
)

// Credential is one secret of a key: what a request was authenticated with.
type Credential struct {
	Key *Key
	// Life ends when the secret is revoked, or one of its key's rights or profiles:
	// everything that was opened with it must end then. A change of the keys file
	// that takes nothing away does not end it.
	Life   context.Context
	revoke context.CancelFunc
}

// credentials are all known secrets, by their hashes.
type credentials map[keyHash]*Credential

// find returns the credential of a presented secret, or nil.
//
// The time of a lookup does not help to guess a secret. It depends on the SHA-256
// of the presented secret, whose bits nobody can choose without trying as many
// inputs, and on the map's own hash, which has a random seed. Nothing compares
// secrets byte by byte.
func (c credentials) find(secret string) *Credential { return c[sha256.Sum256([]byte(secret))] }

// credentialsOf returns a credential for each hash of the keys. Those of before that
// remain valid keep their life; ended are the others.
func credentialsOf(keys []*Key, before credentials) (all credentials, ended []*Credential) {
	all = make(credentials)
	for _, key := range keys {
		for _, hash := range key.hashes {
			if old := before[hash]; old != nil && key.includes(old.Key) {
				all[hash] = &Credential{key, old.Life, old.revoke}
				continue
			}
			fresh := &Credential{Key: key}
			fresh.Life, fresh.revoke = context.WithCancel(context.Background())
			all[hash] = fresh
		}
	}
	for hash, old := range before {
		if now := all[hash]; now == nil || now.Life != old.Life {
			ended = append(ended, old)
		}
	}
	return all, ended
}

// includes reports whether k is the same key as old, and may do all that old may.
func (k *Key) includes(old *Key) bool {
	if k.Name != old.Name {
		return false
	}
	for _, right := range old.rights {
		if !slices.Contains(k.rights, right) {
			return false
		}
	}
	if k.profiles == nil {
		return true
	}
	if old.profiles == nil {
		return false // it had all; profiles do not change while the service runs
	}
	for _, profile := range old.profiles {
		if !slices.Contains(k.profiles, profile) {
			return false
		}
	}
	return true
}

// Subprotocol begins the name of a WebSocket's subprotocol that carries a secret. Browsers
// let pages name subprotocols, and no header.
const Subprotocol = "hotcell.key."

// Bearer returns the secret in the Authorization header, of which there must be one, or,
// for a WebSocket without that header, in a [Subprotocol].
func Bearer(header http.Header) (secret string, ok bool) {
	given := header.Values("Authorization")
	if len(given) == 0 && strings.EqualFold(header.Get("Upgrade"), "websocket") {
		for _, name := range strings.Split(header.Get("Sec-Websocket-Protocol"), ",") {
			if secret, ok = strings.CutPrefix(strings.TrimSpace(name), Subprotocol); ok {
				return secret, secret != ""
			}
		}
	}
	if len(given) != 1 {
		return "", false
	}
	scheme, secret, _ := strings.Cut(given[0], " ")
	secret = strings.TrimSpace(secret)
	return secret, strings.EqualFold(scheme, "Bearer") && secret != ""
}
