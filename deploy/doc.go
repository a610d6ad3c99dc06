// Package deploy has what runs hotcell, also with Prometheus and Grafana: a unit, a
// compose file, rules, a dashboard. Its Go files are tests only, which `make test-eyes` runs. They
// make the real Prometheus scrape the real hotcell, and run the queries of the rules and
// the dashboard.
//
//	program_linux_test.go    starts and queries hotcell and Prometheus
//	load_linux_test.go       the load on hotcell meanwhile
//	eyes_linux_test.go       panels, rules and alerts against the two
//	install_linux_test.go    what make install and make run do
//	start_linux_test.go      the ways to start it from a clone, each with an answer
//	proxies_linux_test.go    the examples for Caddy and nginx, in front of hotcell
//	debian_linux_test.go     the Debian package, installed and purged, and the unit
//	dashboard_test.go        the dashboard as a file
//	rules_test.go            promtool's tests of the rules, and their completeness
//	compose_test.go          the compose file against what it refers to
//
// HOTCELL_PICTURE=FILE keeps what the panels showed, for tools/plots/dashboard.py.
package deploy
