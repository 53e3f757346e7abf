# Slipway. Each target sets up what it needs; a second run finds it done.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON := .venv/bin/python
BUNDLE_ROOT := $(or $(SLIPWAY_BUNDLE_ROOT),$(or $(SLIPWAY_DATA_DIR),var)/bundles)

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | sort | \
		awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: demo run test
demo: prepare ## real hosts, the main job through the public API, the UI left up (ARGS=…)
	@$(PYTHON) manage.py demo $(ARGS)

run: venv frontend ## Slipway on this machine, its address and first login printed (ARGS=…)
	@$(PYTHON) manage.py serve $(ARGS)

test: prepare ## every check and test; what this machine can't run is listed with the reason
	@$(PYTHON) .ci/stages.py

.PHONY: soak bench
soak: prepare ## the tests that take long: races of processes, thousands of sequences (ARGS=…)
	@$(PYTHON) -m tests.services run -- $(PYTHON) -m pytest -m soak $(ARGS)

bench: prepare ## Slipway against its peers, as a table (ARGS=names of some)
	@$(PYTHON) -m tests.benchmarks $(ARGS)

.PHONY: lint lint-fix openapi requirements
lint: venv frontend ## linters, types, import rules, generated files
	@$(PYTHON) .ci/stages.py --lint

lint-fix: venv frontend ## what the linters can repair, repaired
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
	cd frontend && npm run format

openapi: venv frontend ## openapi.json and the SPA's client types, from the code
	DJANGO_SETTINGS_MODULE=config.settings.test $(PYTHON) manage.py spectacular \
		--format openapi-json --validate --fail-on-warn --file openapi.json
	cd frontend && npm run api

PIP_COMPILE := $(PYTHON) -m piptools compile --quiet --strip-extras --no-header --no-emit-options \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
requirements: venv ## requirements*.txt from requirements*.in (ARGS=--upgrade for newer versions)
	$(PIP_COMPILE) $(ARGS) --output-file requirements.txt requirements.in
	$(PIP_COMPILE) $(ARGS) --output-file requirements-dev.txt requirements-dev.in

.PHONY: prepare venv frontend lab-image bundle
prepare: ## everything below, and the machine's own packages
	@.ci/prepare

venv: ## .venv with what requirements-dev.txt pins
	@.ci/once venv .venv/bin/python requirements-dev.txt -- .ci/venv

frontend: ## the SPA's packages, and the SPA built
	@.ci/frontend

lab-image: venv ## the host image of tests/lab
	@$(PYTHON) -m tests.lab image >/dev/null

bundle: venv ## the bundle compose-debian13, with its packages
	@.ci/once bundle $(BUNDLE_ROOT)/bin/linux-amd64/compose-debian13 \
		script environments/bundles -- $(PYTHON) manage.py bundle build compose-debian13
