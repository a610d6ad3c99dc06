package supervisor

import (
	"net/http"
	"net/http/pprof"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hotcell/hotcell/pool"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/cells"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

// metrics are what cannot be read from state: durations, and counts of what is
// over. Everything else is read on scrape, by [Service.Collect].
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec   // by status, code
	duration  *prometheus.HistogramVec // by route, code
	queue     *prometheus.HistogramVec // by outcome
	claim     *prometheus.HistogramVec // by profile
	cellStart *prometheus.HistogramVec // by profile, step
	run       *prometheus.HistogramVec // by profile, status
	lost      *prometheus.CounterVec   // by profile
	sessions  *prometheus.CounterVec   // by reason
	resizes   *prometheus.CounterVec   // by profile, reason
	zygotes   *prometheus.CounterVec   // by profile, reason

	memoryRefusals prometheus.Counter

	keyRequests *prometheus.CounterVec // by key, code

	zygoteFailures *prometheus.CounterVec // by profile

	openMetrics bool // for whoever asks for it: it has exemplars
}

func newMetrics(s *Service) *metrics {
	wall := s.cfg.LongestWall()
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotcell_execute_requests_total",
			Help: `Requests to execute by how their script ended (status), or by why they were refused (status "refused", and code), or "abandoned" by the client.`,
		}, []string{"status", "code"}),
		duration:  histogram("hotcell_http_request_duration_seconds", "Time from a request's head to the end of its answer.", 500*time.Microsecond, s.cfg.MaxWait+wall, "route", "code"),
		queue:     histogram("hotcell_queue_duration_seconds", "Time from a request's arrival until it had a cell: the waiting line, and the claim. By what came of it: served, refused, or abandoned by the client.", 10*time.Microsecond, s.cfg.MaxWait, "outcome"),
		claim:     histogram("hotcell_claim_duration_seconds", "Time that a request with a place waited for a cell.", 10*time.Microsecond, s.cfg.MaxWait, "profile"),
		cellStart: histogram("hotcell_cell_start_duration_seconds", "Time to make a cell, by step.", 100*time.Microsecond, cells.StartDeadline, "profile", "step"),
		run:       histogram("hotcell_run_duration_seconds", "Wall clock time of scripts, by how they ended.", 500*time.Microsecond, wall, "profile", "status"),
		lost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotcell_cells_lost_total",
			Help: "Cells that died between being claimed and the script's begin; the request got another.",
		}, []string{"profile"}),
		sessions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotcell_sessions_ended_total",
			Help: "Sessions that are over, by why: deleted, expired, idle, died, drained, revoked (with their key), or removed (by an administrator).",
		}, []string{"reason"}),
		resizes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotcell_pool_resizes_total",
			Help: "Changes of hotcell_pool_target, by why: demand (claims come so often, or making takes so long), misses (claims had to wait), idle (less was needed for a while).",
		}, []string{"profile", "reason"}),
		zygotes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotcell_zygote_replacements_total",
			Help: "Zygotes that another was started for, by why: died, hung, failing (it made no cells), old (zygote_max_age), or used (zygote_max_cells).",
		}, []string{"profile", "reason"}),
		memoryRefusals: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hotcell_memory_refusals_total",
			Help: "Requests that were refused since others' bodies fill the memory that there is for them.",
		}),
		keyRequests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotcell_key_requests_total",
			Help: "Requests of a key, by the HTTP status of their answer.",
		}, []string{"key", "code"}),
		zygoteFailures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotcell_zygote_start_failures_total",
			Help: "Attempts to replace a zygote that failed, the self-test included.",
		}, []string{"profile"}),
	}
	m.registry.MustRegister(m.requests, m.duration, m.queue, m.claim, m.cellStart, m.run, m.lost, m.sessions, m.resizes, m.zygotes, m.zygoteFailures, m.memoryRefusals, m.keyRequests, s,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, status := range []protocol.Status{protocol.StatusOK, protocol.StatusException, protocol.StatusNotJSON, protocol.StatusOutputLimit,
		protocol.StatusTimeout, protocol.StatusMemoryLimit, protocol.StatusExited, protocol.StatusKilled, "abandoned"} {
		m.requests.WithLabelValues(string(status), "")
	}
	for _, outcome := range []string{queueServed, queueRefused, queueAbandoned} {
		m.queue.WithLabelValues(outcome)
	}
	for _, code := range api.Codes() {
		m.requests.WithLabelValues("refused", string(code))
	}
	for _, why := range sessions.Ends {
		m.sessions.WithLabelValues(string(why))
	}
	return m
}

