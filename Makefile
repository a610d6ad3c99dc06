# hotcell. `make run` and `make test` install and build all that they need.

# The interpreter that jails run. The user of a jail must be able to reach it, so
# it is the system's, and not one in a home directory.
PYTHON ?= /usr/bin/python3
BUILD  := build
TOOLS  := $(BUILD)/tools
VERSION := $(shell git describe --tags --match 'v[0-9]*' --always --dirty 2>/dev/null || echo unknown)

# The environment of jails. One elsewhere, where jails can reach it:
# make run ENVIRONMENT=/opt/hotcell/python.
ENVIRONMENT := $(BUILD)/python
ifdef HOTCELL_ROOT
override HOTCELL_ROOT := $(abspath $(HOTCELL_ROOT))
export HOTCELL_ROOT
export HOTCELL_PYTHON ?= $(HOTCELL_ROOT)/opt/hotcell/python
else
export HOTCELL_PYTHON ?= $(abspath $(ENVIRONMENT))
endif
PREFIX ?= /usr/local

# Files and directories that the user of a jail must be able to read (G301, G302,
# G306); paths and programs that the operator names, and never a tenant (G204,
# G304); a context that lives as long as its pool (G118); answers that are JSON
# and say so (G705).
GOSEC_EXCLUDE := G118,G204,G301,G302,G304,G306,G705

.DEFAULT_GOAL := build
.PHONY: help setup setup-tests build hotcell run install uninstall api playground deb bench bench-all bench-speed figures picture pictures lint fuzz lock clean rootfs test test-all environments test-units test-jails test-service \
	test-programs test-attacks test-attacks-ordinary test-faults test-fleet-jobs test-worker test-client test-playground test-compat test-compat-fleet test-libraries test-docs test-eyes test-kubernetes test-vm test-engine test-rootfs

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Build and run

setup:
	@PYTHON='$(PYTHON)' tools/setup

setup-tests:
	@PYTHON='$(PYTHON)' tools/setup tests

build: hotcell $(BUILD)/python/.made ## build/hotcell, and the Python environment that jails run

hotcell: | setup
	@tools/with 'compile hotcell, a minute the first time' go build -trimpath -ldflags '-s -w -X github.com/hotcell/hotcell/internal/cli.version=$(VERSION)' -o $(BUILD)/ ./cmd/...

# Python environments for jails and for plots. They are made from a lock file, do
# not contain pip, and are byte-compiled, since jails cannot write. The stamp is
# made last, so that an unfinished environment is made again.
$(BUILD)/python/.made: pyworker/requirements.lock
$(BUILD)/python-tests/.made: pyworker/tests/requirements.lock
$(BUILD)/python-notebook/.made: profiles/notebook/requirements.lock profiles/notebook/finish.py
$(BUILD)/python-libraries/.made: profiles/notebook/requirements.lock profiles/notebook/tests/requirements.lock profiles/notebook/finish.py profiles/notebook/tests/finish.py
$(BUILD)/plots/.made: tools/plots/requirements.lock
$(BUILD)/python/.made $(BUILD)/python-tests/.made $(BUILD)/python-notebook/.made $(BUILD)/python-libraries/.made $(BUILD)/plots/.made: | $(BUILD)/pip/.made
	@rm -rf $(@D)
	@tools/with 'an environment of Python, $(@D)' $(PYTHON) -m venv --without-pip $(@D)
	@tools/with 'its packages, from $(filter %.lock,$^)' $(BUILD)/pip/bin/python -m pip --disable-pip-version-check --python $(@D)/bin/python install --quiet --no-compile \
		--require-hashes --only-binary :all: $(addprefix -r ,$(filter %.lock,$^))
	@tools/requested $(filter %.lock,$^) >$(@D)/hotcell-packages.txt
	@set -e; for finish in $(filter %.py,$^); do MPLCONFIGDIR=$(@D)/.mpl $(@D)/bin/python -B $$finish; rm -rf $(@D)/.mpl; done
	@tools/with 'compile its modules' $(@D)/bin/python -m compileall -q -j 0 $(@D)/lib
	@touch $@

# pip alone, for the environments of jails.
$(BUILD)/pip/.made: | setup
	@rm -rf $(@D)
	@tools/with 'pip for environments, $(@D)' $(PYTHON) -m venv $(@D)
	@touch $@

