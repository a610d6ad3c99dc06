package nsjail

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/protocol"
)

// encodeJob returns all frames of a job: its files, then run, to which it adds what the
// job says.
func encodeJob(job Job, run protocol.Run) (net.Buffers, error) {
	var frames net.Buffers
	for _, file := range job.Files {
		frame, err := protocol.EncodeFile(file, protocol.MaxRunBytes)
		if err != nil {
			return nil, err
		}
		frames = append(frames, frame...)
	}
	run.Script, run.Args, run.Kwargs, run.Stdin, run.Env = job.Script, job.Args, job.Kwargs, job.Stdin, job.Env
	run.ResultBytes, run.LastExpression, run.Mode = job.Limits.ResultBytes, job.LastExpression, job.Mode
	run.Live = job.Output != nil
	run.Display, run.OutputsBytes = job.Display, outputsOf(&job, run.Call).Bytes
	if len(job.Collect) > 0 {
		run.Collect = &protocol.Collect{Patterns: job.Collect, MaxBytes: job.Limits.FilesBytes, MaxFiles: MaxCollectedFiles, MaxDepth: maxCollectedDepth}
	}
	frame, err := protocol.EncodeRun(run)
	return append(frames, frame...), err
}

// handOver sends a job, and after it the terminal if there is one.
func (c *Cell) handOver(frames net.Buffers, t *Terminal) error {
	if _, err := frames.WriteTo(c.channel); err != nil {
		return errors.Join(ErrCellLost, err)
	}
	if t == nil {
		return nil
	}
	frame, err := protocol.AppendFrame(nil, protocol.TypeTTY, nil, 0)
	if err != nil {
		return err
	}
	fd, err := t.Slave()
	if err != nil {
		return err
	}
	if _, _, err := c.channel.WriteMsgUnix(frame, unix.UnixRights(fd), nil); err != nil {
		return errors.Join(ErrCellLost, err)
	}
	return t.CloseSlave()
}

// errHungUp is returned when the channel ended without a result.
var errHungUp = errors.New("the cell hung up")

// saying is what a cell sent about its script.
type saying struct {
	result  *protocol.Result
	files   []protocol.File
	outputs []protocol.Output
}

// listen reads what a cell may send: what its script shows, the files that the job
// collects, and one RESULT. Everything else is an error: the cell is hostile, or hotcell
// has a bug. call is the number of a session's call, or 0.
func (c *Cell) listen(job Job, call int) (saying, error) {
	var said saying
	shown := outputsOf(&job, call)
	paths := make(map[[sha256.Size]byte]bool) // hashes, since a path may have 4 KiB
	filesLeft, bytesLeft := 0, int64(0)
	if len(job.Collect) > 0 {
		filesLeft, bytesLeft = MaxCollectedFiles, job.Limits.FilesBytes
	}
	for {
		maxResult, maxFile := protocol.MaxHeadBytes+1+job.Limits.ResultBytes, protocol.MaxFileHeadBytes+1+bytesLeft
		kind, payload, err := protocol.ReadFrame(c.channel, int(max(maxResult, maxFile, shown.FrameBytes())))
		switch {
		case errors.Is(err, protocol.ErrTooLarge), errors.Is(err, protocol.ErrUnknownType):
			return saying{}, err
		case err != nil:
			return saying{outputs: said.outputs}, errHungUp
		case kind == protocol.TypeResult && int64(len(payload)) <= maxResult:
			result, err := protocol.DecodeResult(payload)
			if err != nil {
				return saying{}, err
			}
			if size := int64(len(result.Value)); result.Status == protocol.StatusOK && size > job.Limits.ResultBytes { // it can be: the frame also has room for the head
				return saying{}, fmt.Errorf("the result has %d bytes: at most %d are allowed", size, job.Limits.ResultBytes)
			}
			if job.Mode == protocol.ScriptProgram && !result.OfProgram() {
				return saying{}, fmt.Errorf("RESULT of a program with status %q and %d bytes", result.Status, len(result.Value))
			}
			said.result = &result
			return said, nil
		case kind == protocol.TypeOutput && len(said.files) == 0:
			output, err := shown.Decode(payload)
			if err != nil {
				return saying{}, err
			}
			said.outputs = append(said.outputs, output)
			if job.Shown != nil {
				job.Shown(output)
			}
			continue
		case kind != protocol.TypeFile || int64(len(payload)) > maxFile || filesLeft == 0:
			return saying{}, fmt.Errorf("%s of %d bytes instead of RESULT", kind, len(payload))
		}
		file, err := protocol.DecodeFile(payload)
		if err != nil {
			return saying{}, err
		}
		folded := sha256.Sum256([]byte(protocol.FoldPath(file.Path)))
		if paths[folded] {
			return saying{}, fmt.Errorf("FILE %.100q came twice, or with another case", file.Path)
		}
		paths[folded] = true
		filesLeft--
		if bytesLeft -= int64(len(file.Content)); bytesLeft < 0 {
			return saying{}, fmt.Errorf("the FILEs have more than %d bytes", job.Limits.FilesBytes)
		}
		if len(payload)-len(file.Content) > largeHead { // otherwise the content would keep the head in memory
			file.Content = slices.Clone(file.Content)
		}
		said.files = append(said.files, file)
	}
}

// largeHead is how many bytes of a FILE's head may stay in memory with its content.
const largeHead = 1 << 10
