# `make help` lists what can be made. Each target does its own set-up; a second run is fast.
#
# `make demo` needs Python 3.11 or newer and a package index, and nothing else: no compiler,
# no Go, no git. `make test` also builds the pinned OPA and Helm where Go is present, and
# installs chromium where apt-get and root are.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Steps stand in order: tools before lint, both before tests. The work inside is parallel.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# Wheels only: what needs a compiler fails here with its name, not on the operator's machine.
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --only-binary :all:
# Two workers: what the promised times are measured with.
WORKERS ?= 2
# A new seed each day finds more than one seed for ever; it is printed, so a run can be repeated.
SEED ?= $(shell date +%Y%m%d)

.PHONY: help demo test test-long lint bench bench-long policy-site tools chart clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.server ## show the gateway at work, with fictional agencies
	@$(BIN)/tasuki demo

test: .venv/.test tools lint ## every test with small counts, after tools and lint
	@echo "test: pytest, $(WORKERS) workers"
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not long" --hypothesis-seed=$(SEED)

test-long: .venv/.test tools ## the large counts of every promise, at most 60 minutes
	@echo "test-long: pytest, seed $(SEED)"
	@mkdir -p var benchmarks/results
	@rm -f var/long.xml
	@status=0; \
	$(BIN)/python -m pytest -n $(WORKERS) -m long --hypothesis-seed=$(SEED) --timeout 3000 \
	  --junit-xml var/long.xml || status=$$?; \
	$(BIN)/python tools/long_summary.py var/long.xml benchmarks/results/long.json --seed $(SEED) \
	  && $(BIN)/python -m tests.crash.summary var/long.xml benchmarks/results/long.json \
	  && exit $$status

lint: .venv/.test ## ruff, mypy, the floors, and OPA's checks where OPA is there
	@echo "lint: ruff check"
	@$(BIN)/ruff check --quiet .
	@echo "lint: ruff format --check"
	@$(BIN)/ruff format --quiet --check .
	@echo "lint: mypy"
	@$(BIN)/mypy
	@echo "lint: import-linter"
	@$(BIN)/lint-imports --no-logo > .venv/.lint-imports || { cat .venv/.lint-imports; exit 1; }
	@echo "lint: policies"
	@$(BIN)/python tools/lint_policies.py

bench: .venv/.test tools ## measured ratios beside a gateway one would build oneself
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.replay
	@$(BIN)/python -m benchmarks.signer

bench-long: .venv/.test tools ## the same with longer rounds
	@$(BIN)/python -m benchmarks --long

policy-site: .venv/.test ## run the features and write the living documentation to var/policy-site
	@mkdir -p var
	@status=0; \
	$(BIN)/python -m pytest -q tests/features --cucumberjson var/features.json \
	  || status=$$?; \
	$(BIN)/tasuki policy docs --site var/policy-site --results var/features.json && exit $$status

tools: ## build the pinned OPA and Helm, link them into .tools/; chromium where apt may
	@tools/install.sh

chart: .venv/.test tools ## write the chart's README and golden renders anew
	@$(BIN)/python deploy/helm/readme.py
	@$(BIN)/python deploy/helm/golden.py

clean: ## remove everything that was made here, not what was stored in var/
	rm -rf .venv .tools build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache \
	  .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip comes last into a virtual environment: where it is, the environment is whole.
.venv/bin/pip:
	@tools/venv.sh .venv

.venv/.server: .venv/bin/pip pyproject.toml
	@echo "set-up: packages of the gateway into .venv"
	@$(PIP) --editable '.[server]'
	@touch $@

# Dependency groups need pip 25.1, newer than what Python 3.11 brings.
.venv/.test: .venv/bin/pip pyproject.toml
	@echo "set-up: packages of the gateway, its tests and linters into .venv"
	@$(PIP) --upgrade 'pip>=25.1'
	@$(PIP) --editable '.[server,postgres]' --group test --group lint
	@touch $@ .venv/.server
