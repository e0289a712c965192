# What one types here. Needs Python 3.11 or newer and make; everything else goes into .venv.

PYTHON ?= python3
VENV ?= .venv
TORCH ?= torch==2.13.0
JOBS ?= 2

BIN := $(abspath $(VENV))/bin
RUN := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

export OMP_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

.PHONY: help demo test lint dear bench theory mutate exam population site
.DELETE_ON_ERROR:

help:
	@echo "make demo    install, then diagnose and cure the XNOR network"
	@echo "make test    install what tests need, then lint, types, layers and the whole suite"
	@echo "make lint    ruff, mypy --strict, the layers"
	@echo "make dear    the tests that make test leaves out since they take long"
	@echo "make bench   what recording and proving cost, on this machine"
	@echo "make theory  forecasts against real training, and the solver beside others (long)"
	@echo "make exam    the scripts of tests/exam, and how many of them are judged rightly"
	@echo "make population  200 drawn scripts, with faults planted in most: recall, precision, cures (hours)"
	@echo "make site    the project's site into build/site; the first time with all of its runs (hours)"
	@echo "make mutate  plant bugs in the rules; the suite has to notice each"

demo: $(RUN)
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && cd "$$folder" && PATH="$(BIN):$$PATH" && \
	show() { echo; echo "\$$ $$*"; "$$@"; } && \
	show unstuck case copy xnor && \
	show unstuck run xnor.py && \
	{ show unstuck fix -y xnor.py; [ $$? -eq 1 ] || { echo "no verified diff"; exit 1; }; }

test: $(DEV)
	@lint=0; $(MAKE) --no-print-directory lint || lint=1; \
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup || exit; \
	[ $$lint = 0 ] || { echo "the tests pass, but lint fails: see above"; exit 1; }

lint: $(DEV)
	@failed=; \
	for check in "ruff check" "ruff format --check" "mypy --strict" "lint-imports --no-logo"; do \
	    echo "$$check"; $(BIN)/$$check || failed="$$failed [$$check]"; \
	done; \
	[ -z "$$failed" ] || { echo "lint fails:$$failed"; exit 1; }

dear: $(DEV)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m dear

bench: $(DEV)
	@$(BIN)/python -m benchmarks

theory: $(DEV)
	@$(BIN)/python -m benchmarks.forecasts
	@$(BIN)/python -m benchmarks.solvers

exam: $(DEV)
	@$(BIN)/python -m tests.exam

population: $(DEV)
	@$(BIN)/python -m tests.population --out .population.jsonl --resume

site: $(DEV)
	@$(BIN)/python -m website --jobs $(JOBS)

mutate: $(DEV)
	@$(BIN)/python -m tests.rules.mutations

# torch comes first and by its version, so that pip keeps to a build without CUDA where it finds one.
$(RUN): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet "$(TORCH)"
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(DEV): pyproject.toml $(RUN)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@
