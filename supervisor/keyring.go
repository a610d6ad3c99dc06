package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
)

// ErrKeysFile is wrapped when the keys file cannot be used.
var ErrKeysFile = errors.New("the keys file cannot be used")

// keysLook is how often the keys file is looked at. Its text is compared, and
// not its time: that may stay the same, and a mounted file may be replaced
// below its name.
const keysLook = time.Second

// keyring holds the keys of the file, and follows its changes. A request uses
// the keys that there are when it comes.
type keyring struct {
	cfg     config.Config
	memory  budget.Budget
	log     *slog.Logger
	current atomic.Pointer[keySet]
	broken  atomic.Bool // the file as it is now is not what is in use

	requests *prometheus.CounterVec // by key, code

	mu     sync.Mutex // held while the file is read
	looked string     // what was found when it was looked at last
	taken  string     // what was found when keys were last taken from it, be it good or bad
}

// keySet is what one text of the file comes to.
type keySet struct {
	keys        []*Key
	credentials credentials
}

// openKeyring reads the file for the first time, which must succeed. Without a
// file there is no keyring: nil.
func openKeyring(cfg config.Config, memory budget.Budget, log *slog.Logger) (*keyring, error) {
	if cfg.Keys == "" {
		return nil, nil
	}
	k := &keyring{cfg: cfg, memory: memory, log: log, requests: newKeyRequests()}
	k.current.Store(new(keySet))
	if err := k.load(true); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeysFile, err)
	}
	return k, nil
}

// keys are those in use.
func (k *keyring) keys() []*Key {
	if k == nil {
		return nil
	}
	return k.current.Load().keys
}

// find is the credential of a presented secret, or nil.
func (k *keyring) find(secret string) *credential { return k.current.Load().credentials.find(secret) }

// load takes the file's keys: now, or where it has changed and is the same for
// the second time, since it may be being written. After an error the keys are
// the same as before.
func (k *keyring) load(now bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	text, err := readKeysFile(k.cfg.Keys)
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
		keys, err = parseKeys(k.cfg.Keys, text, k.cfg, k.memory, k.keys())
	}
	k.broken.Store(err != nil)
	if err != nil {
		return err
	}
	before := k.current.Load()
	all, ended := credentialsOf(keys, before.credentials)
	k.current.Store(&keySet{keys, all})
	for _, credential := range ended { // after they are known no more, so that nothing new begins with them
		credential.revoke()
	}
	k.forget(before.keys, keys)
	k.log.Info("keys are in use", "file", k.cfg.Keys, "keys", len(keys), "revoked_secrets", len(ended))
	return nil
}

// reload is load that logs what is wrong.
func (k *keyring) reload(now bool) {
	if err := k.load(now); err != nil {
		k.log.Error("the keys file cannot be used; the keys of before stay in use", "error", err)
	}
}

// follow looks at the file until ctx ends.
func (k *keyring) follow(ctx context.Context) {
	ticker := time.NewTicker(keysLook)
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
