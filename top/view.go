package top

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/hotcell/hotcell/client/metrics"
)

// View has the numbers to show. Nil means that the server did not report the value,
// or that it cannot be computed yet.
type View struct {
	URL       string    `json:"url"`
	At        time.Time `json:"at"`
	Version   string    `json:"version"`
	UptimeS   *float64  `json:"uptime_s"`
	Restarted bool      `json:"restarted"` // since the sample before
	WindowS   *float64  `json:"window_s"`  // the time that rates and quantiles cover: since the sample before, else since the server started

	Running       *float64 `json:"running"`
	RunningLimit  *float64 `json:"running_limit"`
	Waiting       *float64 `json:"waiting"`
	WaitingLimit  *float64 `json:"waiting_limit"`
	BatchRunning  *float64 `json:"batch_running"` // runs of batches, of those that run
	BatchWaiting  *float64 `json:"batch_waiting"` // batches that wait for a place for their next run
	Sessions      *float64 `json:"sessions"`
	SessionsLimit *float64 `json:"sessions_limit"`
	Terminals     *float64 `json:"terminals"`
	TerminalLimit *float64 `json:"terminals_limit"`
	MemoryBytes   *float64 `json:"memory_bytes"` // of the supervisor
	Descriptors   *float64 `json:"descriptors"`

	JobsQueued      *float64 `json:"jobs_queued"` // of the store of jobs, which nodes may share
	JobsClaimed     *float64 `json:"jobs_claimed"`
	OldestJobS      *float64 `json:"jobs_oldest_s"`
	JobsRedelivered *float64 `json:"job_redeliveries"` // ever
	WebhooksPending *float64 `json:"webhooks_pending"`
	WebhooksRetried *float64 `json:"webhook_retries"`   // ever
	WebhooksGivenUp *float64 `json:"webhooks_given_up"` // ever

	Profiles []Profile `json:"profiles"` // by name
	Requests *float64  `json:"requests_per_s"`
	Verdicts []Rate    `json:"verdicts"` // the most frequent first; without refusals
	Refusals []Rate    `json:"refusals"` // the most frequent first
	Latency  []Latency `json:"latency"`
}

// Profile is one profile's pool and zygote.
type Profile struct {
	Name           string   `json:"name"`
	Ready          *float64 `json:"ready"`
	Making         *float64 `json:"making"`
	Claimed        *float64 `json:"claimed"`
	Target         *float64 `json:"target"`
	Hits           *float64 `json:"hits_per_s"`
	Misses         *float64 `json:"misses_per_s"`
	Generation     *float64 `json:"zygote_generation"`
	ZygoteAgeS     *float64 `json:"zygote_age_s"`
	Replaced       *float64 `json:"zygote_replacements"` // ever
	RefillFailures *float64 `json:"refill_failures"`     // ever
	FailingNow     *float64 `json:"refill_consecutive_failures"`
	LayersMissing  []string `json:"layers_missing"`
}

// Rate is how often something happens, and how often it has happened.
type Rate struct {
	Name      string   `json:"name"`
	PerSecond *float64 `json:"per_s"`
	Total     float64  `json:"total"`
}

// Latency is how long one step takes, in seconds.
type Latency struct {
	Step      string   `json:"step"`
	PerSecond *float64 `json:"per_s"`
	P50       *float64 `json:"p50_s"`
	P90       *float64 `json:"p90_s"`
	P99       *float64 `json:"p99_s"`
}

// steps are the steps of a request, in order.
var steps = []struct{ name, metric string }{
	{"queue", "hotcell_queue_duration_seconds"},
	{"claim", "hotcell_claim_duration_seconds"},
	{"run", "hotcell_run_duration_seconds"},
	{"request", "hotcell_http_request_duration_seconds"},
}

