package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes. It is written as a whole number followed by B, KiB,
// MiB or GiB. kB and MB are not accepted, because they are ambiguous.
type Size int64

var byteUnits = []struct {
	name string
	size Size
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// String uses the largest unit in which the size is a whole number.
func (b Size) String() string {
	for _, unit := range byteUnits {
		if b != 0 && b%unit.size == 0 {
			return fmt.Sprintf("%d%s", b/unit.size, unit.name)
		}
	}
	return "0B"
}

// ParseSize parses what String returns. A number without a unit is in bytes.
func ParseSize(text string) (Size, error) {
	number, size := text, Size(1)
	for _, unit := range byteUnits {
		if rest, ok := strings.CutSuffix(text, unit.name); ok {
			number, size = strings.TrimSpace(rest), unit.size
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/int64(size) {
		return 0, fmt.Errorf("invalid size %q: use for example 512KiB or 64MiB", text)
	}
	return Size(n) * size, nil
}
