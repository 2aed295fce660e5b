# Each target sets up what it needs: a fresh clone, Python 3.11, make and the network are enough.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYPROJECTS := pyproject.toml engine/pyproject.toml checkers/pyproject.toml server/pyproject.toml
SYNC := UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --quiet --compile-bytecode --all-packages --all-extras --inexact

CATALOG := examples/catalog
SOURCES ?= PAL-penguins world-countries biomappings-negative PAL-penguins-json PAL-penguins-raw
PYTEST_ARGS ?= -n auto --dist worksteal
BENCH_ARGS ?=
STUDY_ARGS ?=
PORT ?= 8080

$(VENV)/ready: $(PYPROJECTS)
	@echo "Setting up $(VENV): this is done once, and takes about a minute."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Potable needs Python 3.11 or later: make PYTHON=python3.11 ...")'
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/pip install --quiet --disable-pip-version-check uv; }
	@$(SYNC) --group dev
	@touch $@

$(VENV)/ready-bench: $(VENV)/ready
	@echo "Installing the benchmark's peers into $(VENV)."
	@$(SYNC) --group dev --group bench
	@touch $@

$(VENV)/ready-study: $(VENV)/ready
	@echo "Installing packages with public tables into $(VENV)."
	@$(SYNC) --group dev --group study
	@touch $@

.PHONY: help setup run test check bench study serve docs format
help: ## show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/ready ## install everything into .venv

run: $(VENV)/ready ## check the example sources for errors and show the reports
	@code=0; POTABLE_STATE=.state $(BIN)/potable run $(SOURCES) --catalog $(CATALOG) || code=$$?; \
	case $$code in \
	  0) ;; \
	  1) echo; echo "Two sources FAILED, as they should: the raw penguins are real, and so are their faults."; \
	     echo "Its definition: $(CATALOG)/penguins-raw.yaml. More sources: $(BIN)/potable sources --catalog $(CATALOG)";; \
	  *) echo "potable run ended with exit code $$code" >&2; exit $$code;; \
	esac

test: $(VENV)/ready ## run all tests
	@$(BIN)/python -m compileall -q engine/src checkers/src server/src # else, with PYTHONDONTWRITEBYTECODE, by each process
	@$(BIN)/pytest $(PYTEST_ARGS)

check: $(VENV)/ready ## lint, format, types, layers, and whether the reference is up to date
	@echo "ruff check" && $(BIN)/ruff check --quiet .
	@echo "ruff format" && $(BIN)/ruff format --quiet --check .
	@echo "mypy" && $(BIN)/mypy && $(BIN)/mypy benchmarks docs examples/plugin/src
	@echo "import layers" && $(BIN)/lint-imports --no-cache
	@echo "docs" && $(BIN)/python docs/generate.py --check

format: $(VENV)/ready ## put the code into shape
	@$(BIN)/ruff check --quiet --fix . && $(BIN)/ruff format --quiet .

bench: $(VENV)/ready-bench ## measure Potable beside its peers (BENCH_ARGS=--help shows what can be set)
	@$(BIN)/python -m compileall -q engine/src checkers/src server/src  # the peers are compiled, too
	@$(BIN)/python -m benchmarks.run $(BENCH_ARGS)

study: $(VENV)/ready-study ## count false alarms and missed faults on public tables (STUDY_ARGS=--help shows what can be set)
	@$(BIN)/python -m benchmarks.false_alarms $(STUDY_ARGS)

serve: $(VENV)/ready ## serve the example catalog, and print the calls to paste
	@$(BIN)/python -m potable.server --demo --catalog $(CATALOG) --port $(PORT)

docs: $(VENV)/ready ## write docs/reference anew from the code
	@$(BIN)/python docs/generate.py
