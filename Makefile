# Each target makes its own .venv when it is missing; nothing needs root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check bench nightly example migration peers clean

demo: $(READY)  ## a sample school and one whole week, end to end
	rm -rf demo
	$(BIN)/fridayfolder demo --dir demo

test: $(READY)  ## everything that must hold, in a few minutes
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not nightly" $(ARGS)

check: $(READY)  ## style, types, and that generated files are fresh
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m office.example_config | diff -u config.example.toml -

bench: $(READY)  ## speed and memory against peers in the same run; ONLY=prepare for one
	$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

nightly: $(READY)  ## the long runs: 200 kills, 100,000 mutated mails
	$(BIN)/python -m pytest -q -m nightly --timeout 3600 $(ARGS)

example: $(READY)  ## write config.example.toml from the settings
	$(BIN)/python -m office.example_config > config.example.toml

migration: $(READY)  ## NAME=what_it_does: write the next migration from storage/tables.py
	$(BIN)/python -m storage.write_migration $(NAME)

peers:  ## the Debian packages that the fullest tests and benchmarks use; needs root
	sh .ci/peers

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Friday Folder needs Python 3.11 or newer: make PYTHON=python3.12 test")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -U "pip>=25.1"
	$(BIN)/python -m pip install -q --disable-pip-version-check -e ".[demo]" --group dev
	touch $@

clean:
	rm -rf $(VENV) demo bench/results.json
