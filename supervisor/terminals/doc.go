// Package terminals moves bytes between a WebSocket and a terminal in a cell.
//
//	places.go  how many terminals are open, and may be
//	conn.go    a client's connection, and how it is told the end
//	pump.go    the bytes in both directions, signals, sizes, and who is idle
//
// Package api reads what clients send and has what they are told; package
// supervisor finds the cell.
package terminals