// beginProfile has a profile's counters there from the beginning, as 0, and
// newMetrics those of the service: a rate does not see what begins with 1.
func (m *metrics) beginProfile(name string) {
	m.lost.WithLabelValues(name)
	m.zygoteFailures.WithLabelValues(name)
	for _, why := range pool.Reasons() {
		m.resizes.WithLabelValues(name, string(why))
	}
	for _, why := range cells.ZygoteEnds {
		m.zygotes.WithLabelValues(name, string(why))
	}
}

// metrics are told of cells.
var _ cells.Events = (*metrics)(nil)

// CellMade implements [cells.Events].
func (m *metrics) CellMade(profile string, steps map[string]time.Duration) {
	for step, took := range steps {
		m.cellStart.WithLabelValues(profile, step).Observe(took.Seconds())
	}
}

// PoolResized implements [cells.Events].
func (m *metrics) PoolResized(profile string, why pool.Reason) {
	m.resizes.WithLabelValues(profile, string(why)).Inc()
}

// ZygoteReplaced implements [cells.Events].
func (m *metrics) ZygoteReplaced(profile string, why cells.ZygoteEnd) {
	m.zygotes.WithLabelValues(profile, string(why)).Inc()
}

// ZygoteStartFailed implements [cells.Events].
func (m *metrics) ZygoteStartFailed(profile string) { m.zygoteFailures.WithLabelValues(profile).Inc() }

func (m *metrics) sessionEnded(why sessions.End) { m.sessions.WithLabelValues(string(why)).Inc() }

// buckets are the classic ones, for those who read no native ones: each the
// triple of the one before, from the first to the longest time that there can be.
func buckets(first, longest time.Duration) []float64 {
	var bounds []float64
	for bound := first; bound < longest; bound *= 3 {
		bounds = append(bounds, bound.Seconds())
	}
	return append(bounds, longest.Seconds())
}

func histogram(name, help string, first, longest time.Duration, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: help,
		Buckets:                         buckets(first, longest),
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  160,
		NativeHistogramMinResetDuration: time.Hour,
	}, labels)
}

// What comes of a wait for a cell. The values are a metric's; they only grow.
const (
	queueServed    = "served"
	queueRefused   = "refused"
	queueAbandoned = "abandoned" // by the client
)

// observe notes one request that is over. p is its refusal, or nil.
func (m *metrics) observe(x *exchange, status int, p *api.Problem, took time.Duration) {
	observeIn(m.duration.WithLabelValues(x.route, strconv.Itoa(status)), took, x.exemplar)
	if !strings.HasSuffix(x.route, "/execute") {
		return
	}
	switch {
	case x.timing != (api.Timing{}):
		observeIn(m.queue.WithLabelValues(queueServed), time.Duration(x.timing.Queue), x.exemplar)
	case x.waited > 0 && p != nil:
		observeIn(m.queue.WithLabelValues(queueRefused), x.waited, x.exemplar)
	case x.waited > 0:
		observeIn(m.queue.WithLabelValues(queueAbandoned), x.waited, x.exemplar)
	}
	switch {
	case p != nil:
		m.requests.WithLabelValues("refused", string(p.Code)).Inc()
	case x.verdict != "":
		m.requests.WithLabelValues(string(x.verdict), "").Inc()
	default:
		m.requests.WithLabelValues("abandoned", "").Inc()
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: m.openMetrics})
}

