package kernfs

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Read returns the whole text of a file.
func Read(file string) (string, error) {
	fd, err := unix.Open(file, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", &os.PathError{Op: "open", Path: file, Err: err}
	}
	defer func() { _ = unix.Close(fd) }()
	var text []byte
	var piece [4096]byte
	for {
		n, err := unix.Read(fd, piece[:])
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return "", &os.PathError{Op: "read", Path: file, Err: err}
		case n == 0:
			return string(text), nil
		default:
			text = append(text, piece[:n]...)
		}
	}
}

// Words returns the words of a file.
func Words(file string) ([]string, error) {
	text, err := Read(file)
	return strings.Fields(text), err
}

// Number returns the number in a file, or, if key is not empty, the number after key in
// a file of "key number" lines.
func Number(file, key string) (int64, error) {
	words, err := Words(file)
	if err != nil {
		return 0, err
	}
	return ParseNumber(file, words, key)
}

// Fields returns the values of a file of "name: value" lines by their names, as
// /proc/PID/status has them.
func Fields(file string) (map[string]string, error) {
	text, err := Read(file)
	if err != nil {
		return nil, err
	}
	fields := make(map[string]string)
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		fields[name] = strings.Join(strings.Fields(value), " ")
	}
	return fields, nil
}

// ParseNumber is like [Number] for the words of a file that has been read.
func ParseNumber(file string, words []string, key string) (int64, error) {
	at := 0
	if key != "" {
		at = slices.Index(words, key) + 1
		if at == 0 {
			return 0, fmt.Errorf("%s: no %s", file, key)
		}
	}
	if at >= len(words) {
		return 0, fmt.Errorf("%s: empty", file)
	}
	return strconv.ParseInt(words[at], 10, 64)
}

// Write writes the value with one write(2), whose error is the kernel's answer.
func Write(file, value string) error {
	fd, err := unix.Open(file, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: file, Err: err}
	}
	defer func() { _ = unix.Close(fd) }()
	for {
		_, err = unix.Write(fd, []byte(value))
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return &os.PathError{Op: "write " + value + " to", Path: file, Err: err}
	}
	return nil
}

// Set writes a value and reads it back. An error is returned if the file has another
// value then: a limit that was not set does not limit anything.
func Set(file, value string) error {
	if err := Write(file, value); err != nil {
		return err
	}
	got, err := Words(file)
	if err != nil {
		return err
	}
	if strings.Join(got, " ") != value {
		return fmt.Errorf("%s: wrote %q, but it reads %q", file, value, strings.Join(got, " "))
	}
	return nil
}

// Short reports whether an error is a shortage that passes, such as one of descriptors.
func Short(err error) bool {
	return errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) || errors.Is(err, unix.ENOMEM) || errors.Is(err, unix.ENOSPC)
}

// PIDOf returns the process of a pidfd, by its number in this process's pid namespace: the
// kernel tells since Linux 6.13, and for older ones there is proc_pid_fdinfo(5), which takes
// 45 µs.
func PIDOf(pidfd int) (int, error) {
	if info, err := infoOf(pidfd, 0); err == 0 && info.pid > 0 {
		return int(info.pid), nil
	}
	pid, err := Number(fmt.Sprintf("/proc/self/fdinfo/%d", pidfd), "Pid:")
	if err == nil && pid <= 0 {
		err = errors.New("the process of a pidfd has ended")
	}
	return int(pid), err
}
