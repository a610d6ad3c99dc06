package plot

import "math"

// scale places values between two ends of the picture.
type scale struct {
	log      bool
	from, to float64 // in the picture
	min, max float64 // of the values; min > max: there are none yet
}

func newScale(axis Axis, from, to float64) scale {
	s := scale{log: axis.Log, from: from, to: to, min: math.Inf(1), max: math.Inf(-1)}
	if !axis.Log {
		s.widen(axis.Min) // 0, unless it is set
	} else if axis.Min > 0 {
		s.widen(axis.Min)
	}
	if axis.Max != 0 {
		s.widen(axis.Max)
	}
	return s
}

// holds says whether a value has a place.
func (s *scale) holds(value float64) bool {
	return !math.IsNaN(value) && !math.IsInf(value, 0) && (!s.log || value > 0)
}

func (s *scale) widen(value float64) {
	if s.holds(value) {
		s.min, s.max = min(s.min, value), max(s.max, value)
	}
}

// round widens it to where ticks are, and to something if there was nothing.
func (s *scale) round() {
	if s.min > s.max {
		s.min, s.max = 1, 10
	}
	if s.log {
		s.min, s.max = s.below(s.min), s.above(s.max)
		if s.min == s.max {
			s.max *= 10
		}
		return
	}
	if s.min == s.max {
		s.max++
	}
	step := s.step()
	s.min, s.max = math.Floor(s.min/step)*step, math.Ceil(s.max/step-1e-9)*step
}

// below and above are the nearest of 1, 2, 5, 10 and so on.
func (s *scale) below(value float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(value)))
	for _, digit := range []float64{5, 2} {
		if digit*power <= value*(1+1e-9) {
			return digit * power
		}
	}
	return power
}

func (s *scale) above(value float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(value)))
	for _, digit := range []float64{1, 2, 5} {
		if digit*power >= value*(1-1e-9) {
			return digit * power
		}
	}
	return 10 * power
}

func (s *scale) place(value float64) float64 {
	low, high := s.min, s.max
	if s.log {
		low, high, value = math.Log(low), math.Log(high), math.Log(value)
	}
	return s.from + (value-low)/(high-low)*(s.to-s.from)
}

func (s *scale) step() float64 {
	raw := (s.max - s.min) / 6
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, digit := range []float64{1, 2, 5} {
		if digit*power >= raw {
			return digit * power
		}
	}
	return 10 * power
}

func (s *scale) ticks() []float64 {
	var ticks []float64
	if !s.log {
		step := s.step()
		for i := 0.0; s.min+i*step <= s.max+step*1e-6; i++ {
			ticks = append(ticks, s.min+i*step)
		}
		return ticks
	}
	digits := []float64{1, 2, 5}
	if s.max/s.min > 1e4 {
		digits = digits[:1]
	}
	for power := math.Pow(10, math.Floor(math.Log10(s.min))); power <= s.max; power *= 10 {
		for _, digit := range digits {
			if tick := digit * power; tick >= s.min*(1-1e-9) && tick <= s.max*(1+1e-9) {
				ticks = append(ticks, tick)
			}
		}
	}
	return ticks
}