# Linters and the test runner, in an environment that jails do not see.
$(TOOLS)/.made: tools/requirements.lock | setup setup-tests
	rm -rf $(TOOLS)
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r tools/requirements.lock
	touch $@

# The Python client as users install it: the wheel that is built from the sdist,
# in an environment with its requirements. The tests use this one.
CLIENT := clients/python
$(BUILD)/client/.made: $(CLIENT)/tests/requirements.lock $(CLIENT)/pyproject.toml $(CLIENT)/README.md $(CLIENT)/LICENSE \
		$(wildcard $(CLIENT)/src/hotcell/*.py) $(TOOLS)/.made
	rm -rf $(@D)
	$(TOOLS)/bin/uv build --quiet --offline --no-build-isolation --python $(TOOLS)/bin/python --out-dir $(@D)/dist $(CLIENT)
	$(PYTHON) -m venv --without-pip $(@D)
	$(TOOLS)/bin/python -m pip --python $(@D)/bin/python install --quiet --require-hashes --only-binary :all: -r $<
	$(TOOLS)/bin/python -m pip --python $(@D)/bin/python install --quiet --no-deps --no-index $(@D)/dist/*.whl
	$(TOOLS)/bin/python -m pip --python $(@D)/bin/python check
	touch $@

# The TypeScript client as users install it, from what npm packs, with its tests.
$(BUILD)/client-node/.made: tools/client-node examples/client.ts supervisor/api/openapi.yaml $(wildcard clients/typescript/*.json clients/typescript/*.md clients/typescript/*/*)
	tools/client-node $(@D)
	touch $@

# The clients of drop-in APIs, as their users have them, from PyPI and from npm.
$(BUILD)/compat/.made: tools/compat/requirements.lock tools/compat/alone/requirements.lock tools/compat/file/requirements.lock tools/compat/take tools/compat/package-lock.json $(TOOLS)/.made
	rm -rf $(@D)
	$(PYTHON) -m venv --without-pip $(@D)
	$(TOOLS)/bin/python -m pip --python $(@D)/bin/python install --quiet --require-hashes --only-binary :all: -r $<
	$(TOOLS)/bin/python -m pip --python $(@D)/bin/python install --quiet --no-deps --require-hashes --no-build-isolation --use-pep517 -r tools/compat/alone/requirements.lock
	tools/compat/take $(TOOLS)/bin/python $(@D)/open_webui
	tools/openapi/install $(BUILD)/compat-node tools/compat
	touch $@

# An environment that make makes elsewhere, so that jails can reach it.
ifneq ($(abspath $(ENVIRONMENT)),$(abspath $(BUILD)/python))
$(ENVIRONMENT)/pyvenv.cfg: | hotcell
	@tools/with 'make $(ENVIRONMENT)' $(BUILD)/hotcell profile build --interpreter $(PYTHON) pyworker/requirements.lock $(ENVIRONMENT)
NEEDED = hotcell $(ENVIRONMENT)/pyvenv.cfg
else ifeq ($(HOTCELL_ROOT),$(abspath $(BUILD)/rootfs))
NEEDED = hotcell $(BUILD)/rootfs/.made
else
NEEDED = hotcell $(BUILD)/python/.made
endif

run: ## serve on 127.0.0.1:8080 with the defaults; says how to try it
	@tools/reachable '$(HOTCELL_PYTHON)'
	@test -x $(BUILD)/hotcell && test -e $(HOTCELL_PYTHON)/pyvenv.cfg || echo 'make: the first time, this takes one to five minutes and 1 GB: it compiles hotcell with Go, and installs Python packages into $(BUILD)'
	@$(MAKE) --no-print-directory $(NEEDED)
	@exec tools/serve $(BUILD)/hotcell $(PYTHON)

install: build ## into PREFIX, /usr/local unless it is given; no service starts
	tools/install $(BUILD) $(BUILD)/python '$(DESTDIR)' '$(PREFIX)' '$(PREFIX)/lib/hotcell/python'

uninstall: ## removes what make install installed
	tools/install --remove '$(DESTDIR)' '$(PREFIX)'

