package environment

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"time"
)

// Cells have no proc and no sysfs. Programs and libraries ask a few files of these what
// they may use, though, and otherwise take the machine's figures for theirs. So a jail
// shows ordinary files in their places, below Worker: read-only, the same for all cells,
// and of the machine only what a processor says of itself. Where a figure is the cell's
// own there is a link to a file that the cell writes (pyworker/system.py).
const (
	procDir = Worker + "/proc"
	sysDir  = Worker + "/sys"
	ownDir  = Box + "/etc"
)

// figures are the files below Worker, with their contents.
func figures() map[string]string {
	return map[string]string{
		// glibc takes the number of processors from here, sysconf(3).
		"proc/stat":      fmt.Sprintf("cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0\nintr 0\nctxt 0\nbtime %d\nprocesses 1\nprocs_running 1\nprocs_blocked 0\n", time.Now().Unix()),
		"proc/cpuinfo":   oneProcessor(),
		"proc/vmstat":    "pswpin 0\npswpout 0\n",
		"etc/mime.types": mimeTypes,
		// Programs that look for their limits read these: those of cgroup version 2.
		"proc/self/cgroup": "0::/\n",
		// Libraries that find /proc/self, such as threadpoolctl, open this in it.
		"proc/self/maps":                   "",
		"sys/fs/cgroup/cgroup.controllers": "cpu memory\n",
		"sys/fs/cgroup/cpu.max":            "100000 100000\n",
	}
}

// mimeTypes are for Python's mimetypes where the root has no list of them, or an old one.
const mimeTypes = `application/epub+zip epub
application/geo+json geojson
application/toml toml
application/vnd.apache.arrow.file arrow feather
application/vnd.apache.parquet parquet
application/vnd.ms-excel xls
application/vnd.ms-powerpoint ppt
application/vnd.oasis.opendocument.spreadsheet ods
application/vnd.oasis.opendocument.text odt
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
application/vnd.sqlite3 db sqlite sqlite3
application/x-7z-compressed 7z
application/x-ipynb+json ipynb
application/x-ndjson jsonl ndjson
application/yaml yaml yml
application/zstd zst
font/ttf ttf
font/woff2 woff2
image/avif avif
image/heic heic
image/webp webp
text/markdown md markdown
text/x-log log
`

// ownFigures are links below Worker to files of the cell.
var ownFigures = map[string]string{
	"proc/meminfo":             ownDir + "/meminfo",
	"sys/fs/cgroup/memory.max": ownDir + "/memory.max",
}

// WriteFigures writes the files below the directory of the host that jails see as Worker.
func WriteFigures(dir string) error {
	for name, text := range figures() {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	for name, target := range ownFigures {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// mostProcessorBytes is more than a processor needs.
const mostProcessorBytes = 16 << 10

// cores matches the numbers of processors in one package, which psutil reads.
var cores = regexp.MustCompile(`(?m)^((?:siblings|cpu cores)\s*: )\d+$`)

// oneProcessor returns what the machine says of its first processor. A script can ask the
// processor itself for all of it.
func oneProcessor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil || runtime.GOOS != "linux" {
		return "processor\t: 0\n\n"
	}
	first, _, _ := bytes.Cut(text, []byte("\n\n"))
	one := cores.ReplaceAll(first[:min(len(first), mostProcessorBytes)], []byte("${1}1"))
	return string(one) + "\n\n"
}
