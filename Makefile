# Each target sets up what it needs: a fresh clone, Python 3.11, make and the network are enough.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYPROJECTS := pyproject.toml engine/pyproject.toml checkers/pyproject.toml server/pyproject.toml

$(VENV)/ready: $(PYPROJECTS)
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/pip install --quiet --disable-pip-version-check uv; }
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --quiet --all-packages --all-extras --group dev --inexact
	@touch $@

.PHONY: help setup
help: ## show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/ready ## install everything into .venv
