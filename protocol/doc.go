// Package protocol is what the supervisor and a jailed Python say to each
// other: frames, messages and verdicts. PROTOCOL.md is the same for readers.
//
// It leaves out transport: who opens the sockets, which descriptors travel
// with a frame and how long a read may take is the nsjail package's business.
// Everything a cell sends is hostile input, so every reader here takes a cap
// and checks the length before it allocates.
package protocol

// Version is spoken by both sides in the handshake ([Start], [Hello]); they
// refuse each other when it differs. The worker is embedded in the binary, so
// a mismatch means a stale file, never a peer to be polite to.
const Version = 1
