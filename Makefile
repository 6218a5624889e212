PYTHON ?= python3
ARGS ?=
export PYTHONUNBUFFERED = 1

bin = .venv/bin
bootstrap = @$(PYTHON) scripts/bootstrap.py --goal $@
compile = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock"

.PHONY: help install demo test check bench seed messages reset screenshots lock

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

install: ## Make .venv with the pinned packages, and fetch the browser's
	$(bootstrap)

demo: ## Install, start everything with a Slack sandbox, play a story (PORT=, SANDBOX_PORT=)
	$(bootstrap)
	@$(bin)/python manage.py demo

test: ## Run the tests (ARGS="-k board" runs some)
	$(bootstrap) --dev
	@$(bin)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: ## Style, types, import direction, migrations
	$(bootstrap) --dev
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy .
	$(bin)/lint-imports
	$(bin)/python manage.py makemigrations --check --dry-run

bench: ## Run the benchmarks (ARGS="--quick")
	$(bootstrap) --dev
	@$(bin)/python -m benchmarks $(ARGS)

seed: ## Fill the database with invented conversations (N=100000, ARGS="--workspace Acme")
	$(bootstrap)
	@$(bin)/python manage.py seed $(if $(N),--conversations $(N)) $(ARGS)

screenshots: ## Draw the pictures of the documentation again
	$(bootstrap) --dev
	@$(bin)/python scripts/screenshots.py $(ARGS)

messages: ## Bring the translations in locale/ up to what the pages say (ARGS=--check)
	$(bootstrap) --dev
	@$(bin)/python scripts/messages.py $(ARGS)

reset: ## Stop the Pylon of this clone and delete its data
	$(bootstrap)
	@$(bin)/python manage.py reset

lock: ## Pin the newest versions of all packages (needs uv)
	for name in base dev node; do $(compile) --upgrade requirements/$$name.in -o requirements/$$name.txt; done
	npm install --package-lock-only --ignore-scripts
	npm install --package-lock-only --ignore-scripts --prefix tests/peers
