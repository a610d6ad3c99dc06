// Package wire carries frames and descriptors over Unix sockets, between the
// supervisor and what runs in a jail. What the frames mean is package protocol's.
//
//   - wire_linux.go: pairs of sockets; reading a packet, or a frame of a stream,
//     with the descriptors that came with it; writing one without waiting;
//     what FAILED and EXITED say.
package wire
