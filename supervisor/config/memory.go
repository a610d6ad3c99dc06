package config

import (
	"fmt"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/budget"
)

// Memory divides the memory that the service may use for its clients. The error is
// about the setting max_memory.
func (c Config) Memory() (budget.Budget, error) {
	answer := int64(0)
	for _, p := range c.AllProfiles() {
		answer = max(answer, budget.AnswerBytes(nsjail.Job{Limits: p.Default, Collect: []string{"*"}, Display: true}))
	}
	b, err := budget.Divide(budget.Settings{
		Memory: int64(c.MaxMemory), Available: availableMemory(), Body: int64(c.MaxBody), Bodies: int64(c.MaxBodies), Answer: answer,
		Waiting: c.MaxRunning + c.MaxWaiting, Connections: c.MaxConnections, Turns: budget.Turns(),
	})
	if err != nil {
		return b, fmt.Errorf("max_memory = %q (%s): %w", c.MaxMemory, c.Origin("max_memory"), err)
	}
	return b, nil
}
