PYTHON ?= python3
APP := .venv/app/bin
ENGINE := .venv/engine/bin
TEST_VAR := $(CURDIR)/var/test

.PHONY: help run test check evaluate setup doctor
help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

run: ## set up what is missing, start everything, print the address
	@$(PYTHON) -m bot.platform.setup run
	@$(APP)/python -m bot.cli run

test: ## the whole suite, on a fresh machine too
	@$(PYTHON) -m bot.platform.setup test
	@$(PYTHON) -m bot.platform.browser
	@$(MAKE) --no-print-directory check
	CHENGFATONG_VAR=$(TEST_VAR) $(ENGINE)/python -m bot.understanding.train
	$(APP)/python -m pytest -q tests/unit tests/store tests/channel
	CHENGFATONG_VAR=$(TEST_VAR) $(ENGINE)/python -m pytest -q --disable-warnings tests/engine
	CHENGFATONG_TEST_VAR=$(TEST_VAR) CHENGFATONG_CHROMIUM="$$($(PYTHON) -m bot.platform.browser --path)" \
		$(APP)/python -m pytest -q tests/conversation tests/browser

check: ## lint, format and types
	@$(PYTHON) -m bot.platform.setup test
	$(APP)/ruff check .
	$(APP)/ruff format --check .
	$(APP)/mypy

evaluate: ## how well the engine reads authors it was not shown (about 20 minutes)
	@$(PYTHON) -m bot.platform.setup test
	$(ENGINE)/python -m bot.understanding.cross_validate
	CHENGFATONG_VAR=$(TEST_VAR) $(ENGINE)/python -m bot.understanding.train
	CHENGFATONG_VAR=$(TEST_VAR) $(ENGINE)/python -m bot.understanding.evaluate tests/evaluation/messages.jsonl

setup: ## make both environments
	@$(PYTHON) -m bot.platform.setup run

doctor: ## what is configured, reachable and stale
	@$(APP)/python -m bot.cli doctor
