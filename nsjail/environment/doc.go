// Package environment says what a jail shows to the Python in it.
//
//   - environment_linux.go: the virtual environment and its interpreter, and
//     whether the jail's user can reach them.
//   - mounts_linux.go: the parts of the host's root, or of a root of the jail's
//     own, that all jails show, read-only.
//   - figures_linux.go: the few files of /proc and /sys that tell a library what it may
//     use, as ordinary files.
//   - variables_linux.go: the environment variables.
//   - config_linux.go: command line and the rest of the nsjail program's
//     configuration.
package environment