// NewView computes a view from two samples; before may be nil.
func NewView(url string, before, now *metrics.Sample) *View {
	v := &View{URL: url, At: now.At, Restarted: before != nil && now.RestartedSince(before),
		Running: now.Value("hotcell_running"), RunningLimit: now.Value("hotcell_running_limit"),
		Waiting: now.Value("hotcell_waiting"), WaitingLimit: now.Value("hotcell_waiting_limit"),
		BatchRunning: now.Value("hotcell_batch_running"), BatchWaiting: now.Value("hotcell_batch_waiting"),
		Sessions: now.Value("hotcell_sessions"), SessionsLimit: now.Value("hotcell_sessions_limit"),
		Terminals: now.Value("hotcell_terminals"), TerminalLimit: now.Value("hotcell_terminals_limit"),
		JobsQueued: now.Value("hotcell_jobs_queued"), JobsClaimed: now.Value("hotcell_jobs_claimed"), OldestJobS: now.Value("hotcell_jobs_oldest_seconds"),
		JobsRedelivered: now.Value("hotcell_job_redeliveries_total"), WebhooksPending: now.Value("hotcell_webhooks_pending"),
		WebhooksRetried: now.Value("hotcell_webhook_attempts_total", "outcome", "retried"),
		WebhooksGivenUp: now.Value("hotcell_webhook_attempts_total", "outcome", "given_up"),
		MemoryBytes:     now.Value("process_resident_memory_bytes"), Descriptors: now.Value("process_open_fds"),
	}
	for build := range now.All("hotcell_build_info") {
		v.Version = build.Labels["version"]
	}
	v.UptimeS = since(now, now.Value(metrics.StartTime))
	v.WindowS = v.UptimeS
	if before != nil && !v.Restarted {
		v.WindowS = positive(now.At.Sub(before.At).Seconds())
	}
	v.countRequests(before, now)
	for _, step := range steps {
		grown := now.Increase(before, step.metric)
		if step.name == "request" { // leaves out probes and terminals
			grown = slices.DeleteFunc(grown, func(one metrics.Series) bool { return !isExecute(one.Labels["route"]) })
		}
		if step.name == "queue" { // the wait for a cell, not waits that ended in a refusal
			grown = slices.DeleteFunc(grown, func(one metrics.Series) bool { return one.Labels["outcome"] != "" && one.Labels["outcome"] != "served" })
		}
		q := metrics.Quantiles(grown, 0.5, 0.9, 0.99)
		latency := Latency{Step: step.name, P50: q[0], P90: q[1], P99: q[2]}
		if len(grown) > 0 {
			latency.PerSecond = v.rate(sum(grown))
		}
		v.Latency = append(v.Latency, latency)
	}
	names := make(map[string]bool)
	for _, metric := range []string{"hotcell_cells", "hotcell_pool_target"} {
		for one := range now.All(metric) {
			names[one.Labels["profile"]] = true
		}
	}
	for name := range names {
		v.Profiles = append(v.Profiles, v.profile(before, now, name))
	}
	slices.SortFunc(v.Profiles, func(a, b Profile) int { return cmp.Compare(a.Name, b.Name) })
	return v
}

func isExecute(route string) bool {
	const word = "/execute"
	return len(route) >= len(word) && route[len(route)-len(word):] == word
}

func (v *View) countRequests(before, now *metrics.Sample) {
	const metric = "hotcell_execute_requests_total"
	verdicts, refusals := make(map[string]*Rate), make(map[string]*Rate)
	grown := now.Increase(before, metric)
	for _, one := range grown {
		into, name := verdicts, one.Labels["status"]
		if name == "refused" {
			into, name = refusals, one.Labels["code"]
		}
		total := now.Value(metric, "status", one.Labels["status"], "code", one.Labels["code"])
		if total == nil || *total <= 0 { // most codes never occur
			continue
		}
		into[name] = &Rate{name, v.rate(one.Value), *total}
	}
	if len(grown) > 0 {
		v.Requests = v.rate(sum(grown))
	}
	v.Verdicts, v.Refusals = ordered(verdicts), ordered(refusals)
}

func ordered(rates map[string]*Rate) []Rate {
	list := make([]Rate, 0, len(rates))
	for _, rate := range rates {
		list = append(list, *rate)
	}
	slices.SortFunc(list, func(a, b Rate) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (v *View) profile(before, now *metrics.Sample, name string) Profile {
	p := Profile{Name: name, LayersMissing: []string{},
		Ready:          now.Value("hotcell_cells", "profile", name, "state", "ready"),
		Making:         now.Value("hotcell_cells", "profile", name, "state", "making"),
		Claimed:        now.Value("hotcell_cells", "profile", name, "state", "claimed"),
		Target:         now.Value("hotcell_pool_target", "profile", name),
		Generation:     now.Value("hotcell_zygote_generation", "profile", name),
		ZygoteAgeS:     now.Value("hotcell_zygote_age_seconds", "profile", name),
		RefillFailures: now.Value("hotcell_refill_failures_total", "profile", name),
		FailingNow:     now.Value("hotcell_refill_consecutive_failures", "profile", name),
	}
	for _, one := range now.Increase(before, "hotcell_claims_total") {
		switch {
		case one.Has("profile", name, "result", "hit"):
			p.Hits = v.rate(one.Value)
		case one.Has("profile", name, "result", "miss"):
			p.Misses = v.rate(one.Value)
		}
	}
	for one := range now.All("hotcell_zygote_replacements_total") {
		if one.Labels["profile"] == name {
			total := one.Value
			if p.Replaced != nil {
				total += *p.Replaced
			}
			p.Replaced = &total
		}
	}
	for one := range now.All("hotcell_isolation_layer_held") {
		if one.Labels["profile"] == name && one.Value == 0 {
			p.LayersMissing = append(p.LayersMissing, one.Labels["layer"])
		}
	}
	slices.Sort(p.LayersMissing)
	return p
}

func (v *View) rate(grown float64) *float64 {
	if v.WindowS == nil {
		return nil
	}
	return positiveOrZero(grown / *v.WindowS)
}

// since returns how long ago a time of the server's clock was.
func since(now *metrics.Sample, moment *float64) *float64 {
	if moment == nil || *moment <= 0 {
		return nil
	}
	return positive(float64(now.At.UnixMilli())/1000 - *moment)
}

// positive returns nil for a duration that is not positive because a clock was set
// back.
func positive(value float64) *float64 {
	if math.IsNaN(value) || math.IsInf(value, 0) || value <= 0 {
		return nil
	}
	return &value
}

func positiveOrZero(value float64) *float64 {
	if math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
		return nil
	}
	return &value
}

func sum(grown []metrics.Series) (total float64) {
	for _, one := range grown {
		total += one.Value
	}
	return total
}
