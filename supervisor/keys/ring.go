package keys

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
)

// ErrFile is wrapped when the keys file cannot be used.
var ErrFile = errors.New("cannot use the keys file")

// lookEvery is how often the ring looks for changes of the file. It compares the
// text, and not the time: that may stay the same, and a mounted file may be replaced
// below its name.
const lookEvery = time.Second

// Ring holds the keys of the file, and follows its changes. A request uses the keys
// that are in use when it arrives.
type Ring struct {
	cfg     config.Config
	memory  budget.Budget
	log     *slog.Logger
	current atomic.Pointer[keySet]
	broken  atomic.Bool // the file cannot be used; previous keys are in use

	forget func(name string) // is called when a key is gone

	mu     sync.Mutex // held while the file is read
	looked string     // what the last look found
	taken  string     // what was found when the file was last loaded, whether or not it could be used
}

// keySet is the result of parsing the file once.
type keySet struct {
	keys        []*Key
	credentials credentials
}

// Open reads the file for the first time, which must succeed. It returns nil if no
// file is configured. The ring calls forget with the name of each key that is gone.
func Open(cfg config.Config, memory budget.Budget, log *slog.Logger, forget func(name string)) (*Ring, error) {
	if cfg.Keys == "" {
		return nil, nil
	}
	k := &Ring{cfg: cfg, memory: memory, log: log, forget: forget}
	k.current.Store(new(keySet))
	if err := k.load(true); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	return k, nil
}

// Keys returns the keys in use.
func (k *Ring) Keys() []*Key {
	if k == nil {
		return nil
	}
	return k.current.Load().keys
}

// Has reports whether a key of that name is in use.
func (k *Ring) Has(name string) bool { return k.Named(name) != nil }

// Named returns the key of that name, or nil.
func (k *Ring) Named(name string) *Key {
	all := k.Keys()
	if i := slices.IndexFunc(all, func(key *Key) bool { return key.Name == name }); i >= 0 {
		return all[i]
	}
	return nil
}

// Broken reports whether the file cannot be used, so that previous keys are in use.
func (k *Ring) Broken() bool { return k.broken.Load() }

// Of returns the key that a request has, and its life; nil: none that is known.
func (k *Ring) Of(header http.Header) (*Key, context.Context) {
	secret, ok := Bearer(header)
	if k == nil || !ok {
		return nil, nil
	}
	if found := k.Find(secret); found != nil {
		return found.Key, found.Life
	}
	return nil, nil
}

// Find returns the credential of a presented secret, or nil.
func (k *Ring) Find(secret string) *Credential { return k.current.Load().credentials.find(secret) }

// load loads the file's keys: now, or else only if the file has changed and two
// looks in a row found the same, since somebody may still be writing it. After an
// error, the previous keys stay in use.
func (k *Ring) load(now bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	text, err := readFile(k.cfg.Keys)
	found := string(text)
	if err != nil {
		found = "error: " + err.Error()
	}
	settled := found == k.looked && found != k.taken
	k.looked = found
	if !now && !settled {
		return nil
	}
	k.taken = found
	var keys []*Key
	if err == nil {
		keys, err = parse(k.cfg.Keys, text, k.cfg, k.memory, k.Keys())
	}
	k.broken.Store(err != nil)
	if err != nil {
		return err
	}
	before := k.current.Load()
	all, ended := credentialsOf(keys, before.credentials)
	k.current.Store(&keySet{keys, all})
	for _, credential := range ended { // after the change, so that nothing new begins with them
		credential.revoke()
	}
	for _, key := range before.keys {
		if !k.Has(key.Name) {
			k.forget(key.Name)
		}
	}
	k.log.Info("keys are in use", "file", k.cfg.Keys, "keys", len(keys), "revoked_secrets", len(ended))
	return nil
}

// Reload reads the file at once, and reports whether its keys are in use now. If it
// cannot be used, the log says why, and the previous keys stay in use.
func (k *Ring) Reload() bool { return k.reload(true) }

// reload is load that logs errors.
func (k *Ring) reload(now bool) bool {
	err := k.load(now)
	if err != nil {
		k.log.Error("cannot use the keys file; the previous keys stay in use", "error", err)
	}
	return err == nil
}

// Follow follows changes of the file until ctx ends.
func (k *Ring) Follow(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			k.reload(false)
		}
	}
}
