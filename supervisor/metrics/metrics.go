package metrics

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hotcell/hotcell/jobs"
	"github.com/hotcell/hotcell/pool"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/cells"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/sessions"
	"github.com/hotcell/hotcell/webhooks"
)

// Metrics counts and times events. Its fields are named after the metrics of [Table].
type Metrics struct {
	cfg         config.Config
	registry    *prometheus.Registry
	openMetrics bool // whether OpenMetrics is offered, which has exemplars

	executeRequests, cellsLost, sessionsEnded, fileBytes, poolResizes, zygoteReplacements, zygoteStartFailures, memoryRefusals, keyRequests, batchRuns, jobsEnded, jobRedeliveries, webhookAttempts *prometheus.CounterVec

	httpRequest, queue, claim, cellStart, run *prometheus.HistogramVec
}

// New returns the metrics of a service. It calls state on each scrape.
func New(cfg config.Config, state func() State) *Metrics {
	m := &Metrics{cfg: cfg, registry: prometheus.NewRegistry(), openMetrics: cfg.Tracing}
	m.registry.MustRegister(newStateCollector(state), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.executeRequests = m.counter("hotcell_execute_requests_total")
	m.httpRequest = m.histogram("hotcell_http_request_duration_seconds")
	m.queue = m.histogram("hotcell_queue_duration_seconds")
	m.claim = m.histogram("hotcell_claim_duration_seconds")
	m.cellStart = m.histogram("hotcell_cell_start_duration_seconds")
	m.run = m.histogram("hotcell_run_duration_seconds")
	m.cellsLost = m.counter("hotcell_cells_lost_total")
	m.sessionsEnded = m.counter("hotcell_sessions_ended_total")
	m.fileBytes = m.counter("hotcell_session_file_bytes_total")
	m.poolResizes = m.counter("hotcell_pool_resizes_total")
	m.zygoteReplacements = m.counter("hotcell_zygote_replacements_total")
	m.zygoteStartFailures = m.counter("hotcell_zygote_start_failures_total")
	m.memoryRefusals = m.counter("hotcell_memory_refusals_total")
	m.keyRequests = m.counter("hotcell_key_requests_total")
	m.batchRuns = m.counter("hotcell_batch_runs_total")
	m.jobsEnded = m.counter("hotcell_jobs_total")
	m.jobRedeliveries = m.counter("hotcell_job_redeliveries_total")
	m.webhookAttempts = m.counter("hotcell_webhook_attempts_total")

	// Counters with known labels start at 0: rate() cannot see the increase of a
	// series that starts at 1.
	for _, status := range append(api.Statuses(), abandoned) {
		m.executeRequests.WithLabelValues(string(status), "")
	}
	for _, code := range api.Codes() {
		m.executeRequests.WithLabelValues(refused, string(code))
	}
	for _, outcome := range []string{served, refused, abandoned} {
		m.queue.WithLabelValues(outcome)
	}
	m.FileMoved("in", 0)
	m.FileMoved("out", 0)
	for _, why := range sessions.Ends {
		m.sessionsEnded.WithLabelValues(string(why))
	}
	for _, verdict := range api.Verdicts {
		m.batchRuns.WithLabelValues(string(verdict))
	}
	for _, status := range []jobs.Status{jobs.Done, jobs.Cancelled} {
		m.jobsEnded.WithLabelValues(string(status))
	}
	m.jobRedeliveries.WithLabelValues()
	for _, outcome := range []webhooks.Outcome{webhooks.Delivered, webhooks.Retried, webhooks.Gone, webhooks.GivenUp} {
		m.webhookAttempts.WithLabelValues(string(outcome))
	}
	m.memoryRefusals.WithLabelValues()
	for _, profile := range cfg.AllProfiles() {
		m.cellsLost.WithLabelValues(profile.Name)
		m.zygoteStartFailures.WithLabelValues(profile.Name)
		for _, why := range pool.Reasons() {
			m.poolResizes.WithLabelValues(profile.Name, string(why))
		}
		for _, why := range cells.ZygoteEnds {
			m.zygoteReplacements.WithLabelValues(profile.Name, string(why))
		}
	}
	return m
}

// row returns the row with that name, which must exist.
func row(name string) Metric {
	return Table[slices.IndexFunc(Table, func(m Metric) bool { return m.Name == name })]
}

func (m *Metrics) counter(name string) *prometheus.CounterVec {
	row := row(name)
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: row.Help}, row.Labels)
	m.registry.MustRegister(counter)
	return counter
}

func (m *Metrics) histogram(name string) *prometheus.HistogramVec {
	row := row(name)
	histogram := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: row.Help,
		Buckets:                         buckets(row.first, row.longest(m.cfg)),
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  160,
		NativeHistogramMinResetDuration: time.Hour,
	}, row.Labels)
	m.registry.MustRegister(histogram)
	return histogram
}

// buckets returns the classic buckets of a histogram, for servers that do not read
// native ones. Each is three times the one before, from first to longest.
func buckets(first, longest time.Duration) []float64 {
	var bounds []float64
	for bound := first; bound < longest; bound *= 3 {
		bounds = append(bounds, bound.Seconds())
	}
	return append(bounds, longest.Seconds())
}

// Handler serves GET /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: m.openMetrics})
}

