package keys

import (
	"context"
	"crypto/sha256"
	"slices"
)

// Credential is one secret of a key: what a request was authenticated with.
type Credential struct {
	Key *Key
	// Life ends when the secret is taken away, or one of its key's rights or
	// profiles: whatever was opened with it ends then. It outlives a change of
	// the keys file that takes nothing away.
	Life   context.Context
	revoke context.CancelFunc
}

// credentials are all secrets that are known, by their hashes.
type credentials map[keyHash]*Credential

// find is the credential of a presented secret, or nil.
//
// The time of a lookup says nothing that helps to guess a secret. It depends on
// the SHA-256 of what was presented, of which no bit can be aimed at without
// trying as many inputs, and the map's own hash has a random seed. A hash that is
// found is equal to a stored one as a whole; nothing compares secrets byte by
// byte.
func (c credentials) find(secret string) *Credential { return c[sha256.Sum256([]byte(secret))] }

// credentialsOf has one for each hash of the keys. Those of before that go on keep
// their life; ended are the others.
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
		return false // it had all, and new profiles come with a new start only
	}
	for _, profile := range old.profiles {
		if !slices.Contains(k.profiles, profile) {
			return false
		}
	}
	return true
}
