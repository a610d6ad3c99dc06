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

// CheckPath returns an error unless path is a valid path below a working directory.
func CheckPath(path string) error {
	switch {
	case len(path) > MaxPathBytes:
		return fmt.Errorf("the path is %d bytes long, the maximum is %d", len(path), MaxPathBytes)
	case path == "." || !fs.ValidPath(path):
		return errors.New("the path must be relative and valid UTF-8, without empty, . or .. elements and without a leading or trailing slash")
	case strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }):
		return errors.New("the path must not contain control characters or backslashes")
	}
	return nil
}

// maxNameBytes is NAME_MAX of path_resolution(7).
const maxNameBytes = 255

// What a name must not contain or be, so that it means the same wherever a client
// writes it. The worker escapes such names, pyworker/names.py.
var (
	// Control characters; separators of paths, drives and streams; invisible
	// characters and those that change the direction of text.
	specialCharacter = regexp.MustCompile(`[\x00-\x1f\x7f-\x{9f}\\:\x{61c}\x{200b}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}\x{fff9}-\x{fffb}]`)
	// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
	deviceName = regexp.MustCompile(`(?i)^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|CLOCK\$|(COM|LPT)[0-9\x{b9}\x{b2}\x{b3}]) *(\.|$)`)
)

// FoldPath returns the same string for paths that a case-insensitive or normalizing
// file system may consider equal. The worker never sends two such paths.
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
// on any system. No element may name a drive, stream or device there, end with a dot
// or space, which changes the name there, or display as another name.
func CheckPortablePath(path string) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	for part := range strings.SplitSeq(path, "/") {
		switch {
		case len(part) > maxNameBytes:
			return fmt.Errorf("%.100q is %d bytes long, the maximum for a name is %d", part, len(part), maxNameBytes)
		case specialCharacter.MatchString(part):
			return fmt.Errorf("%.100q has a character that is invisible or has a special meaning on other systems", part)
		case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
			return fmt.Errorf("%.100q ends with a dot or a space, which Windows drops", part)
		case deviceName.MatchString(part):
			return fmt.Errorf("%.100q is a device on Windows", part)
		}
	}
	return nil
}
