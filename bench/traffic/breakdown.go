package traffic

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// serverTiming reads Server-Timing headers: `name;dur=milliseconds, …`.
func serverTiming(headers []string) map[string]time.Duration {
	parts := make(map[string]time.Duration)
	for part := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), ";dur=")
		if ms, err := strconv.ParseFloat(value, 64); err == nil {
			parts[name] = time.Duration(math.Round(ms*1000)) * time.Microsecond
		}
	}
	return parts
}

// Breakdown says where the time of requests went. The service reports parse, queue,
// handoff and run; reply is the rest of the time that the client saw: encoding the
// answer, and HTTP and loopback in both directions.
type Breakdown struct {
	count                                      int
	parse, queue, handoff, run, reply, latency time.Duration
}

func (b *Breakdown) add(sample Sample) {
	s := sample.server
	if _, told := s["run"]; !told {
		return // a baseline
	}
	b.count++
	b.parse += s["parse"]
	b.queue += s["queue"]
	b.handoff += s["handoff"]
	b.run += s["run"]
	b.latency += sample.Latency
	b.reply += sample.Latency - s["parse"] - s["queue"] - s["handoff"] - s["run"]
}

func (b *Breakdown) merge(other *Breakdown) {
	b.count += other.count
	b.parse += other.parse
	b.queue += other.queue
	b.handoff += other.handoff
	b.run += other.run
	b.reply += other.reply
	b.latency += other.latency
}

// Part is one part of the time of a request.
type Part struct {
	Name string
	Mean time.Duration
}

// Parts returns the parts in order, with the whole as the last one. It returns none
// if no service has reported them.
func (b *Breakdown) Parts() []Part {
	if b.count == 0 {
		return nil
	}
	mean := func(sum time.Duration) time.Duration { return sum / time.Duration(b.count) }
	return []Part{
		{"parse", mean(b.parse)}, {"queue", mean(b.queue)}, {"hand-over", mean(b.handoff)}, {"run", mean(b.run)},
		{"reply", mean(b.reply)}, {"all", mean(b.latency)},
	}
}

// MarshalJSON writes the means in milliseconds.
func (b *Breakdown) MarshalJSON() ([]byte, error) {
	means := make(map[string]float64)
	for _, part := range b.Parts() {
		means[part.Name+"_ms"] = Milliseconds(part.Mean)
	}
	return json.Marshal(means)
}