# Not in the repository: it has 2.6 MB, and changes with the contract.
api: $(BUILD)/api.html ## the HTTP API as a page to read, build/api.html; needs Node.js
$(BUILD)/api.html: supervisor/api/openapi.yaml tools/openapi/page tools/openapi/package-lock.json
	tools/openapi/page $(BUILD)/openapi $@

# The page that browsers get is in the repository, so that a build needs no Node.js.
# test-playground compares it with its sources.
PAGE := supervisor/playground/page
NODE := $(BUILD)/playground-node
playground: ## the page that browsers get, built anew from clients/playground; needs Node.js
	tools/openapi/install $(NODE) clients/playground
	$(NODE)/node_modules/.bin/tsc -p clients/playground
	rm -rf $(PAGE)
	node clients/playground/build.mjs $(NODE) $(PAGE)

# A root file system for jails, with a newer Python: docs/performance.md.
rootfs: $(BUILD)/rootfs/.made ## build/rootfs, Debian with Python 3.13 as the root of jails; root
$(BUILD)/rootfs/.made: pyworker/requirements.lock tools/rootfs tools/locales $(TOOLS)/.made
	tools/rootfs $(@D) $< $(TOOLS)/bin/python -m pip
	touch $@

# The notebook profile for that root.
$(BUILD)/rootfs-notebook/.made: profiles/notebook/requirements.lock profiles/notebook/finish.py tools/rootfs-environment $(BUILD)/rootfs/.made
	tools/rootfs-environment $(BUILD)/rootfs $(@D) profiles/notebook/requirements.lock profiles/notebook/finish.py $(TOOLS)/bin/python -m pip
	touch $@

ROOTFS := HOTCELL_ROOT=$(CURDIR)/$(BUILD)/rootfs HOTCELL_PYTHON=$(CURDIR)/$(BUILD)/rootfs/opt/hotcell/python

deb: build ## a Debian package in build/deb
	tools/deb $(BUILD) $(BUILD)/python $(BUILD)/deb

##@ Tests

# Each step is a target of its own. tools/steps.py runs two at a time, and
# continues when one fails, unless it is one with !, which the others need. Steps after --then start when all steps before have
# ended.
STEPS := $(PYTHON) tools/steps.py $(BUILD)/logs
SHORT := test-service test-jails test-attacks test-programs test-units test-worker
ENVIRONMENTS := $(BUILD)/gotestsum $(BUILD)/python-tests/.made $(BUILD)/python-notebook/.made

test: build $(ENVIRONMENTS) ## what each change must pass; 10 min, root for tests that make jails
	$(STEPS) $(SHORT)

test-all: build $(BUILD)/gotestsum ## the same, the linters and the long suites, as CI runs it; 45 min, root
	$(STEPS) lint environments! --then $(SHORT) test-attacks-ordinary test-client test-playground test-compat --then test-faults --then test-eyes --then test-vm --then test-docs test-libraries test-kubernetes --then test-engine

# What the steps share. The linters run beside it, since most of it waits for downloads:
# they make build/client and build/client-node, so this makes all the others.
environments: $(ENVIRONMENTS) $(BUILD)/compat/.made $(BUILD)/rootfs/.made $(BUILD)/cpython/.made $(BUILD)/vm/.made $(BUILD)/prometheus/.made

# -count 1: Go's cache of test results does not know the programs that tests build.
# gotestsum prints at the end what failed and what was skipped. Packages that make
# jails run one at a time (-p 1), since they share $TMPDIR.
GOTESTSUM := $(CURDIR)/$(BUILD)/gotestsum
FORMAT := pkgname
GOTEST = $(GOTESTSUM) --format $(FORMAT) -- -count 1 -timeout 25m
# Up to three tests that fail are run once more, and the gate lists those that pass
# then as flaky: machines of CI are shared, and real processes take their time. A data
# race, an attack and a build that fails are never tried again.
AGAIN := --rerun-fails=1 --rerun-fails-max-failures=3 --rerun-fails-run-root-test --rerun-fails-abort-on-data-race
GOTEST_AGAIN = $(GOTESTSUM) --format $(FORMAT) $(AGAIN) --packages="$(1)" -- -count 1 -timeout 25m

