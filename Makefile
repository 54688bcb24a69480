PYTHON ?= python3
PREPARE = $(PYTHON) tools/environment.py
.PHONY: reproduce test test-browser lab lint lock clean

reproduce: ; @$(PREPARE) run && .venv/bin/crossover run
test: ; @$(PREPARE) dev && .venv/bin/python -m pytest -n auto --dist loadscope
test-browser: ; @$(PREPARE) dev && { command -v chromium >/dev/null || { apt-get update && apt-get install -y --no-install-recommends chromium; }; } && .venv/bin/python -m pytest -m browser tests/browser
lab: ; @$(PREPARE) dev && .venv/bin/crossover open $(ARGS)
lint: ; @$(PREPARE) dev && .venv/bin/ruff check . && .venv/bin/ruff format --check .
lock: ; @$(PREPARE) lock
clean: ; @rm -rf .venv build .pytest_cache .ruff_cache .hypothesis data/processed/*.parquet data/processed/*.csv data/processed/.run-* figures/.run-*
