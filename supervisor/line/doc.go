// Package line decides which requests may run. It gives each request a place and
// the memory that it needs, or has it wait in a line of bounded length.
//
// The line is fair between parties, and first come, first served within one.
// Parties take turns: a party with one request waits for one turn of each other
// party, not for the thousand requests that another one has. A party with a
// weight of 3 has three turns for each turn of another. Turns are counted by
// start-time fair queueing (Goyal, Vin, Cheng: "Start-time Fair Queueing",
// SIGCOMM 1996), with requests as packets of equal size.
//
// Memory has two budgets. Tickets hold bytes; they belong to running requests.
// Reservations hold reserved bytes, for what arrives before a request can have a
// ticket: its body. The budgets are separate so that bodies of waiting requests
// cannot take the memory that any of them needs to run.
//
//	line.go      Line: who is next; places and bytes
//	behind.go    requests that all others pass: batches
//	ticket.go    Ticket and Reservation: giving them back
//	overload.go  refusing a request that would wait too long
//	pace.go      how fast requests leave
//	linger.go    work that goes on after its answer
//
// The package knows nothing about HTTP, keys or cells.
package line