$(BUILD)/tools/vegeta: TOOL := github.com/tsenart/vegeta/v12
$(BUILD)/gotestsum: TOOL := gotest.tools/gotestsum
$(BUILD)/tools/vegeta $(BUILD)/gotestsum: tools/go.mod $(TOOLS)/.made
	go build -modfile=tools/go.mod -o $@ $(TOOL)

test-units: $(BUILD)/gotestsum ## packages that make no jails, with the race detector
	$(call GOTEST_AGAIN,$$(go list ./... | grep -vE '/((nsjail|doctor|cmd|bench|faults|fidelity|deploy)(/|$$)|supervisor$$)')) -race

test-jails: build $(BUILD)/gotestsum ## jails, cgroups, seccomp, the self-test; root
	$(call GOTEST_AGAIN,./nsjail/... ./doctor/... ./fidelity) -race -p 1 -skip '$(LIBRARIES)'

test-service: build $(BUILD)/gotestsum $(BUILD)/python-notebook/.made ## the HTTP service, on real jails; root
	$(call GOTEST_AGAIN,./supervisor) -race

test-programs: build $(BUILD)/gotestsum $(BUILD)/python-tests/.made ## the commands and the benchmark's scenarios; root
	$(call GOTEST_AGAIN,$$(go list ./cmd/... ./bench/... | grep -v hotcell-attack)) -race -p 1

test-attacks: build $(BUILD)/gotestsum ## all hostile scripts in both spawn modes; root
	$(GOTEST) -skip '$(ORDINARY)' ./cmd/hotcell-attack

ORDINARY := ^TestEveryAttackStandsForAnOrdinaryUser$$
test-attacks-ordinary: build $(BUILD)/gotestsum ## the same against a service of an ordinary user; root
	$(GOTEST) -run '$(ORDINARY)' ./cmd/hotcell-attack

test-faults: FORMAT := standard-verbose
test-faults: build $(BUILD)/gotestsum ## what happens under load when something is killed, stopped, full or slow; root
	$(call GOTEST_AGAIN,./faults) -race

test-fleet-jobs: build ## 10,200 jobs of a fleet whose nodes and members are killed and cut off; root
	HOTCELL_FLEET_JOBS=1700 go test -count 1 -v -timeout 60m -run '^TestAFleetAnswersEachJobOnce$$' ./faults

test-worker: build $(TOOLS)/.made ## the worker in the jail, and the table of the gate
	PYTHONPATH=.:tools $(BUILD)/python/bin/python tools/run_pytest.py $(TOOLS) -q -rs -p no:cacheprovider pyworker/tests

