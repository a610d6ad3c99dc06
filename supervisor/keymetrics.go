package supervisor

import (
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hotcell/hotcell/supervisor/line"
)

// Metrics of keys have the key's name as a label: there are as many as the keys
// file has, and those of a key that it has no more go.
var (
	descKeys       = describe("hotcell_keys", "Keys that are in use.")
	descKeysGood   = describe("hotcell_keys_last_reload_success", "1 where the keys in use are those of the keys file, 0 where the file as it is now cannot be used.")
	descKeyRunning = describe("hotcell_key_running", "Requests of a key that have a place.", "key")
	descKeyWaiting = describe("hotcell_key_waiting", "Requests of a key that wait in line for a place.", "key")
)

func newKeyRequests() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hotcell_key_requests_total",
		Help: "Requests of a key, by the HTTP status of their answer.",
	}, []string{"key", "code"})
}

// keyCollector reads the state of keys.
type keyCollector struct {
	keyring *keyring
	line    *line.Line
}

// Describe implements [prometheus.Collector].
func (c keyCollector) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{descKeys, descKeysGood, descKeyRunning, descKeyWaiting} {
		out <- desc
	}
	c.keyring.requests.Describe(out)
}

// Collect implements [prometheus.Collector].
func (c keyCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value int, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value), labels...)
	}
	keys, good := c.keyring.keys(), 1
	if c.keyring.broken.Load() {
		good = 0
	}
	gauge(descKeys, len(keys))
	gauge(descKeysGood, good)
	for _, key := range keys {
		counts := c.line.CountOf(key.Name)
		gauge(descKeyRunning, counts.Running, key.Name)
		gauge(descKeyWaiting, counts.Waiting, key.Name)
	}
	c.keyring.requests.Collect(out)
}

// observe counts a request that is over.
func (k *keyring) observe(key *Key, status int) {
	if key == nil {
		return
	}
	k.requests.WithLabelValues(key.Name, strconv.Itoa(status)).Inc()
	// The key may be gone since the request came, and its series with it: this
	// one must not bring them back.
	if !named(k.keys(), key.Name) {
		k.requests.DeletePartialMatch(prometheus.Labels{"key": key.Name})
	}
}

func named(keys []*Key, name string) bool {
	return slices.ContainsFunc(keys, func(k *Key) bool { return k.Name == name })
}

// forget removes what was counted of keys that are gone.
func (k *keyring) forget(before, after []*Key) {
	for _, key := range before {
		if !named(after, key.Name) {
			k.requests.DeletePartialMatch(prometheus.Labels{"key": key.Name})
		}
	}
}
