package jobs

// watch is what those have who wait for a change of a job.
type watch struct {
	waiting map[chan struct{}]struct{}
	known   *Job // the job as it was stored here last; nil: ask the engine
}

// largestKept is the largest answer that is kept in memory for those who wait for it.
const largestKept = 64 << 10

// Watch implements [Store].
func (e *Engine) Watch(id string) (<-chan struct{}, func()) {
	changed := make(chan struct{}, 1)
	e.mu.Lock()
	defer e.mu.Unlock()
	w := e.watchers[id]
	if w == nil {
		w = &watch{waiting: make(map[chan struct{}]struct{})}
		e.watchers[id] = w
	}
	w.waiting[changed] = struct{}{}
	return changed, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(w.waiting, changed)
		if len(w.waiting) == 0 && e.watchers[id] == w {
			delete(e.watchers, id)
		}
	}
}

// tell tells all nodes that a job has changed, which has been stored. Those who wait here
// get it without asking the engine, and at once.
func (e *Engine) tell(job Job) {
	e.tellHere(job)
	if e.here == nil {
		_ = e.conn.Publish(newsSubject+job.ID, nil)
	}
}

func (e *Engine) tellHere(job Job) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if w := e.watchers[job.ID]; w != nil {
		w.learn(job, e.here != nil)
		w.wake()
	}
}

// changed tells those who watch a job here that another node may have changed it.
func (e *Engine) changed(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if w := e.watchers[id]; w != nil {
		w.wake()
	}
}

// learn keeps what a job has become. A job that is over stays so. One that is not may be
// changed by another node, unless this one is alone. e.mu must be held.
func (w *watch) learn(job Job, alone bool) {
	switch {
	case w.known != nil && w.known.Status.Over():
	case !job.Status.Over() && !alone, len(job.inline) > largestKept:
		w.known = nil
	default:
		w.known = &job
	}
}

// wake wakes those who wait. e.mu must be held.
func (w *watch) wake() {
	for changed := range w.waiting {
		select {
		case changed <- struct{}{}:
		default: // it knows already
		}
	}
}

// known returns a job that somebody waits for here, if it was stored here last.
func (e *Engine) known(owner, id string) (Job, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if w := e.watchers[id]; w != nil && w.known != nil && w.known.Owner == owner {
		return *w.known, true
	}
	return Job{}, false
}
