package main

import (
	"fmt"
	"os"
	"strings"
)

// keyEnv is the variable with the key of commands that are clients of a server.
const keyEnv = "HOTCELL_KEY"

// clientKey is the key that a file holds, else the environment's, else none.
func clientKey(file string) (string, error) {
	if file == "" {
		return strings.TrimSpace(os.Getenv(keyEnv)), nil
	}
	text, err := readText(file)
	if err != nil {
		return "", fmt.Errorf("--key-file: %w", err)
	}
	key := strings.TrimSpace(text)
	if key == "" {
		return "", fmt.Errorf("--key-file: %s is empty", file)
	}
	return key, nil
}
