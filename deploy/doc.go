// Package deploy is hotcell with Prometheus and Grafana: a compose file, rules,
// a dashboard. Its Go files are tests only, which `make test-eyes` runs: they
// have the real Prometheus scrape the real hotcell, and ask what rules and
// dashboard ask.
//
//	program_linux_test.go    hotcell and Prometheus, started and asked
//	load_linux_test.go       what is sent to hotcell meanwhile
//	eyes_linux_test.go       panels, rules and alerts against the two
//	dashboard_test.go        the dashboard as a file
//	rules_test.go            promtool's tests of the rules, and that none is missing
//	compose_test.go          the compose file against what it names
//
// HOTCELL_PICTURE=FILE keeps what the panels showed, for tools/plots/dashboard.py.
package deploy