test-client: build $(BUILD)/client/.made $(BUILD)/client-node/.made ## the Python and the TypeScript client, as they are installed; root
	$(BUILD)/client/bin/python -m pytest -q -rs -p no:cacheprovider $(CLIENT)/tests
	node --test --test-concurrency=1 --test-reporter=spec --test-reporter-destination=stdout \
		--test-reporter=./clients/playground/tests/reporter.mjs --test-reporter-destination=stdout $(BUILD)/client-node/user/out/*.test.js

test-playground: build $(BUILD)/client/.made ## the page for browsers, in Chromium and on real jails; root
	tools/setup-browser
	$(MAKE) --no-print-directory playground PAGE=$(BUILD)/playground
	diff -r $(BUILD)/playground $(PAGE) || { echo "$(PAGE) is not what clients/playground makes: run make playground"; exit 1; }
	node --test --test-concurrency=1 --test-reporter=spec --test-reporter-destination=stdout \
		--test-reporter=./clients/playground/tests/reporter.mjs --test-reporter-destination=stdout clients/playground/tests/*.test.mjs

test-compat: build $(BUILD)/compat/.made ## drop-in APIs, with the clients that people have; root
	$(BUILD)/compat/bin/python -m pytest -q -rs -p no:cacheprovider compat/tests

test-compat-fleet: build $(BUILD)/compat/.made ## the same of those with sessions, each request at another of three nodes; root
	go build -o $(BUILD)/nats-server github.com/nats-io/nats-server/v2
	HOTCELL_COMPAT_FLEET=yes $(BUILD)/compat/bin/python -m pytest -q -rs -p no:cacheprovider compat/tests/test_e2b.py compat/tests/test_jupyter.py compat/tests/test_azure.py

# Python's own tests, in a cell and beside it. Of CPython's the gate runs those that
# say most in a minute; make test-rootfs runs all, and those of the notebook profile's
# libraries.
LIBRARIES := ^TestPythonsOwnTestsPassInACellOrHaveAReason$$
CPYTHON := test_(os|subprocess|threading|signal|io|mmap|tempfile|shutil|fcntl|resource|pwd|sys|runpy|import|ctypes|sqlite3|builtin|time|warnings)
test-libraries: build $(BUILD)/gotestsum $(BUILD)/python-tests/.made $(BUILD)/cpython/.made ## numpy's, pandas' and a part of CPython's own tests in a cell; 3 min, root
	$(GOTEST) -parallel 4 -run '$(LIBRARIES)/^(cpython|numpy|pandas)$$/modules/^(numpy|pandas|test\.$(CPYTHON)$$)' ./fidelity

$(BUILD)/cpython/.made: $(BUILD)/rootfs/.made tools/fidelity/setup
	tools/fidelity/setup $(BUILD)/rootfs $(@D)
	touch $@

test-docs: build ## the commands that the documentation shows, in a clean clone; root
	$(PYTHON) tools/docs_run.py

# Debian's Prometheus, Caddy and nginx, unpacked and not installed, so that no service starts.
$(BUILD)/prometheus/.made: tools/setup-eyes
	tools/setup-eyes $(@D)
	touch $@

test-eyes: build $(BUILD)/gotestsum $(BUILD)/prometheus/.made ## Prometheus, its rules and the dashboard on a hotcell under load; packages, proxies, ways to start; root
	$(call GOTEST_AGAIN,./deploy)

test-kubernetes: hotcell $(BUILD)/gotestsum ## the Kubernetes manifests, held to Kubernetes' own types
	cd deploy/kubernetes/check && $(GOTEST) ./...

$(BUILD)/vm/.made: $(BUILD)/python/.made tools/vm/image tools/vm/init
	tools/vm/image $(BUILD)/vm $(BUILD)/python
	touch $@

test-vm: build $(BUILD)/vm/.made ## jails with kernel 6.1 and cgroup version 2, in an emulated machine; 9 min, root
	rm -rf $(BUILD)/vm/in && mkdir -p $(BUILD)/vm/in
	CGO_ENABLED=0 go build -o $(BUILD)/vm/in/ ./cmd/hotcell ./cmd/hotcell-attack
	CGO_ENABLED=0 go test -c -o $(BUILD)/vm/in/nsjail.test ./nsjail
	CGO_ENABLED=0 go test -c -o $(BUILD)/vm/in/doctor.test ./doctor
	CGO_ENABLED=0 go test -c -o $(BUILD)/vm/in/cgroup.test ./nsjail/cgroup
	cp tools/vm/job $(BUILD)/vm/in/
	tools/vm/run $(BUILD)/vm $(BUILD)/vm/in 2100

test-engine: build $(BUILD)/rootfs/.made ## the image, built and run by Docker; 8 min, root
	tools/engine $(BUILD)/.engine $(BUILD)/rootfs

test-rootfs: build $(BUILD)/gotestsum $(BUILD)/cpython/.made $(BUILD)/rootfs-notebook/.made $(BUILD)/python-tests/.made $(BUILD)/python-libraries/.made ## jails, hostile scripts and all of CPython's own tests on Python 3.13, and libraries' tests; an hour, root
	$(ROOTFS) $(call GOTEST_AGAIN,./nsjail ./doctor ./fidelity) -p 1 -skip '$(LIBRARIES)'
	$(ROOTFS) HOTCELL_TEST_SNAPSHOT=no $(call GOTEST_AGAIN,./nsjail ./doctor ./supervisor) -p 1
	$(ROOTFS) HOTCELL_SNAPSHOT=no $(call GOTEST_AGAIN,./faults)
	$(ROOTFS) $(GOTEST) -timeout 60m ./cmd/hotcell-attack
	$(ROOTFS) HOTCELL_SNAPSHOT=no $(GOTEST) -run '^TestEveryAttack.*/^fork$$' ./cmd/hotcell-attack
	$(ROOTFS) $(call GOTEST_AGAIN,./supervisor) -run '^TestTheNotebookProfile'
	$(GOTEST) -parallel 4 -timeout 60m -run '$(LIBRARIES)' ./fidelity