// Values of labels. More may be added, none is renamed.
const (
	served    = "served"
	refused   = "refused"
	abandoned = "abandoned" // by the client
)

// Request is a finished request.
type Request struct {
	Route    string
	Status   int           // of the answer
	Took     time.Duration // from its headers to the end of its answer
	Verdict  string        // how its script ended; empty: no script ran
	Refusal  string        // the code of its problem; empty: it was not refused
	Served   bool          // whether it got a cell
	Queued   time.Duration // until it got a cell
	Waited   time.Duration // in vain, without getting a cell; 0: not at all
	Exemplar prometheus.Labels
}

// Request counts a finished request.
func (m *Metrics) Request(r Request) {
	observe(m.httpRequest.WithLabelValues(r.Route, strconv.Itoa(r.Status)), r.Took, r.Exemplar)
	if !strings.HasSuffix(r.Route, "/execute") {
		return
	}
	switch {
	case r.Served:
		observe(m.queue.WithLabelValues(served), r.Queued, r.Exemplar)
	case r.Waited > 0 && r.Refusal != "":
		observe(m.queue.WithLabelValues(refused), r.Waited, r.Exemplar)
	case r.Waited > 0:
		observe(m.queue.WithLabelValues(abandoned), r.Waited, r.Exemplar)
	}
	switch {
	case r.Refusal != "":
		m.executeRequests.WithLabelValues(refused, r.Refusal).Inc()
	case r.Verdict != "":
		m.executeRequests.WithLabelValues(r.Verdict, "").Inc()
	default:
		m.executeRequests.WithLabelValues(abandoned, "").Inc()
	}
}

// observe records a duration, with its exemplar if it has one.
func observe(histogram prometheus.Observer, took time.Duration, exemplar prometheus.Labels) {
	if exemplar != nil {
		histogram.(prometheus.ExemplarObserver).ObserveWithExemplar(took.Seconds(), exemplar)
		return
	}
	histogram.Observe(took.Seconds())
}

// Claimed records how long a request waited for a cell.
func (m *Metrics) Claimed(profile string, took time.Duration, exemplar prometheus.Labels) {
	observe(m.claim.WithLabelValues(profile), took, exemplar)
}

// Ran records how long a script ran.
func (m *Metrics) Ran(profile string, status protocol.Status, wall time.Duration, exemplar prometheus.Labels) {
	observe(m.run.WithLabelValues(profile, string(status)), wall, exemplar)
}

// BatchRan counts a run of a batch.
func (m *Metrics) BatchRan(verdict api.Verdict) { m.batchRuns.WithLabelValues(string(verdict)).Inc() }

// JobEnded counts a job that was run, or cancelled before.
func (m *Metrics) JobEnded(status jobs.Status) { m.jobsEnded.WithLabelValues(string(status)).Inc() }

// JobRedelivered counts a job that somebody began before, and died.
func (m *Metrics) JobRedelivered() { m.jobRedeliveries.WithLabelValues().Inc() }

// WebhookTried counts an attempt to deliver a webhook.
func (m *Metrics) WebhookTried(outcome webhooks.Outcome) {
	m.webhookAttempts.WithLabelValues(string(outcome)).Inc()
}

// CellLost counts a cell that died before its script began.
func (m *Metrics) CellLost(profile string) { m.cellsLost.WithLabelValues(profile).Inc() }

// MemoryRefused counts a request that was refused because of its memory.
func (m *Metrics) MemoryRefused() { m.memoryRefusals.WithLabelValues().Inc() }

// FileMoved counts bytes of a session's file, "in" or "out".
func (m *Metrics) FileMoved(direction string, bytes int64) {
	m.fileBytes.WithLabelValues(direction).Add(float64(bytes))
}

// SessionEnded counts an ended session.
func (m *Metrics) SessionEnded(why sessions.End) { m.sessionsEnded.WithLabelValues(string(why)).Inc() }

// CellMade implements [cells.Events].
func (m *Metrics) CellMade(profile string, steps map[string]time.Duration) {
	for step, took := range steps {
		m.cellStart.WithLabelValues(profile, step).Observe(took.Seconds())
	}
}

// PoolResized implements [cells.Events].
func (m *Metrics) PoolResized(profile string, why pool.Reason) {
	m.poolResizes.WithLabelValues(profile, string(why)).Inc()
}

// ZygoteReplaced implements [cells.Events].
func (m *Metrics) ZygoteReplaced(profile string, why cells.ZygoteEnd) {
	m.zygoteReplacements.WithLabelValues(profile, string(why)).Inc()
}

// ZygoteStartFailed implements [cells.Events].
func (m *Metrics) ZygoteStartFailed(profile string) {
	m.zygoteStartFailures.WithLabelValues(profile).Inc()
}

// KeyRequest counts a finished request of a key. Without a key it does nothing.
func (m *Metrics) KeyRequest(ring *keys.Ring, key *keys.Key, status int) {
	if key == nil {
		return
	}
	m.keyRequests.WithLabelValues(key.Name, strconv.Itoa(status)).Inc()
	// The key and its series may have been removed during the request, which must not
	// bring them back.
	if !ring.Has(key.Name) {
		m.ForgetKey(key.Name)
	}
}

// ForgetKey removes the series of a key that was removed.
func (m *Metrics) ForgetKey(name string) {
	m.keyRequests.DeletePartialMatch(prometheus.Labels{"key": name})
}
