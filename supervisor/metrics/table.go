package metrics

import (
	"runtime"
	"time"

	"github.com/hotcell/hotcell/jobs"
	"github.com/hotcell/hotcell/supervisor/cells"
	"github.com/hotcell/hotcell/supervisor/config"
)

// Kind is the kind of a metric.
type Kind string

// The kinds.
const (
	Counter   Kind = "counter" // only grows, until the service restarts
	Gauge     Kind = "gauge"
	Histogram Kind = "histogram" // of durations in seconds
)

// Metric is one row of the table.
type Metric struct {
	Name   string
	Kind   Kind
	Labels []string
	Help   string

	// read returns the values of a metric of the state. Metrics without it are
	// counted and timed by [Metrics].
	read func(s *State, set setter)

	// The classic buckets of a histogram, from first to longest.
	first   time.Duration
	longest func(config.Config) time.Duration
}

type setter func(value float64, labels ...string)

func longestWait(c config.Config) time.Duration { return c.MaxWait }

// Table lists all metrics of the service. docs/observability.md shows it. CONTRIBUTING.md, "a
// metric", lists what else a new one needs.
var Table = []Metric{
	{Name: "hotcell_execute_requests_total", Kind: Counter, Labels: labels("status", "code"),
		Help: `Requests to execute, by the status of the answer; "refused" with the problem's code; or "abandoned" by the client.`},
	{Name: "hotcell_http_request_duration_seconds", Kind: Histogram, Labels: labels("route", "code"),
		Help:  "Time from a request's head to the end of its answer; for streams and terminals, as long as they are open.",
		first: 500 * time.Microsecond, longest: func(c config.Config) time.Duration { return c.MaxWait + c.LongestWall() }},
	{Name: "hotcell_queue_duration_seconds", Kind: Histogram, Labels: labels("outcome"),
		Help:  "served: time from a request's arrival until it had a cell, which is the waiting line and the claim; refused, abandoned: time until it was refused, or its client disconnected.",
		first: 10 * time.Microsecond, longest: longestWait},
	{Name: "hotcell_claim_duration_seconds", Kind: Histogram, Labels: labels("profile"),
		Help:  "Time that a request with a place waited for a cell.",
		first: 10 * time.Microsecond, longest: longestWait},
	{Name: "hotcell_run_duration_seconds", Kind: Histogram, Labels: labels("profile", "status"),
		Help:  "Wall clock time of scripts, by how they ended.",
		first: 500 * time.Microsecond, longest: config.Config.LongestWall},
	{Name: "hotcell_batch_runs_total", Kind: Counter, Labels: labels("verdict"),
		Help: "Runs of batches that have ended, by their verdict."},
	{Name: "hotcell_batch_running", Kind: Gauge,
		Help: "Runs of batches that have a place; those of hotcell_running that other requests pass.",
		read: func(s *State, set setter) { set(float64(s.Line.RunningBehind)) }},
	{Name: "hotcell_batch_waiting", Kind: Gauge,
		Help: "Batches that wait for a place for their next run; not in hotcell_waiting.",
		read: func(s *State, set setter) { set(float64(s.Line.Behind)) }},
	{Name: "hotcell_jobs_total", Kind: Counter, Labels: labels("status"),
		Help: "Jobs that this node has run to an end, or cancelled because their key is gone."},
	{Name: "hotcell_job_redeliveries_total", Kind: Counter,
		Help: "Jobs that this node has claimed after somebody began them and died."},
	{Name: "hotcell_jobs_queued", Kind: Gauge,
		Help: "Jobs that nobody has claimed. This and the next are of the store, which nodes may share; they are missing before the first job, and while the store does not answer.",
		read: ofJobs(func(c jobs.Counts) float64 { return float64(c.Queued) })},
	{Name: "hotcell_jobs_claimed", Kind: Gauge,
		Help: "Jobs that some node runs, or is about to run.",
		read: ofJobs(func(c jobs.Counts) float64 { return float64(c.Claimed) })},
	{Name: "hotcell_jobs_oldest_seconds", Kind: Gauge,
		Help: "Age of the oldest job that has not ended; 0: there is none.",
		read: ofJobs(func(c jobs.Counts) float64 { return c.Oldest.Seconds() })},
	{Name: "hotcell_jobs_store_bytes", Kind: Gauge,
		Help: "Size of the store of jobs, with their answers.",
		read: ofJobs(func(c jobs.Counts) float64 { return float64(c.Bytes) })},
	{Name: "hotcell_webhook_attempts_total", Kind: Counter, Labels: labels("outcome"),
		Help: "Attempts of this node to deliver a webhook: delivered, retried (it will be tried again), gone (the receiver wants no more) or given_up (after a day)."},
	{Name: "hotcell_webhooks_pending", Kind: Gauge,
		Help: "Webhooks of jobs that ended that have not been delivered; of the store, as hotcell_jobs_queued.",
		read: ofJobs(func(c jobs.Counts) float64 { return float64(c.Untold) })},
	{Name: "hotcell_running", Kind: Gauge,
		Help: "Requests that have a place: they run, or wait for a cell.",
		read: func(s *State, set setter) { set(float64(s.Line.Running)) }},
	{Name: "hotcell_running_limit", Kind: Gauge,
		Help: "Places (max_running).",
		read: func(s *State, set setter) { set(float64(s.Config.MaxRunning)) }},
	{Name: "hotcell_lingering", Kind: Gauge,
		Help: "Requests that are answered but whose cell has not ended; each takes its place again after 0.25 s.",
		read: func(s *State, set setter) { set(float64(s.Line.Lingering)) }},
	{Name: "hotcell_waiting", Kind: Gauge,
		Help: "Requests that wait in line for a place.",
		read: func(s *State, set setter) { set(float64(s.Line.Waiting)) }},
	{Name: "hotcell_waiting_limit", Kind: Gauge,
		Help: "Requests that may wait (max_waiting).",
		read: func(s *State, set setter) { set(float64(s.Config.MaxWaiting)) }},
	{Name: "hotcell_expected_wait_seconds", Kind: Gauge,
		Help: "How long a request that arrives now would wait for a place, estimated from the rate of the last seconds.",
		read: func(s *State, set setter) { set(s.ExpectedWait.Seconds()) }},

	{Name: "hotcell_cells", Kind: Gauge, Labels: labels("profile", "state"),
		Help: "Cells that are ready, making, claimed or destroying.",
		read: profiles(func(p Profile, set setter) {
			set(float64(p.Pool.Ready), "ready")
			set(float64(p.Pool.Making), "making")
			set(float64(p.Pool.Claimed), "claimed")
			set(float64(p.Pool.Destroying), "destroying")
		})},
	{Name: "hotcell_pool_target", Kind: Gauge, Labels: labels("profile"),
		Help: "How many cells should be ready; follows demand between pool_size and pool_max.",
		read: profiles(func(p Profile, set setter) { set(float64(p.Pool.Target)) })},
	{Name: "hotcell_pool_resizes_total", Kind: Counter, Labels: labels("profile", "reason"),
		Help: "Changes of hotcell_pool_target: demand (the rate of claims, and the time that making a cell takes), misses (claims had to wait), idle (less was needed for a while)."},
	{Name: "hotcell_claims_total", Kind: Counter, Labels: labels("profile", "result"),
		Help: "Cells that were claimed. hit: one was ready; miss: the request waited for one; behind: by a run of a batch, which leaves half of the pool to others, and three of four cells if they take all.",
		read: profiles(func(p Profile, set setter) {
			set(float64(p.Pool.Hits), "hit")
			set(float64(p.Pool.Misses), "miss")
			set(float64(p.Pool.BehindServed), "behind")
		})},
	{Name: "hotcell_claims_abandoned_total", Kind: Counter, Labels: labels("profile"),
		Help: "Requests that stopped waiting for a cell.",
		read: profiles(func(p Profile, set setter) { set(float64(p.Pool.AbandonedClaims)) })},
	{Name: "hotcell_cells_made_total", Kind: Counter, Labels: labels("profile"),
		Help: "Cells that were made.",
		read: profiles(func(p Profile, set setter) { set(float64(p.Pool.Made)) })},
	{Name: "hotcell_cell_start_duration_seconds", Kind: Histogram, Labels: labels("profile", "step"),
		Help:  "Time that each step of making a cell takes, in the background.",
		first: 100 * time.Microsecond, longest: func(config.Config) time.Duration { return cells.StartDeadline }},
	{Name: "hotcell_cell_deaths_total", Kind: Counter, Labels: labels("profile", "reason"),
		Help: "Cells that left the pool: used, expired and surplus are normal; died (while parked) is not.",
		read: profiles(func(p Profile, set setter) {
			set(float64(p.Pool.Hits+p.Pool.Misses+p.Pool.BehindServed), "used")
			set(float64(p.Pool.Died), "died")
			set(float64(p.Pool.Expired), "expired")
			set(float64(p.Pool.Surplus), "surplus")
		})},
	{Name: "hotcell_cells_lost_total", Kind: Counter, Labels: labels("profile"),
		Help: "Cells that died after they were claimed and before the script began; the request got another one."},
	{Name: "hotcell_cells_unremoved", Kind: Gauge,
		Help: "Cells that have ended but whose cgroups could not be removed yet. hotcell retries, and reuses their uids only afterwards. Above 0 for minutes: a process hangs in the kernel.",
		read: func(s *State, set setter) { set(float64(s.Unremoved)) }},
	{Name: "hotcell_cgroups_idle", Kind: Gauge,
		Help: "Directories of cgroups that cells have left clean, and that wait for other cells (the shortcut cgroup-reuse): a cell has one in each hierarchy.",
		read: func(s *State, set setter) { set(float64(s.IdleCgroups)) }},
	{Name: "hotcell_refill_failures_total", Kind: Counter, Labels: labels("profile"),
		Help: "Failed attempts to make a cell.",
		read: profiles(func(p Profile, set setter) { set(float64(p.Pool.MakeFailures)) })},
	{Name: "hotcell_refill_consecutive_failures", Kind: Gauge, Labels: labels("profile"),
		Help: "Failed attempts to make a cell since the last success; normally 0.",
		read: profiles(func(p Profile, set setter) { set(float64(p.Pool.ConsecutiveFailures)) })},
	{Name: "hotcell_zygotes", Kind: Gauge, Labels: labels("profile"),
		Help: "Zygotes that make cells now: as many as the setting zygotes says, unless one is being replaced.",
		read: profiles(func(p Profile, set setter) { set(float64(p.Jail.Zygotes)) })},
	{Name: "hotcell_zygote_generation", Kind: Gauge, Labels: labels("profile"),
		Help: "Number of the jail from which cells are made, of several the newest; all profiles count together.",
		read: profiles(func(p Profile, set setter) { set(float64(p.Jail.Generation)) })},
	{Name: "hotcell_zygote_age_seconds", Kind: Gauge, Labels: labels("profile"),
		Help: "Time since the current zygote started, of several the oldest.",
		read: profiles(func(p Profile, set setter) { set(time.Since(p.Jail.Started).Seconds()) })},
	{Name: "hotcell_zygote_replacements_total", Kind: Counter, Labels: labels("profile", "reason"),
		Help: "Zygotes that were replaced: old (zygote_max_age) and used (zygote_max_cells) are planned; died, hung and failing (it made no cells) are not."},
	{Name: "hotcell_zygote_start_failures_total", Kind: Counter, Labels: labels("profile"),
		Help: "Failed attempts to replace a zygote, including failed self-tests."},
	{Name: "hotcell_shortcut_taken", Kind: Gauge, Labels: labels("profile", "shortcut"),
		Help: "1: the shortcut makes cells cheaper; 0: the settings, a library, the kernel or Python prevent it (hotcell doctor says what).",
		read: profiles(func(p Profile, set setter) {
			for _, shortcut := range p.Jail.Shortcuts {
				set(oneIf(shortcut.Why == ""), shortcut.Name)
			}
		})},
	{Name: "hotcell_shortcut_held_bytes", Kind: Gauge, Labels: labels("profile", "shortcut"),
		Help: "Memory that the shortcut holds for the current zygotes and all their cells together: a snapshot, which needs swap to be reclaimed. No series: the shortcut holds none.",
		read: profiles(func(p Profile, set setter) {
			for _, shortcut := range p.Jail.Shortcuts {
				if shortcut.Held > 0 {
					set(float64(shortcut.Held), shortcut.Name)
				}
			}
		})},
	{Name: "hotcell_isolation_layer_held", Kind: Gauge, Labels: labels("profile", "layer"),
		Help: "1: the self-test found the layer in force; 0: it is missing, and allow_missing permits that. No series: the kernel does not have the layer (landlock).",
		read: profiles(func(p Profile, set setter) {
			for _, check := range p.Jail.Isolation {
				if !check.Optional { // otherwise there is nothing to repair
					set(oneIf(check.Held), check.Layer)
				}
			}
		})},

	{Name: "hotcell_sessions", Kind: Gauge,
		Help: "Sessions that live.",
		read: func(s *State, set setter) { set(float64(s.Sessions)) }},
	{Name: "hotcell_sessions_limit", Kind: Gauge,
		Help: "Sessions that may live at a time (max_sessions).",
		read: func(s *State, set setter) { set(float64(s.Config.MaxSessions)) }},
	{Name: "hotcell_sessions_ended_total", Kind: Counter, Labels: labels("reason"),
		Help: "Sessions that ended: deleted, expired, idle, died, drained, revoked (with their key), removed (by an administrator), or taken (their id, by another node)."},
	{Name: "hotcell_session_file_bytes_total", Kind: Counter, Labels: labels("direction"),
		Help: "Bytes of files that clients wrote into sessions (in) and read from them (out), one by one."},
	{Name: "hotcell_terminals", Kind: Gauge,
		Help: "Terminals that are open, or being opened.",
		read: func(s *State, set setter) { set(float64(s.Terminals)) }},
	{Name: "hotcell_terminals_limit", Kind: Gauge,
		Help: "Terminals that may be open (tty_max).",
		read: func(s *State, set setter) { set(float64(s.Config.TTYMax)) }},

	{Name: "hotcell_memory_reserved_bytes", Kind: Gauge, Labels: labels("kind"),
		Help: "Memory that is set aside for requests. bodies: as they arrived; answers: what the limits of a running script allow, then what its answer holds.",
		read: func(s *State, set setter) {
			set(float64(s.Line.Reserved), "bodies")
			set(float64(s.Line.Bytes), "answers")
		}},
	{Name: "hotcell_memory_limit_bytes", Kind: Gauge, Labels: labels("kind"),
		Help: "Memory that may be set aside for bodies and answers; process: the most that hotcell's own process uses.",
		read: func(s *State, set setter) {
			set(float64(s.Memory.Bodies), "bodies")
			set(float64(s.Memory.Answers), "answers")
			set(float64(s.Memory.Figure), "process")
		}},
	{Name: "hotcell_memory_refusals_total", Kind: Counter,
		Help: "Requests that were refused because the bodies of others fill the memory for bodies."},

	{Name: "hotcell_connections", Kind: Gauge, Labels: labels("state"),
		Help: "Client connections: active with a request, idle without one.",
		read: connections(func(c *Connections, set setter) {
			set(float64(c.Active), "active")
			set(float64(c.Idle), "idle")
		})},
	{Name: "hotcell_connections_limit", Kind: Gauge,
		Help: "Connections that clients may have at a time.",
		read: connections(func(c *Connections, set setter) { set(float64(c.Max)) })},
	{Name: "hotcell_connections_accepted_total", Kind: Counter,
		Help: "Client connections that were accepted.",
		read: connections(func(c *Connections, set setter) { set(float64(c.Accepted)) })},
	{Name: "hotcell_connections_refused_total", Kind: Counter, Labels: labels("reason"),
		Help: "Connections that were refused. all: requests held all of max_connections; address: one address had max_connections_per_address.",
		read: connections(func(c *Connections, set setter) {
			set(float64(c.RefusedAll), "all")
			set(float64(c.RefusedParty), "address")
		})},
	{Name: "hotcell_connections_evicted_total", Kind: Counter,
		Help: "Idle connections that were closed to make room for others.",
		read: connections(func(c *Connections, set setter) { set(float64(c.Evicted)) })},
	{Name: "hotcell_accept_errors_total", Kind: Counter,
		Help: "Connections that could not be accepted because descriptors, memory or epoll watches ran out, or the client had left.",
		read: connections(func(c *Connections, set setter) { set(float64(c.AcceptErrors)) })},

	{Name: "hotcell_keys", Kind: Gauge,
		Help: "Keys in use.",
		read: ofKeys(func(k *Keys, set setter) { set(float64(len(k.Line))) })},
	{Name: "hotcell_keys_last_reload_success", Kind: Gauge,
		Help: "1: the keys in use are those of the keys file; 0: the file cannot be used, and the previous keys stay in use.",
		read: ofKeys(func(k *Keys, set setter) { set(oneIf(!k.Broken)) })},
	{Name: "hotcell_key_requests_total", Kind: Counter, Labels: labels("key", "code"),
		Help: "Requests with a key, by the HTTP status of their answer."},
	{Name: "hotcell_key_running", Kind: Gauge, Labels: labels("key"),
		Help: "Requests with a key that have a place.",
		read: ofKeys(func(k *Keys, set setter) {
			for name, counts := range k.Line {
				set(float64(counts.Running), name)
			}
		})},
	{Name: "hotcell_key_waiting", Kind: Gauge, Labels: labels("key"),
		Help: "Requests with a key that wait in line for a place.",
		read: ofKeys(func(k *Keys, set setter) {
			for name, counts := range k.Line {
				set(float64(counts.Waiting), name)
			}
		})},

	{Name: "hotcell_log_lines_lost_total", Kind: Counter,
		Help: "Log lines that could not be written to standard error because its reader stopped or left, or the disk was full.",
		read: func(s *State, set setter) {
			if s.Config.LogLost != nil {
				set(float64(s.Config.LogLost()))
			}
		}},
	{Name: "hotcell_build_info", Kind: Gauge, Labels: labels("version", "goversion"),
		Help: "Always 1; the labels say what is running.",
		read: func(s *State, set setter) { set(1, s.Config.Version, runtime.Version()) }},
}

func labels(names ...string) []string { return names }
