// Package supervisor is the service: it accepts scripts over HTTP, runs each in a warm
// cell, and answers.
//
// A request goes through these files, in this order:
//
//	routes.go          finds its route, gives it an id, logs it
//	authorize.go       checks its Host header, finds its key, checks the key's rights and rate
//	party.go           finds the party that it counts for, and lets parties take turns with the decoding of large bodies
//	patience.go        reads how long its client waits
//	body.go            reads its body, within limits
//	execute.go         runs its script: place in line, cell, run, answer
//	batch.go           serves batches: runs that all other requests pass
//	jobs.go            serves jobs: what is kept until it is answered
//	session_routes.go  serves sessions and their calls
//	session_files.go   serves the files of sessions
//	fleet.go           passes calls of sessions on to the nodes that have them; serves /capacity
//	tty.go             serves terminals
//	mcp.go             serves tools for assistants
//	compat.go          serves drop-in APIs
//	health.go          serves /livez, /readyz, /info, /openapi.yaml, and the playground
//
// The other files:
//
//	service.go   starts, drains and closes the service
//	listen.go    opens the listeners and limits the connections
//	profile.go   says what the service needs from cells
//	observe.go   feeds metrics and traces; the admin listener
//
// Package refusals turns errors of the line, the pool, a session or the shutdown into
// problems. Packages dropin, bodies and logline hold what drop-in APIs ask for, what reads bodies, and
// what keeps the log short and free of secrets.
//
// Package api defines what requests may contain and what clients receive. Packages
// config, keys and cells provide settings, keys and cells. Packages sessions,
// transfers, terminals and stream run sessions, their files, terminals and streamed answers.
package supervisor
