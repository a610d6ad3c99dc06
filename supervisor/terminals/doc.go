// Package terminals moves bytes between a WebSocket and a terminal in a cell.
//
//	places.go  counts the open terminals, and limits them
//	upgrade.go what a request for a terminal must have
//	conn.go    a client's connection, and how it is closed
//	pump.go    moves bytes in both directions; signals, sizes, idle terminals
//	valve.go   output that the client pauses
//
// Package api decodes the clients' messages and defines the server's; package supervisor
// claims the cell.
package terminals
