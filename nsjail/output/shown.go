package output

import (
	"fmt"

	"github.com/hotcell/hotcell/protocol"
)

// Shown is what a script may still show.
type Shown struct {
	Left  int   // OUTPUTs
	Bytes int64 // of their parts and metadata
}

// FrameBytes returns the maximum size of the next OUTPUT.
func (s *Shown) FrameBytes() int64 {
	if s.Left == 0 {
		return 0
	}
	return protocol.MaxOutputHeadBytes + 1 + s.Bytes
}

// Decode reads an OUTPUT, and refuses one that is too much.
func (s *Shown) Decode(payload []byte) (protocol.Output, error) {
	if s.Left == 0 || int64(len(payload)) > s.FrameBytes() {
		return protocol.Output{}, fmt.Errorf("OUTPUT of %d bytes; %d OUTPUTs of %d bytes are left", len(payload), s.Left, s.Bytes)
	}
	output, err := protocol.DecodeOutput(payload)
	if err != nil {
		return output, err
	}
	s.Left--
	s.Bytes -= int64(len(output.Metadata))
	for _, part := range output.Parts {
		s.Bytes -= int64(len(part.Data))
	}
	if s.Bytes < 0 { // it can be: the frame also has room for the head
		return protocol.Output{}, fmt.Errorf("the OUTPUTs have %d bytes more than is allowed", -s.Bytes)
	}
	return output, nil
}
