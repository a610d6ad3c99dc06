package protocol

import (
	"errors"
	"fmt"
	"slices"
)

// Transfer asks a session's cell about its files, between two calls.
type Transfer struct {
	Do       string `json:"do"` // one of the Do constants
	Path     string `json:"path,omitempty"`
	Pattern  string `json:"pattern,omitempty"`
	MaxFiles int    `json:"max_files,omitempty"`
	MaxBytes int    `json:"max_bytes,omitempty"` // of the listing
	MaxDepth int    `json:"max_depth,omitempty"`
	Bytes    int    `json:"bytes,omitempty"` // how many may come with the next PIECE
}

// What a Transfer asks for.
const (
	DoList   = "list"
	DoGet    = "get"  // DONE with its size; then DoMore until all has come
	DoMore   = "more" // answered by a PIECE, which is empty at the end
	DoPut    = "put"  // then PIECEs, and DoEnd
	DoDelete = "delete"
	DoEnd    = "end"  // what was put gets its name
	DoDrop   = "drop" // what was put is removed
)

const (
	// MaxPieceBytes is the maximum payload of a PIECE, and what a transfer holds.
	MaxPieceBytes = 256 << 10
	// MaxDoneBytes is the maximum payload of a DONE that lists files, and
	// MaxListingBytes that of the files in it, of which there are at most MaxListed.
	// Every other DONE is no larger than a PIECE.
	MaxDoneBytes    = 2 << 20
	MaxListingBytes = 1 << 20
	MaxListed       = 10_000

	maxDoneFields = 5
)

// Done answers a Transfer or a PIECE. Everything in it comes from the tenant.
type Done struct {
	Bytes   int64         `json:"bytes,omitempty"`
	Files   []ListedFile  `json:"files,omitempty"`
	More    bool          `json:"more,omitempty"` // there are more files than were asked for
	Error   TransferError `json:"error,omitempty"`
	Message string        `json:"message,omitempty"`
}

// ListedFile is one file of a listing. Path passes [CheckPortablePath].
type ListedFile struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
}

// TransferError says why a transfer could not be done.
type TransferError string

// The errors of transfers. They are only added.
const (
	TransferNotFound TransferError = "not_found"
	TransferDiskFull TransferError = "disk_full"
	TransferFailed   TransferError = "failed"
)

// DecodeDone parses the payload of a DONE, which is hostile.
func DecodeDone(payload []byte) (Done, error) {
	if commas := countCommas(payload); commas > 2*MaxListed+maxDoneFields {
		return Done{}, fmt.Errorf("decode DONE: %d commas, for at most %d files", commas, MaxListed)
	}
	var done Done
	if err := DecodeMessage(TypeDone, payload, &done); err != nil {
		return Done{}, err
	}
	if done.Error != "" && !slices.Contains([]TransferError{TransferNotFound, TransferDiskFull, TransferFailed}, done.Error) {
		return Done{}, fmt.Errorf("decode DONE: unknown error %.100q", string(done.Error))
	}
	if len(done.Files) > MaxListed {
		return Done{}, fmt.Errorf("decode DONE: %d files, at most %d", len(done.Files), MaxListed)
	}
	if done.Bytes < 0 {
		return Done{}, errors.New("decode DONE: a negative size")
	}
	for _, file := range done.Files {
		if err := CheckPortablePath(file.Path); err != nil {
			return Done{}, fmt.Errorf("decode DONE: %w", err)
		}
		if file.Bytes < 0 {
			return Done{}, errors.New("decode DONE: a negative size")
		}
	}
	return done, nil
}

// countCommas returns how many values a text in JSON has at most, less one: an array's
// elements take far more memory than the two bytes that the shortest have.
func countCommas(text []byte) (count int) {
	quoted, escaped := false, false
	for _, b := range text {
		switch {
		case escaped:
			escaped = false
		case quoted && b == '\\':
			escaped = true
		case b == '"':
			quoted = !quoted
		case b == ',' && !quoted:
			count++
		}
	}
	return count
}
