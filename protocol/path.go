package protocol

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// CheckPath says what keeps a path from being one below a working directory.
func CheckPath(path string) error {
	switch {
	case len(path) > MaxPathBytes:
		return fmt.Errorf("the path has %d bytes, and at most %d are taken", len(path), MaxPathBytes)
	case path == "." || !fs.ValidPath(path):
		return errors.New("the path must be relative, clean and in UTF-8: neither empty, nor with . or .. or an empty part, nor with a slash at either end")
	case strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }):
		return errors.New("the path must hold neither control characters nor backslashes")
	}
	return nil
}

// maxNameBytes is NAME_MAX of path_resolution(7).
const maxNameBytes = 255

// What a name must not hold or be, so that it means the same wherever a client
// writes it. The worker escapes it, pyworker/names.py.
var (
	// Control characters, separators of paths, drives and streams, what changes the
	// direction of text or is not seen.
	specialCharacter = regexp.MustCompile(`[\x00-\x1f\x7f-\x{9f}\\:\x{61c}\x{200b}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}\x{fff9}-\x{fffb}]`)
	// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
	deviceName = regexp.MustCompile(`(?i)^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|CLOCK\$|(COM|LPT)[0-9\x{b9}\x{b2}\x{b3}]) *(\.|$)`)
)

// FoldPath gives the same for paths that file systems without case, or with normal
// forms of their own, may take for one: never for two that the worker sends.
func FoldPath(path string) string {
	return norm.NFD.String(strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return least
	}, norm.NFD.String(path)))
}

// CheckPortablePath is [CheckPath] for a path from a cell, which a client may write
// on any system: no part of it is another drive, a stream, a device or, since it
// ends with a dot or a space, another name there, and none shows as another.
func CheckPortablePath(path string) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	for part := range strings.SplitSeq(path, "/") {
		switch {
		case len(part) > maxNameBytes:
			return fmt.Errorf("%.100q has %d bytes, and a name at most %d", part, len(part), maxNameBytes)
		case specialCharacter.MatchString(part):
			return fmt.Errorf("%.100q has a character that means something else, or is not seen, on other systems", part)
		case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
			return fmt.Errorf("%.100q ends with a dot or a space, which Windows drops", part)
		case deviceName.MatchString(part):
			return fmt.Errorf("%.100q is a device on Windows", part)
		}
	}
	return nil
}
