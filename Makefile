# Everything lives in .venv; each verb below brings what it needs. `make` alone prints the verbs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo phone test lint format bench pins vendor clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_ARGS ?=
PHONE_ARGS ?=
TEST_ARGS ?=
BENCH_ARGS ?=
DEBIAN_PACKAGES := chromium strace postgresql default-jdk-headless libgl1 libegl1 libgles2 libgl1-mesa-dri gdal-bin

help:
	@echo 'make demo     the whole system on this machine; options: make demo DEMO_ARGS="--no-browser --port 8899"'
	@echo 'make phone    the phone app in a window, on a simulated drive; options: make phone PHONE_ARGS="drive.zip --speed 4"'
	@echo 'make setup    everything a developer needs, in $(VENV)'
	@echo 'make test     format, types, imports and tests; options: make test TEST_ARGS="-k wire"'
	@echo 'make lint     format, types and imports only'
	@echo 'make format   rewrite the sources in the one format'
	@echo 'make bench    how well and how fast: prints figures, takes minutes; options: BENCH_ARGS="--quick"'
	@echo 'make pins     write constraints.txt anew from the newest versions that fit together'
	@echo 'make vendor   fetch the map library anew (needs npm; its files are committed)'
	@echo 'make clean    remove $(VENV) and every cache'

demo: $(VENV)/.demo
	@$(BIN)/cahot demo $(DEMO_ARGS)

phone: $(VENV)/.phone
	@$(BIN)/cahot phone $(PHONE_ARGS)

setup: $(VENV)/.dev

test: lint debian
	@$(BIN)/pytest -n 3 $(TEST_ARGS)

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.evaluate $(BENCH_ARGS)
	@$(BIN)/python -m benchmarks.speed

pins: $(BIN)/python
	@rm -rf build/pins && $(PYTHON) -m venv build/pins && build/pins/bin/pip install --quiet -e '.[server,postgresql,s3,app,notebooks,dev]'
	@{ sed -n '/^#/p' constraints.txt; build/pins/bin/pip freeze --exclude-editable; } > build/constraints.txt
	@mv build/constraints.txt constraints.txt && rm -rf build/pins && echo 'constraints.txt written; now: make test'

vendor:
	@tools/vendor-maplibre.sh

clean:
	@rm -rf $(VENV) build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

comma := ,
# One line a package while pip works: its own bars are lost in the noise, and silence of a minute looks like a hang.
# Its warnings are about this machine's settings of pip, its errors about us.
define install
@echo 'Installing cahot with its $(1) parts into $(VENV) (once; a minute or two)'
@$(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable '.[$(1)]' \
	2> >(grep -v '^WARNING: ' >&2) \
	| sed -u -n -e 's/^Collecting \([A-Za-z0-9._-]*\).*/  \1/p' -e 's/^Installing collected.*/  unpacking/p'
endef

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is missing or older than 3.11; name another: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "no venv module; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	$(call install,server$(comma)plots)
	@touch $@

$(VENV)/.phone: pyproject.toml constraints.txt | $(BIN)/python
	$(call install,server$(comma)app)
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(call install,dev)
	@touch $@ $(VENV)/.demo  # dev includes both

# Tests that need a program which is not there skip and say so; this only makes fewer of them skip.
.PHONY: debian
debian:
	@missing=''; for p in $(DEBIAN_PACKAGES); do command -v $${p/default-jdk-headless/javac} >/dev/null || ls -d /usr/lib/$$p/*/bin >/dev/null 2>&1 || dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo "not installed:$$missing (no apt-get here); tests that drive it will skip"; exit 0; fi; \
	as_root=''; if [ "$$(id -u)" != 0 ]; then as_root='sudo -n'; fi; \
	if [ -n "$$as_root" ] && ! sudo -n true 2>/dev/null; then \
		echo "not installed:$$missing (needs root: apt-get install$$missing); tests that drive it will skip"; exit 0; fi; \
	echo "Installing$$missing"; \
	{ $$as_root apt-get update -qq && $$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends $$missing; } >/dev/null 2>&1 \
		|| echo "could not install$$missing; tests that drive it will skip"
