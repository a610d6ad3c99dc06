package terminals

import "sync"

// valve lets output through until the client pauses it. Browsers take whatever a WebSocket
// brings, so not reading, as other clients do, is no way for them to make a script wait.
type valve struct {
	mu     sync.Mutex
	paused chan struct{} // nil: output flows; else closed when it may flow again
	gone   bool          // the client has gone, and cannot resume
}

func (v *valve) pause() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.paused == nil && !v.gone {
		v.paused = make(chan struct{})
	}
}

func (v *valve) resume() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.paused != nil {
		close(v.paused)
		v.paused = nil
	}
}

// leave resumes for good.
func (v *valve) leave() {
	v.mu.Lock()
	v.gone = true
	v.mu.Unlock()
	v.resume()
}

// wait returns when output may flow.
func (v *valve) wait() {
	for {
		v.mu.Lock()
		paused := v.paused
		v.mu.Unlock()
		if paused == nil {
			return
		}
		<-paused
	}
}
