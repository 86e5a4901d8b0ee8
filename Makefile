# One Map: everything starts here. `make run` serves the sample city, `make test` checks the whole project.
# Needs Python 3.11 to 3.13 with venv, make and git; installs the rest (see CONTRIBUTING.md).

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run setup test lint soak smoke bench lock web postgis test-tools clean pre-commit

UV_VERSION := 0.13.9
BIN := $(CURDIR)/.venv/bin
ROOMS := geo layers tilecache api sample_gis
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)

# The first Python that will do; asked for only while there is no .venv.
find_python = $(shell for python in python3 python3.11 python3.12 python3.13; do \
    $$python -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
    && command -v $$python && break; done)
no_python := Python 3.11, 3.12 or 3.13 with venv is not here. On Debian: apt-get install python3 python3-venv

# uv does not read pip's settings: pass on which index and which certificates this machine uses.
setting = $$($(BIN)/pip config get global.$(1) 2>/dev/null || true)
uv = index="$${PIP_INDEX_URL:-$(call setting,index-url)}"; certificates="$${PIP_CERT:-$(call setting,cert)}"; \
    [ -z "$$index" ] || export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; \
    [ -z "$$certificates" ] || export SSL_CERT_FILE="$${SSL_CERT_FILE:-$$certificates}"; \
    $(BIN)/uv --quiet --no-progress
npm = cd web && PATH="$(BIN):$$PATH" PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm --no-fund --no-audit

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 18

run: setup  ## the sample city at http://127.0.0.1:8000
	@exec $(BIN)/onemap up

setup: .venv/.ready postgis web/dist/index.html  ## everything `make run` needs, without starting it

test: setup test-tools  ## lint, types, web tests, and the four rings of Python tests
	@$(BIN)/python .ci/checks.py

lint: .venv/.ready  ## ruff, mypy, import directions
	@$(BIN)/python .ci/checks.py lint

soak: setup test-tools  ## full sizes, many minutes, and properties tried on new examples
	@$(BIN)/pytest -m soak -n 0
	@$(BIN)/pytest -q -n 2 --hypothesis-profile=seeking tests/geo

smoke: setup  ## start the service in an empty place, fetch page, tile and item, stop it
	@$(BIN)/python .ci/smoke.py

bench: setup test-tools  ## measurements against peers, printed as ratios
	@for file in bench/*.py; do $(BIN)/python "$$file" || exit 1; done

web: web/dist/index.html  ## the web application

postgis: .venv/.python  ## PostgreSQL and PostGIS from Debian, where they are missing
	@PYTHONPATH=. $(BIN)/python -m api.embedded.packages postgis

test-tools: .venv/.python  ## Chromium and GDAL for the tests from Debian, where they are missing
	@PYTHONPATH=. $(BIN)/python -m api.embedded.packages browser gdal || [ -z "$$CI" ]

lock: .venv/.uv  ## requirements.lock anew from pyproject.toml
	@$(uv) pip compile --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	    --extra dev --extra web -o requirements.lock pyproject.toml

pre-commit: .venv/.ready  ## run ruff and mypy before each commit
	@$(BIN)/pre-commit install

clean:  ## remove what was built here, the city's data included
	@[ ! -x $(BIN)/onemap ] || $(BIN)/onemap db destroy --yes
	@rm -rf .venv .onemap web/node_modules web/dist

.venv/.python:
	@python="$(find_python)"; [ -n "$$python" ] || { echo "onemap: $(no_python)" >&2; exit 1; }; \
	    $$python -m venv .venv
	@touch $@

.venv/.uv: | .venv/.python
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# Compiled at the install: where PYTHONDONTWRITEBYTECODE is set, each start would compile everything again.
.venv/.ready: requirements.lock pyproject.toml | .venv/.uv
	@echo "Installing the Python environment …"
	@$(uv) pip sync --require-hashes --compile-bytecode requirements.lock
	@$(uv) pip install --no-deps --editable .
	@$(BIN)/python -m compileall -q $(ROOMS)
	@touch $@

web/node_modules/.ready: web/package-lock.json web/package.json .venv/.ready
	@echo "Installing the web tools …"
	@$(npm) ci --silent
	@touch $@

web/dist/index.html: web/node_modules/.ready $(WEB_SOURCES)
	@echo "Building the web application …"
	@$(npm) run --silent build -- --logLevel warn
	@touch $@