// adminHandler serves what is not for clients.
func (s *Service) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.handler())
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return s.adminOnly(mux)
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	descBuild      = describe("hotcell_build_info", "Always 1; the labels tell what is running.", "version", "goversion")
	descRunning    = describe("hotcell_running", "Requests that have a place: they run, or wait for a cell.")
	descLingering  = describe("hotcell_lingering", "Requests that are answered and whose cell has not ended yet. After 0.25 s each takes a place again, until it has.")
	descMaxRunning = describe("hotcell_running_limit", "Places there are.")
	descExpected   = describe("hotcell_expected_wait_seconds", "How long whoever comes now would wait for a place, by the rate of the last seconds.")
	descWaiting    = describe("hotcell_waiting", "Requests that wait in line for a place.")
	descMaxWaiting = describe("hotcell_waiting_limit", "Requests that may wait.")
	descHeld       = describe("hotcell_memory_reserved_bytes", "Memory that is set aside for requests: bodies, as they came; answers, as much as the limits of what runs allow and then what they hold.", "kind")
	descMaxHeld    = describe("hotcell_memory_limit_bytes", "Memory that may be set aside, by kind; process: what the service's own memory does not pass.", "kind")
	descSessions   = describe("hotcell_sessions", "Sessions that live.")
	descMaxSession = describe("hotcell_sessions_limit", "Sessions that may live at a time.")
	descTerminals  = describe("hotcell_terminals", "Terminals that are open, or being opened.")
	descMaxTTY     = describe("hotcell_terminals_limit", "Terminals that may be open.")
	descCells      = describe("hotcell_cells", "Cells by what they are doing.", "profile", "state")
	descTarget     = describe("hotcell_pool_target", "Cells that should be ready; between pool_size and pool_max it follows demand.", "profile")
	descClaims     = describe("hotcell_claims_total", "Cells handed out, by whether one was ready.", "profile", "result")
	descAbandoned  = describe("hotcell_claims_abandoned_total", "Requests that gave up waiting for a cell.", "profile")
	descMade       = describe("hotcell_cells_made_total", "Cells made.", "profile")
	descDeaths     = describe("hotcell_cell_deaths_total", "Cells that left the pool, by why: used for a request, died while parked, expired, or surplus.", "profile", "reason")
	descFailures   = describe("hotcell_refill_failures_total", "Attempts to make a cell that failed.", "profile")
	descInARow     = describe("hotcell_refill_consecutive_failures", "Attempts to make a cell that failed since the last one that worked.", "profile")
	descGeneration = describe("hotcell_zygote_generation", "Number of the jail that cells are made from; all profiles are numbered together.", "profile")
	descZygote     = describe("hotcell_zygote_age_seconds", "How long ago that jail was started.", "profile")
	descUnremoved  = describe("hotcell_cells_unremoved", "Cells that have ended and whose cgroups could not be removed yet; hotcell tries again until they are.")
	descConns      = describe("hotcell_connections", "Clients' connections: active with a request, idle without one.", "state")
	descMaxConns   = describe("hotcell_connections_limit", "Connections that clients may have.")
	descAccepted   = describe("hotcell_connections_accepted_total", "Clients' connections that were accepted.")
	descTooMany    = describe("hotcell_connections_refused_total", "Connections that were refused, by why: all (there were max_connections with a request), address (one address had max_connections_per_address).", "reason")
	descEvicted    = describe("hotcell_connections_evicted_total", "Connections without a request that were closed to make room for others.")
	descAcceptErr  = describe("hotcell_accept_errors_total", "Connections that could not be accepted, for want of descriptors, memory or epoll watches, or since the client was gone.")
	descLogLost    = describe("hotcell_log_lines_lost_total", "Lines of the log that standard error did not take: its reader had stopped, or was gone, or the disk was full.")
	descLayer      = describe("hotcell_isolation_layer_held", "1 where the self-test found the layer in force, 0 where it is missing and allowed to be.", "profile", "layer")
)

