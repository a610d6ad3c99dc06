package environment

// variables are the environment variables of each jail's interpreter. Those of a request
// are added in the cell (pyworker/cell.py); supervisor/tracing adds TRACEPARENT, and
// supervisor/api/terminal.go TERM.
var variables = []string{
	"PATH=" + Python + "/bin:/usr/bin:/bin",
	"HOME=" + Box + "/work", "TMPDIR=/tmp", "LANG=C.UTF-8", "TZ=UTC", "USER=cell", "LOGNAME=cell",
	// A zygote must have one thread, and these libraries start threads when loaded.
	"OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1", "NUMEXPR_NUM_THREADS=1", "VECLIB_MAXIMUM_THREADS=1",
	"JE_ARROW_MALLOC_CONF=background_thread:false", // pyarrow, which pandas imports
	// A cell may use the time of one processor: joblib, Python's children and other
	// libraries must not start one process or thread for each processor of the machine.
	"LOKY_MAX_CPU_COUNT=1", "PYTHON_CPU_COUNT=1", "POLARS_MAX_THREADS=1", "RAYON_NUM_THREADS=1", "NUMBA_NUM_THREADS=1", "BLIS_NUM_THREADS=1",
	// Caches do not belong to the script's files, and there is no display.
	"XDG_CACHE_HOME=" + Box + "/cache", "MPLCONFIGDIR=" + Box + "/cache/matplotlib", "MPLBACKEND=Agg",
}
