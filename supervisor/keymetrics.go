package supervisor

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hotcell/hotcell/supervisor/keys"
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

// keyCollector reads the state of keys.
type keyCollector struct {
	ring *keys.Ring
	line *line.Line
}

// Describe implements [prometheus.Collector].
func (c keyCollector) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{descKeys, descKeysGood, descKeyRunning, descKeyWaiting} {
		out <- desc
	}
}

// Collect implements [prometheus.Collector].
func (c keyCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value int, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value), labels...)
	}
	all, good := c.ring.Keys(), 1
	if c.ring.Broken() {
		good = 0
	}
	gauge(descKeys, len(all))
	gauge(descKeysGood, good)
	for _, key := range all {
		counts := c.line.CountOf(key.Name)
		gauge(descKeyRunning, counts.Running, key.Name)
		gauge(descKeyWaiting, counts.Waiting, key.Name)
	}
}

// observeKey counts a request of a key that is over.
func (m *metrics) observeKey(ring *keys.Ring, key *keys.Key, status int) {
	if key == nil {
		return
	}
	m.keyRequests.WithLabelValues(key.Name, strconv.Itoa(status)).Inc()
	// The key may be gone since the request came, and its series with it: this
	// one must not bring them back.
	if !ring.Has(key.Name) {
		m.forgetKey(key.Name)
	}
}

// forgetKey removes what was counted of a key that is gone.
func (m *metrics) forgetKey(name string) {
	m.keyRequests.DeletePartialMatch(prometheus.Labels{"key": name})
}
