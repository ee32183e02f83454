# Every target sets up what it needs. `make run` and `make test` are the two that a newcomer types.

PYTHON ?= $(shell command -v python3 || command -v python)
SETUP   = $(PYTHON) scripts/bootstrap.py
BIN     = .venv/bin
TESTS  ?= tests

# Rasa reports to its makers, and TensorFlow and SQLAlchemy talk much, unless told not to.
# Compiled libraries are kept, whatever the machine says: without them each start takes 12 s longer.
export PYTHONDONTWRITEBYTECODE =
export RASA_TELEMETRY_ENABLED = false
export SQLALCHEMY_SILENCE_UBER_WARNING = 1
export TF_CPP_MIN_LOG_LEVEL = 3

.DEFAULT_GOAL := help
.PHONY: help run test lint format check train nlu-report nlu-compare train-receipts receipts-report bench lock clean setup

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

run: ## set up and start everything, then say where to click
	@$(SETUP) run

test: setup ## lint, then the whole suite (TESTS=path for a part)
	@$(BIN)/python scripts/programs.py chromium espeak-ng tesseract
	@$(BIN)/python scripts/checkers.py
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)

lint: setup ## format, rules, types and floors
	@$(BIN)/python scripts/lint.py

format: setup ## put the code into its one format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

check: setup ## find mistakes in domain.yml and data/ within seconds, with file and line
	@$(BIN)/python scripts/check.py

train: setup ## check, then train a model from config.yml, domain.yml and data/
	@$(BIN)/python scripts/train.py

nlu-report: setup ## measure the language model on held-out messages, and draw it (WITHOUT=all trains it without each part)
	@$(BIN)/python scripts/nlu_report.py $(if $(WITHOUT),--without $(WITHOUT))

nlu-compare: setup ## set the released model beside the newest (A=, B= for others)
	@$(BIN)/python scripts/nlu_compare.py $(or $(A),released) $(B)

train-receipts: setup ## teach what the rows of bills are for (FOLDER= labelled pictures of yours)
	@$(BIN)/python scripts/train_receipts.py $(if $(FOLDER),--labelled $(FOLDER))

receipts-report: setup ## measure the reading of bills by kind and damage, and draw it
	@$(BIN)/python scripts/programs.py tesseract
	@$(BIN)/python scripts/receipts_report.py

bench: setup ## measure (NAME=turn for one)
	@$(BIN)/python scripts/bench.py $(NAME)

lock: ## compile requirements.lock from requirements.in
	@$(SETUP) lock

clean: ## remove the environment and caches; the shop's data in .bahi stays
	@rm -rf .venv .cache .hypothesis .pytest_cache .ruff_cache .import_linter_cache .rasa
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@$(SETUP) setup
