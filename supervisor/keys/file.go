package keys

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/time/rate"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
)

// The keys file is a YAML list with an entry for each key: docs/keys.md. A JSON list
// is YAML, too. Errors never repeat the value of a hash, since somebody may have put
// the key itself there.

const (
	maxKeys   = 1000 // each has its own series in the metrics
	maxHashes = 4    // of one key
	maxShare  = 100
)

var validName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// readFile returns the file's text. It refuses a file that users other than its
// owner can write to, which would give them every right. Others may read it: the
// hashes do not help them.
func readFile(path string) ([]byte, error) {
	return config.ReadGuarded(path, 0o022, "lets users other than its owner write to it: run chmod go-w")
}

// keyEntry is a key as the file describes it.
type keyEntry struct {
	name                   string
	hashes                 []keyHash
	rights                 []string
	rate                   float64 // 0: any
	burst                  int     // 0: from rate
	share                  int
	maxRunning, maxWaiting int // -1: from share
	maxSessions            int // -1: what is usual
	maxTerminals           int // -1: what is usual
	profiles               []string
	max                    nsjail.Limits
}

// runs reports whether the key may run anything.
func (e *keyEntry) runs() bool {
	return slices.Contains(e.rights, string(Execute)) || slices.Contains(e.rights, string(Sessions))
}

// fields returns the fields that have one value, by name; limits are below "limits".
func (e *keyEntry) fields() map[string]config.Field {
	fields := map[string]config.Field{
		"name":          config.Text(&e.name, "1 to 64 letters, digits, dots, dashes or underscores", validName.MatchString),
		"rights":        some(&e.rights, fmt.Sprintf("some of %q", Rights), regexp.MustCompile(`^(execute|sessions|admin)$`)),
		"rate":          perSecond(&e.rate),
		"burst":         config.Count(&e.burst, 1, 1_000_000),
		"share":         config.Count(&e.share, 1, maxShare),
		"max_running":   config.Count(&e.maxRunning, 1, 10_000),
		"max_waiting":   config.Count(&e.maxWaiting, 0, 100_000),
		"max_sessions":  config.Count(&e.maxSessions, 0, 10_000),
		"max_terminals": config.Count(&e.maxTerminals, 0, 10_000),
		"profiles":      some(&e.profiles, "names of profiles", regexp.MustCompile(`^[^\s,]+$`)),
	}
	for _, limit := range config.Limits {
		fields["limits."+limit.Key] = limit.Field(&e.max)
	}
	return fields
}

// NewEntry returns a new key, which must be shown once and forgotten, and its entry
// for the keys file. rights are separated by commas.
func NewEntry(name, rights string) (key, entry string, err error) {
	fields := new(keyEntry).fields()
	for _, given := range []struct{ field, value string }{{"name", name}, {"rights", rights}} {
		if field := fields[given.field]; given.value == "" || !field.Set(given.value) {
			return "", "", fmt.Errorf("%s = %q: must be %s", given.field, given.value, field.Allowed)
		}
	}
	key, hash := newKey()
	return key, fmt.Sprintf("- name: %q\n  sha256: %s\n  rights: [%s]\n", name, hash, fields["rights"].Show()), nil
}

func perSecond(p *float64) config.Field {
	within := func(text string) (float64, bool) {
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil && n >= 0.001 && n <= 1e6 // NaN is neither
	}
	return config.NewField(p, "requests a second, from 0.001 to 1000000", within, func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) })
}

// some is the field for a list that must not be empty.
func some(p *[]string, allowed string, item *regexp.Regexp) config.Field {
	field := config.List(p, allowed, item)
	set := field.Set
	field.Set = func(text string) bool { return text != "" && set(text) }
	return field
}

// parse parses the text of a keys file. The error names everything that is wrong.
// before are the previous keys.
func parse(path string, text []byte, cfg config.Config, memory budget.Budget, before []*Key) ([]*Key, error) {
	_, entries, err := parseEntries(path, text, cfg.AllProfiles())
	if err != nil {
		return nil, err
	}
	return keysOf(entries, cfg, memory, before), nil
}

// parseEntries parses the text of a keys file, and returns its list, too.
func parseEntries(path string, text []byte, profiles []config.Profile) (*yaml.Node, []keyEntry, error) {
	file, err := config.ParseYAML(path, text)
	if err != nil {
		return nil, nil, err
	}
	var entries []keyEntry
	if file.Root != nil && file.Root.Kind == yaml.SequenceNode {
		for _, node := range file.Root.Content {
			entries = append(entries, readEntry(file, node, entries, profiles))
		}
	} else if file.Root != nil {
		file.Refuse(file.Root, "must be a list of keys, each beginning with \"- name:\"")
	}
	switch n := len(entries); {
	case file.Err() != nil:
		return nil, nil, file.Err()
	case n == 0: // a file that is being written is empty for a moment
		return nil, nil, fmt.Errorf("%s: contains no key", path)
	case n > maxKeys:
		return nil, nil, fmt.Errorf("%s: contains %d keys, at most %d are allowed", path, n, maxKeys)
	}
	return file.Root, entries, nil
}