fuzz: ## a minute of fuzzing for each decoder
	go test -run '^$$' -fuzz FuzzReadFrame -fuzztime 60s ./protocol

lint: hotcell $(TOOLS)/.made $(BUILD)/client/.made $(BUILD)/client-node/.made ## formatting, linters, types, the documentation, the HTTP contract; 1 min, needs Node.js
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...
	go tool -modfile=tools/go.mod gosec -quiet -exclude-dir=build -exclude=$(GOSEC_EXCLUDE) ./...
	go mod tidy -diff
	go mod verify
	$(TOOLS)/bin/ruff check .
	$(TOOLS)/bin/ruff format --check .
	$(TOOLS)/bin/mypy
	$(PYTHON) tools/docs_check.py $(BUILD)/hotcell
	cd $(CLIENT) && $(CURDIR)/$(TOOLS)/bin/mypy --python-executable $(CURDIR)/$(BUILD)/client/bin/python
	cd clients/typescript && $(CURDIR)/$(BUILD)/client-node/node_modules/.bin/biome check --error-on-warnings .
	tools/openapi/check $(BUILD)/openapi
	$(TOOLS)/bin/shellcheck .ci/run tools/client-node tools/openapi/check tools/openapi/install tools/openapi/page tools/setup tools/setup-browser tools/setup-eyes tools/install tools/with tools/reachable tools/serve tools/rootfs tools/rootfs-environment tools/locales tools/requested tools/compat/take tools/fidelity/setup tools/engine tools/deb tools/plots/run tools/mirror tools/vm/*

##@ Figures

# On the newer Python, where it is available. The plots are drawn even if a goal
# is missed; then the exit status is 1.
BENCH_ROOT := $(if $(shell command -v apt-get),$(BUILD)/rootfs/.made)
BENCH := $(if $(BENCH_ROOT),$(ROOTFS)) tools/plots/run $(BUILD)/plots/bin/python $(BUILD)/hotcell-bench --out $(or $(OUT),$(BUILD)/bench)
bench: build $(BENCH_ROOT) $(BUILD)/plots/.made ## the short benchmark, with plots in build/bench; 5 min, root
	$(BENCH)

bench-speed: build $(BENCH_ROOT) $(BUILD)/plots/.made ## its goals of speed alone, in OUT=build/bench; 3 min, root
	$(BENCH) --scenario sequential,megabytes,throughput,cpu,openloop,refill,poolsizes,hostile,printing

figures: $(BUILD)/plots/.made ## RUNS='build/bench …' become the figures of the documentation
	$(BUILD)/plots/bin/python tools/plots/renew.py $(RUNS)

bench-all: build $(BENCH_ROOT) $(BUILD)/plots/.made $(BUILD)/tools/vegeta ## every scenario, for longer; SOAK=10m, say; root
	$(BENCH) --scenario all --scale 3 --soak $(or $(SOAK),2m) --vegeta $(BUILD)/tools/vegeta

# The dashboard during test-eyes, as docs/observability.md shows it.
picture: build $(BUILD)/prometheus/.made $(BUILD)/plots/.made
	HOTCELL_PICTURE=$(CURDIR)/$(BUILD)/picture.json go test -count 1 ./deploy
	$(BUILD)/plots/bin/python tools/plots/dashboard.py $(BUILD)/picture.json docs/dashboard.svg

# The page, as docs/playground.md shows it.
pictures: build $(BUILD)/client/.made
	PLAYGROUND_PICTURES=$(CURDIR)/docs node --test --test-name-pattern=pictures clients/playground/tests/*.test.mjs

##@ Upkeep

lock: $(TOOLS)/.made ## new locks, from the newest releases
	for dir in pyworker pyworker/tests profiles/notebook profiles/notebook/tests tools tools/compat tools/compat/alone tools/compat/file tools/plots $(CLIENT)/tests; do $(TOOLS)/bin/uv pip compile --quiet --universal --generate-hashes --no-header \
		--upgrade $$(case $$dir in tools/compat/*) echo --no-deps;; esac) --python-version $$(test $$dir = $(CLIENT)/tests && echo 3.10 || echo 3.11) $$dir/requirements.in -o $$dir/requirements.lock || exit 1; done

clean: ## all that make made
	rm -rf $(BUILD)
