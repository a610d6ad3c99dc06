package jobruns

// UntilDrained is what workers do.
func UntilDrained(j *Jobs, failed string, once func() error) { j.untilDrained(failed, once) }
