package jsonscan

import (
	"bytes"
	"hash/maphash"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A Name is a member's name as written in the text.
type Name struct {
	quoted []byte // with its quotes and escapes
	offset int
}

// String returns the name.
func (n Name) String() string { return Unquote(n.quoted) }

// Plain returns the name; it aliases the text if the name has no escapes.
func (n Name) Plain() []byte { return plain(n.quoted) }

// Is reports whether the name equals name.
func (n Name) Is(name string) bool { return string(plain(n.quoted)) == name }

// plain returns the text of a valid JSON string, without a copy if it has no escapes.
func plain(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	return []byte(Unquote(quoted))
}

// Content returns the text of a valid JSON string; it aliases the string if that has no
// escapes.
func Content(quoted []byte) []byte { return plain(quoted) }

// Unquote returns the text of a valid JSON string. A lone surrogate becomes U+FFFD.
func Unquote(quoted []byte) string {
	text := quoted[1 : len(quoted)-1]
	at := bytes.IndexByte(text, '\\')
	if at < 0 {
		return string(text)
	}
	var out strings.Builder
	out.Grow(len(text)) // an escape is never shorter than what it stands for
	for at >= 0 {
		out.Write(text[:at])
		text = text[at:]
		switch c := text[1]; c {
		case 'b':
			out.WriteByte('\b')
		case 'f':
			out.WriteByte('\f')
		case 'n':
			out.WriteByte('\n')
		case 'r':
			out.WriteByte('\r')
		case 't':
			out.WriteByte('\t')
		case 'u':
			unit, _ := hex4(text, 2)
			c := rune(unit)
			if surrogate(unit) {
				c = utf8.RuneError
				if len(text) >= 12 && text[6] == '\\' && text[7] == 'u' {
					low, _ := hex4(text, 8)
					if pair := utf16.DecodeRune(rune(unit), rune(low)); pair != utf8.RuneError {
						c = pair
						text = text[6:]
					}
				}
			}
			out.WriteRune(c)
			text = text[4:]
		default: // " \ /
			out.WriteByte(c)
		}
		text = text[2:]
		at = bytes.IndexByte(text, '\\')
	}
	out.Write(text)
	return out.String()
}

// Names finds out which names of an object appear twice. It holds 11 to 22 bytes
// for each, whatever its length, and half of that again while it grows. The zero
// Names is ready for use with one reader.
type Names struct {
	few   []Name // as long as there are few
	seed  maphash.Seed
	count int
	table []uint64 // a hash table of names: half of a hash, and where the name stands, plus 1. 0: free
}

const few = 8

// Add adds a name that r has read. It reports whether the same name was there
// already.
func (s *Names) Add(r *Reader, name Name) (twice bool) {
	wanted := plain(name.quoted)
	if s.table == nil && len(s.few) < few {
		for _, other := range s.few {
			if bytes.Equal(plain(other.quoted), wanted) {
				return true
			}
		}
		s.few = append(s.few, name)
		return false
	}
	if s.table == nil {
		s.seed, s.table = maphash.MakeSeed(), make([]uint64, 8*few)
		for _, name := range s.few {
			plain := plain(name.quoted)
			s.insert(r.text, plain, s.entry(plain, name.offset))
		}
		s.few = nil
	}
	if s.count >= len(s.table)/4*3 {
		old := s.table
		s.table, s.count = make([]uint64, 2*len(old)), 0
		for _, entry := range old {
			if entry != 0 {
				s.insert(nil, nil, entry)
			}
		}
	}
	return s.insert(r.text, wanted, s.entry(wanted, name.offset))
}

func (s *Names) entry(plain []byte, offset int) uint64 {
	return maphash.Bytes(s.seed, plain)&^0xffffffff | uint64(offset+1) // #nosec G115 -- texts are far shorter than 4 GiB
}

// insert takes an entry in. The text is nil where the name is known to be new.
func (s *Names) insert(text, wanted []byte, entry uint64) (twice bool) {
	mask := uint64(len(s.table) - 1) // #nosec G115 -- a length, and the table is not empty
	for at := entry >> 32 & mask; ; at = (at + 1) & mask {
		other := s.table[at]
		if other == 0 {
			s.table[at] = entry
			s.count++
			return false
		}
		if text != nil && other>>32 == entry>>32 && bytes.Equal(plain(nameAt(text, int(other&0xffffffff)-1).quoted), wanted) {
			return true
		}
	}
}

// nameAt finds the end of a name that was read before.
func nameAt(text []byte, from int) Name {
	i := special(text, from+1)
	for text[i] == '\\' {
		i = special(text, i+2)
	}
	return Name{quoted: text[from : i+1 : i+1], offset: from}
}
