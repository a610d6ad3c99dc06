package supervisor

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics of keys have the key's name as a label: there are as many as the keys
// file has, and those of a key that it has no more go.
var (
	descKeys       = describe("hotcell_keys", "Keys that are in use.")
	descKeysGood   = describe("hotcell_keys_last_reload_success", "1 where the keys in use are those of the keys file, 0 where the file as it is now cannot be used.")
	descKeyRunning = describe("hotcell_key_running", "Requests of a key that have a place.", "key")
	descKeyWaiting = describe("hotcell_key_waiting", "Requests of a key that wait in line for a place.", "key")
)

var keyDescs = []*prometheus.Desc{descKeys, descKeysGood, descKeyRunning, descKeyWaiting}

func newKeyRequests() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hotcell_key_requests_total",
		Help: "Requests of a key, by the HTTP status of their answer.",
	}, []string{"key", "code"})
}

// collectKeys reads the state of keys, where there are any.
func (s *Service) collectKeys(gauge func(desc *prometheus.Desc, value int, labels ...string)) {
	if s.keyring == nil {
		return
	}
	keys := s.keyring.keys()
	gauge(descKeys, len(keys))
	good := 1
	if s.keyring.broken.Load() {
		good = 0
	}
	gauge(descKeysGood, good)
	for _, key := range keys {
		running, waiting := s.admission.countOf(key)
		gauge(descKeyRunning, running, key.Name)
		gauge(descKeyWaiting, waiting, key.Name)
	}
}

// forgetKeys removes what was counted of keys that are gone.
func (m *metrics) forgetKeys(before, after []*Key) {
	for _, key := range before {
		if !slices.ContainsFunc(after, func(k *Key) bool { return k.Name == key.Name }) {
			m.keyRequests.DeletePartialMatch(prometheus.Labels{"key": key.Name})
		}
	}
}
