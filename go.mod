module github.com/hotcell/hotcell

go 1.26.8

require (
	github.com/gorilla/mux v1.8.1 // indirect
	github.com/prometheus/client_golang v1.25.0 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

require pgregory.net/rapid v1.3.0 // tests only
