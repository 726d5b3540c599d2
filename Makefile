# make demo    installs everything, then grows a small model (about five minutes on two cores)
# make test    installs everything, then runs the tests
# make check   the long checks: documented commands, end to end
PYTHON ?= $(shell command -v python3.11 || command -v python3)
RUN := .venv/bin

.PHONY: setup demo test check lint clean

setup: .venv/.ready

# The environment is made again when what it is made from changes.
.venv/.ready: pyproject.toml constraints.txt
	test -x $(RUN)/python || $(PYTHON) -m venv .venv
	$(RUN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: setup
	$(RUN)/groundup quickstart

lint: setup
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy

test: setup lint
	$(RUN)/pytest -m 'not long' -n 2

check: setup
	$(RUN)/pytest -m long

clean:
	rm -rf .venv build src/*.egg-info
