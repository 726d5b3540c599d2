# make demo    installs what is needed, then grows a small model (about six minutes on two cores)
# make test    installs the tools for developers as well, then runs lint, types and tests
# make check   the long checks: documented commands, end to end, browser
PYTHON ?= $(shell command -v python3.11 || command -v python3)
RUN := .venv/bin

INSTALL := $(RUN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: setup setup-dev demo test check lint clean

setup: .venv/.ready
setup-dev: .venv/.ready-dev

# The environment is made again when what it is made from changes.
.venv/.ready: pyproject.toml constraints.txt
	test -x $(RUN)/python || $(PYTHON) -m venv .venv
	$(INSTALL) -e .
	touch $@

.venv/.ready-dev: .venv/.ready
	$(INSTALL) -e '.[dev]'
	touch $@

demo: setup
	$(RUN)/groundup quickstart

lint: setup-dev
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy

test: setup-dev lint
	$(RUN)/pytest -m 'not long' -n 2

check: setup-dev
	$(RUN)/pytest -m long -n 2

clean:
	rm -rf .venv build src/*.egg-info
