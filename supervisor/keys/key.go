package keys

import (
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
	Sessions Right = "sessions" // keep a cell for more than one
	Admin    Right = "admin"    // read metrics and profiles, list and end anybody's sessions
)

// Rights are all there are.
var Rights = []Right{Execute, Sessions, Admin}

// Key is one entry of the keys file: who may use the service, and how much of
// it. It never changes; a new file makes new ones. A nil Key is what requests
// have where no keys are configured: it may do everything.
type Key struct {
	Name string

	hashes                 []keyHash // more than one while a key is being replaced
	rights                 []Right
	share                  int           // turns that it has where another has one
	maxRunning, maxWaiting int           // of the service's
	maxSessions            int           // of the service's
	maxTerminals           int           // of the service's
	maxBodies, maxAnswers  int64         // bytes, of the service's
	profiles               []string      // by name; nil: all
	max                    nsjail.Limits // 0: the profile's maximum

	limiter *rate.Limiter // never nil; outlives a change of the file
}

// Owner is the name that things of this key bear, sessions for one: empty where
// there are no keys.
func (k *Key) Owner() string {
	if k == nil {
		return ""
	}
	return k.Name
}

// May reports whether the key has a right.
func (k *Key) May(right Right) bool { return k == nil || slices.Contains(k.rights, right) }

// hash is all that is stored of a key.
//
// Plain SHA-256 is right here, and a slow password hash would not be: those make
// up for secrets that can be guessed. A key is 256 random bits, of which no
// number of guesses finds one, and it is hashed for every request.
type keyHash [sha256.Size]byte

// Prefix is how each key begins. It lets people and secret scanners see what they have found.
const Prefix = "hotcell_"

// newKey makes a key and its hash in hexadecimal.
func newKey() (key, hash string) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails: it ends the program
	key = Prefix + base64.RawURLEncoding.EncodeToString(random)
	sum := sha256.Sum256([]byte(key))
	return key, hex.EncodeToString(sum[:])
}

// Wall is the longest time that a terminal of the key may take.
func (k *Key) Wall(most time.Duration) time.Duration {
	if k == nil || k.max.Wall == 0 {
		return most
	}
	return min(most, k.max.Wall)
}

// Narrow gives of the service's profiles those that the key may use, with the
// key's maxima. Defaults are clipped to those, since nobody has asked for them.
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

// TakeTurn counts a request against the key's rate. Where the rate is used up it
// counts nothing, and says how long to wait.
func (k *Key) TakeTurn(now time.Time) (wait time.Duration) {
	reservation := k.limiter.ReserveN(now, 1)
	wait = reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

// Rate is how many requests a second the key may send.
func (k *Key) Rate() float64 { return float64(k.limiter.Limit()) }
