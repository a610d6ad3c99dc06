package api

import _ "embed"

// OpenAPI is the contract in machine form. It is written by hand; a test holds it
// and the service together.
//
//go:embed openapi.yaml
var OpenAPI []byte
