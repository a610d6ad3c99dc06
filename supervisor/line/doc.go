// Package line decides which requests may run: it gives each a place and the
// bytes of memory that it needs, or has it wait for them in a line of bounded
// length.
//
// The line is fair between parties, and first come, first served within one.
// Parties take turns, so that a party with one request waits for one turn of
// each other party, and not for the thousand requests that one of them has. A
// party with a weight of 3 has three turns where another has one. Turns are
// counted by start-time fair queueing (Goyal, Vin, Cheng: "Start-time Fair
// Queueing", SIGCOMM 1996) with requests as packets of one size.
//
// Memory has two budgets. Bytes are held by tickets, that is by requests that
// run. Reserved bytes are held by reservations, which are for what arrives
// before a request can have a ticket: its body. They are apart so that bodies
// of requests that wait cannot take the memory without which none of them could
// ever run.
//
// The package knows nothing of HTTP, keys and cells.
package line
