package traffic

// UseGoTimers has open loops use Go's own timers, which alone know the time of synctest.
func UseGoTimers() { newTimer = goTimer }