// Describe implements [prometheus.Collector].
func (s *Service) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		descBuild, descRunning, descLingering, descMaxRunning, descWaiting, descMaxWaiting, descExpected, descHeld, descMaxHeld, descSessions, descMaxSession, descTerminals, descMaxTTY, descCells, descTarget, descClaims,
		descAbandoned, descMade, descDeaths, descFailures, descInARow, descGeneration, descZygote, descLayer, descUnremoved, descLogLost,
		descConns, descMaxConns, descAccepted, descTooMany, descEvicted, descAcceptErr,
	} {
		out <- desc
	}
}

// Collect implements [prometheus.Collector]: it reads the service's state.
func (s *Service) Collect(out chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value int, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value), labels...)
	}
	counter := func(desc *prometheus.Desc, value uint64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value), labels...)
	}
	counts := s.line.Count()
	gauge(descBuild, 1, s.cfg.Version, runtime.Version())
	gauge(descRunning, counts.Running)
	gauge(descLingering, counts.Lingering)
	gauge(descMaxRunning, s.cfg.MaxRunning)
	gauge(descWaiting, counts.Waiting)
	gauge(descMaxWaiting, s.cfg.MaxWaiting)
	out <- prometheus.MustNewConstMetric(descExpected, prometheus.GaugeValue, s.line.Expected().Seconds())
	gauge(descHeld, int(counts.Reserved), "bodies")
	gauge(descHeld, int(counts.Bytes), "answers")
	gauge(descMaxHeld, int(s.memory.Bodies), "bodies")
	gauge(descMaxHeld, int(s.memory.Answers), "answers")
	gauge(descMaxHeld, int(s.memory.Figure), "process")
	gauge(descSessions, s.sessions.Count())
	gauge(descMaxSession, s.cfg.MaxSessions)
	gauge(descTerminals, s.terminals.count())
	gauge(descMaxTTY, s.cfg.TTYMax)
	gauge(descUnremoved, s.host.Unremoved())
	if len(s.listeners) > 0 {
		counts := s.listeners[0].Counts()
		gauge(descConns, counts.Active, "active")
		gauge(descConns, counts.Idle, "idle")
		gauge(descMaxConns, s.connections.Max)
		counter(descAccepted, counts.Accepted)
		counter(descTooMany, counts.RefusedAll, "all")
		counter(descTooMany, counts.RefusedParty, "address")
		counter(descEvicted, counts.Evicted)
		counter(descAcceptErr, counts.AcceptErrors)
	}
	if s.cfg.LogLost != nil {
		counter(descLogLost, s.cfg.LogLost())
	}
	for name, p := range s.profiles {
		stats := p.Stats()
		gauge(descCells, stats.Ready, name, "ready")
		gauge(descCells, stats.Making, name, "making")
		gauge(descCells, stats.Claimed, name, "claimed")
		gauge(descCells, stats.Destroying, name, "destroying")
		gauge(descTarget, stats.Target, name)
		gauge(descInARow, stats.ConsecutiveFailures, name)
		jail := p.Jail()
		gauge(descGeneration, int(jail.Generation), name) // #nosec G115 -- a count
		out <- prometheus.MustNewConstMetric(descZygote, prometheus.GaugeValue, time.Since(jail.Started).Seconds(), name)
		for _, check := range jail.Isolation {
			if check.Optional { // there is nothing to repair
				continue
			}
			held := 0
			if check.Held {
				held = 1
			}
			gauge(descLayer, held, name, check.Layer)
		}
		counter(descClaims, stats.Hits, name, "hit")
		counter(descClaims, stats.Misses, name, "miss")
		counter(descAbandoned, stats.AbandonedClaims, name)
		counter(descMade, stats.Made, name)
		counter(descFailures, stats.MakeFailures, name)
		counter(descDeaths, stats.Hits+stats.Misses, name, "used")
		counter(descDeaths, stats.Died, name, "died")
		counter(descDeaths, stats.Expired, name, "expired")
		counter(descDeaths, stats.Surplus, name, "surplus")
	}
}