var errNoField = errors.New("unknown field")

func readEntry(file *config.YAML, node *yaml.Node, others []keyEntry, profiles []config.Profile) keyEntry {
	entry := keyEntry{share: 1, maxRunning: -1, maxWaiting: -1, maxSessions: -1, maxTerminals: -1}
	ok := file.Read(node, config.Object{
		Name: "a key", Noun: "fields", Unknown: errNoField, Fields: entry.fields(),
		Nodes: map[string]func(*yaml.Node){"sha256": func(value *yaml.Node) { entry.hashes = readHashes(file, value) }},
	})
	switch {
	case !ok:
		return entry
	case entry.name == "":
		file.Refuse(node, "a key must have a name")
	case slices.ContainsFunc(others, func(other keyEntry) bool { return other.name == entry.name }):
		file.Refuse(node, "duplicate key name %q", entry.name)
	case len(entry.hashes) == 0:
		file.Refuse(node, "key %q: sha256 is missing: hotcell key new prints an entry that has it", entry.name)
	case len(entry.rights) == 0:
		file.Refuse(node, "key %q: rights must be some of %q", entry.name, Rights)
	case entry.burst > 0 && entry.rate == 0:
		file.Refuse(node, "key %q: burst requires rate", entry.name)
	}
	for _, other := range others {
		if slices.ContainsFunc(other.hashes, func(hash keyHash) bool { return slices.Contains(entry.hashes, hash) }) {
			file.Refuse(node, "keys %q and %q have the same hash", other.name, entry.name)
		}
	}
	for _, name := range entry.profiles {
		if !slices.ContainsFunc(profiles, func(p config.Profile) bool { return p.Name == name }) {
			file.Refuse(node, "key %q: unknown profile %q; the configuration has %q", entry.name, name, profileNames(profiles))
		}
	}
	return entry
}

func profileNames(profiles []config.Profile) (names []string) {
	for _, profile := range profiles {
		names = append(names, profile.Name)
	}
	return names
}

func readHashes(file *config.YAML, node *yaml.Node) []keyHash {
	var hashes []keyHash
	joined, ok := config.Scalars(node, true)
	for text := range strings.SplitSeq(joined, ",") {
		sum, err := hex.DecodeString(text)
		if !ok || err != nil || len(sum) != len(keyHash{}) {
			file.Refuse(node, "sha256: must be %d hexadecimal digits, as hotcell key new prints them, or a list of them", 2*len(keyHash{}))
			return nil
		}
		hashes = append(hashes, keyHash(sum))
	}
	if len(hashes) > maxHashes {
		file.Refuse(node, "sha256: %d hashes, at most %d are allowed", len(hashes), maxHashes)
	}
	return hashes
}

// keysOf makes keys of the entries of a file. A key keeps its limiter, and with it
// what it has used of its rate, as long as its rate does not change.
func keysOf(entries []keyEntry, cfg config.Config, memory budget.Budget, before []*Key) []*Key {
	shares, runners := 0, 0
	for _, entry := range entries {
		if entry.runs() { // the others take nothing of what is shared
			shares, runners = shares+entry.share, runners+1
		}
	}
	keys := make([]*Key, 0, len(entries))
	for _, entry := range entries {
		key := &Key{Name: entry.name, hashes: entry.hashes, party: entry.party(cfg, memory, max(shares, entry.share), runners == 1 && entry.runs()), profiles: entry.profiles, max: entry.max}
		for _, right := range entry.rights {
			key.rights = append(key.rights, Right(right))
		}
		limit, burst := rate.Inf, 1
		if entry.rate > 0 {
			limit, burst = rate.Limit(entry.rate), int(math.Ceil(entry.rate))
		}
		if entry.burst > 0 {
			burst = entry.burst
		}
		key.limiter = rate.NewLimiter(limit, burst)
		if i := slices.IndexFunc(before, func(k *Key) bool { return k.Name == key.Name }); i >= 0 && before[i].limiter.Limit() == limit && before[i].limiter.Burst() == burst {
			key.limiter = before[i].limiter
		}
		keys = append(keys, key)
	}
	return keys
}
