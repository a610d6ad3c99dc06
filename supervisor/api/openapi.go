package api

import _ "embed"

// OpenAPI is the contract in machine-readable form. It is written by hand; tests compare
// it with the service.
//
//go:embed openapi.yaml
var OpenAPI []byte
