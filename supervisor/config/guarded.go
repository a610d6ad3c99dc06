package config

import (
	"fmt"
	"io"
	"os"
)

const maxGuarded = 1 << 20

// ReadGuarded reads a small file that decides who may do what. It refuses one whose mode
// has any of the forbidden bits; remedy says what they do, and how to clear them.
func ReadGuarded(path string, forbidden os.FileMode, remedy string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: is not a regular file", path)
	case info.Mode().Perm()&forbidden != 0:
		return nil, fmt.Errorf("%s: mode %04o %s %s", path, info.Mode().Perm(), remedy, path)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxGuarded+1))
	if err == nil && len(text) > maxGuarded {
		err = fmt.Errorf("%s: is larger than %d bytes", path, maxGuarded)
	}
	return text, err
}
