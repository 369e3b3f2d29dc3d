# Each target sets up what it needs (scripts/setup), and is quick when that is there already.
# Recipes use relative paths only, so the folder may stand anywhere, spaces in its path included.

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench fuzz guards docs clean

help: ## this list
	@sed -n 's/^\([a-z]*\): ## /\1\t/p' Makefile | while IFS='	' read -r name what; do printf 'make %-7s %s\n' "$$name" "$$what"; done

demo: ## a real registry, a login, what was kept and where, a pull, a logout; under two minutes
	@scripts/demo

test: ## lint, then every test on the built wheel, real programs included, with branch coverage
	@scripts/test

lint: ## ruff, mypy --strict, and the floors that a room may import from
	@scripts/lint

bench: ## dockpass against docker, podman and skopeo, side by side; writes benchmarks/RESULTS.md
	@scripts/bench

fuzz: ## the readers of what comes from outside, a minute each; scripts/fuzz SECONDS for longer
	@scripts/fuzz

guards: ## 20 of the lines that stop an attack, drawn at random, taken out one by one: a test has to fail for each
	@scripts/guards

docs: ## what the pages show is what the program does: examples, help texts, error table, links
	@scripts/docs

clean: ## remove what the other targets made in this folder (installed Debian packages stay)
	@rm -rf .venv .cache dist build .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
