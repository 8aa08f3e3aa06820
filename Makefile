# Everything here needs Python >= 3.11 and make; written for GNU make 3.81 and later.
# make turns any failure into its own code 2: schedulers call .venv/bin/breadthbook, whose codes say more.

SHELL := /bin/sh
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

# options for pytest, e.g. make test PYTEST_ARGS="-k breakout"
PYTEST_ARGS ?= -n auto --dist loadfile
# some benchmarks instead of all, e.g. make bench BENCH="startup workloads"; these leave docs/performance.md as it is
BENCH ?=
# an interpreter of your choice for .venv, e.g. make run PYTHON=python3.12
PYTHON ?=

# where this is set, every start would compile the whole stack again
unexport PYTHONDONTWRITEBYTECODE
# a library path of another environment would be imported instead of this one
unexport PYTHONPATH PYTHONHOME

.PHONY: help run live lab test lint bench docs pins clean

help:
	@echo "make run    write the sample note (simulated bars, no network needed after the installation)"
	@echo "make live   write the note of params/daily.yaml and print the exit code of the command"
	@echo "make lab    open the notebooks in JupyterLab"
	@echo "make test   run the fast tests"
	@echo "make lint   check style, format and types"
	@echo "make bench  measure speed against peers and budgets, and write docs/performance.md"
	@echo "make docs   write the pages of docs/ that come from the code anew"
	@echo "make pins   write constraints.txt anew (needs uv)"
	@echo "make clean  remove .venv and the tools' caches; outputs/ stays"

run: .venv/runtime.stamp
	@$(BIN)/breadthbook run params/sample.yaml

live: .venv/runtime.stamp
	@code=0; $(BIN)/breadthbook run params/daily.yaml || code=$$?; \
	echo "breadthbook ended with exit code $$code"; exit $$code

lab: .venv/runtime.stamp
	@$(BIN)/jupyter lab

test: .venv/test.stamp
	@$(BIN)/python -m pytest -m "not slow" $(PYTEST_ARGS)

lint: .venv/test.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: .venv/bench.stamp
	@$(BIN)/python -m benchmarks $(BENCH)

docs: .venv/test.stamp
	@$(BIN)/python docs/findings.py
	@$(BIN)/python docs/words.py

pins:
	@(sed '/^[^#]/,$$d' constraints.txt; \
	uv pip compile --universal --python-version 3.11 --all-extras --upgrade --quiet \
	  --no-emit-index-url --no-annotate --no-header pyproject.toml) > constraints.new
	@mv constraints.new constraints.txt

clean:
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis

# a shim may stand on the PATH and fail when it is run, so each candidate is tried
.venv/bin/python:
	@for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python); do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1; then \
	    echo "Making .venv with $$("$$python" --version)"; \
	    exec "$$python" -m venv --clear .venv; \
	  fi; \
	done; \
	echo "No Python 3.11, 3.12 or 3.13 with venv answers here; install one, or name it: make run PYTHON=/path/to/python" >&2; \
	exit 1

.venv/runtime.stamp: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing breadthbook into .venv (once, about a minute) ..."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(PIP) install -c constraints.txt -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

.venv/test.stamp: .venv/runtime.stamp
	@echo "Installing what the tests need into .venv ..."
	@$(PIP) install -c constraints.txt -e ".[test]"
	@touch $@

.venv/bench.stamp: .venv/test.stamp
	@echo "Installing the peers to measure against into .venv ..."
	@$(PIP) install -c constraints.txt -e ".[test,bench]"
	@touch $@
