package keys

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/config"
)

// Right is something that a key may do.
type Right string

// The rights.
const (
	Execute  Right = "execute"  // run scripts
	Sessions Right = "sessions" // keep cells for several calls
	Admin    Right = "admin"    // read metrics and profiles, list and end all sessions
)

// Rights lists all of them.
var Rights = []Right{Execute, Sessions, Admin}

// Key is an entry of the keys file: it says who may use the service, and how much
// of it. It never changes; a changed file makes new keys. If there is no keys file,
// requests have a nil Key, which may do everything.
type Key struct {
	Name string

	hashes   []keyHash // more than one while a key is being replaced
	rights   []Right
	party    Party
	profiles []string      // by name; nil: all
	max      nsjail.Limits // 0: the profile's maximum
	limiter  *rate.Limiter // never nil; outlives a change of the file
}

// Owner returns the name under which things such as sessions belong to the key;
// empty if there are no keys.
func (k *Key) Owner() string {
	if k == nil {
		return ""
	}
	return k.Name
}

// May reports whether the key has a right.
func (k *Key) May(right Right) bool { return k == nil || slices.Contains(k.rights, right) }

// keyHash is all that is stored of a key.
//
// Plain SHA-256 is right here, and a slow password hash is not: slow hashes protect
// secrets that can be guessed. A key has 256 random bits, which nobody can guess,
// and it is hashed for every request.
type keyHash [sha256.Size]byte

// Prefix begins each key, so that people and secret scanners recognize one.
const Prefix = "hotcell_"

// newKey returns a new key and its hash in hexadecimal.
func newKey() (key, hash string) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails: it would end the program
	key = Prefix + base64.RawURLEncoding.EncodeToString(random)
	sum := sha256.Sum256([]byte(key))
	return key, hex.EncodeToString(sum[:])
}

// Wall returns the longest time that a terminal of the key may take.
func (k *Key) Wall(most time.Duration) time.Duration {
	if k == nil || k.max.Wall == 0 {
		return most
	}
	return min(most, k.max.Wall)
}

// Narrow returns those of the service's profiles that the key may use, with the
// key's maxima. It lowers defaults to the maxima, since nobody has asked for them.
func (k *Key) Narrow(profiles []config.Profile) []config.Profile {
	if k == nil {
		return profiles
	}
	var own []config.Profile
	for _, profile := range profiles {
		if k.profiles != nil && !slices.Contains(k.profiles, profile.Name) {
			continue
		}
		for _, limit := range config.Limits {
			most := limit.Amount(&k.max)
			for _, of := range []*nsjail.Limits{&profile.Max, &profile.Default} {
				if most > 0 && most < limit.Amount(of) {
					limit.Set(of, most)
				}
			}
		}
		own = append(own, profile)
	}
	return own
}

// TakeTurn counts a request against the key's rate. If the rate is used up, it does
// not count the request, and returns how long to wait.
func (k *Key) TakeTurn(now time.Time) (wait time.Duration) {
	reservation := k.limiter.ReserveN(now, 1)
	wait = reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

// WaitForTurn counts a request against the key's rate, and waits until that allows it. The
// error is the cause of ctx.
func (k *Key) WaitForTurn(ctx context.Context) error {
	for k != nil {
		pause := k.TakeTurn(time.Now())
		if pause == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
	return nil
}

// Rate returns how many requests per second the key may send.
func (k *Key) Rate() float64 { return float64(k.limiter.Limit()) }
