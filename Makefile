# Spotrender. `make` alone lists what there is; the README says more.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv/bin
STACK := spotrender
SOURCES := $(shell find Sources -type f) Package.swift infra/package.sh

.PHONY: help setup package test chaos bench check format demo invoke deploy clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing (apt, a Python venv of the project's own)
	@infra/setup.sh

package: setup dist/.packaged ## release binaries and Lambda zips, in dist/

dist/.packaged: $(SOURCES)
	@infra/package.sh
	@touch $@

test: package ## every test, from pure rules to a real render over emulated AWS
	swift build --build-tests --explicit-target-dependency-import-check error
	Tests/with-ministack.sh swift test --skip-build
	$(VENV)/python Tests/conformance/check.py --echo .build/debug/echo-lambda
	$(VENV)/python Tests/conformance/check.py \
		dist/job-splitter.zip events/s3-object-created.json \
		dist/job-splitter.zip events/s3-test-event.json \
		dist/spot-interruption-handler.zip events/spot-interruption-warning.json \
		dist/spot-interruption-handler.zip events/rebalance-recommendation.json \
		dist/spot-interruption-handler.zip events/instance-terminate-lifecycle-action.json \
		dist/spot-interruption-handler.zip events/instance-state-change.json \
		dist/fleet-scaler.zip events/schedule.json
	Tests/with-local-cloud.sh swift test --skip-build --filter EndToEndTests

chaos: setup ## the farm while it is killed, paused and cut off: SEED=7 MINUTES=2
	swift build
	Tests/with-ministack.sh $(VENV)/python Tests/chaos/chaos.py \
		$(if $(SEED),--seed $(SEED)) --minutes $(or $(MINUTES),2)

bench: package ## what the farm adds, as ratios in one run
	$(VENV)/python Tests/bench/bench.py

check: setup ## format, lint, templates, scripts
	swift format lint --strict --recursive --parallel Package.swift Sources Tests
	$(VENV)/cfn-lint infra/*.yaml
	$(VENV)/python -m unittest discover --quiet --start-directory infra
	shellcheck infra/*.sh infra/*/*.sh Tests/*.sh .ci/run

format: ## rewrite the Swift sources in the house style
	swift format --in-place --recursive --parallel Package.swift Sources Tests

demo: package ## the whole farm on this machine: SCENE=path.blend FRAMES=1-24 OUT=demo-output
	@infra/demo/run.sh

invoke: package ## run a built handler on an event: FN=fleet-scaler EVENT=events/schedule.json
	@$(VENV)/python Tests/conformance/rie.py "dist/$(FN).zip" "$(EVENT)" $$(env | grep -E "^(AWS|SPOTRENDER)_")

deploy: package ## deploy to AWS: STACK=spotrender PARAMETERS='BlenderSha256=… FleetMax=20'
	@$(VENV)/python infra/deploy.py --stack $(STACK) --environment .spotrender/$(STACK).env \
		$(addprefix --parameter ,$(PARAMETERS))

clean: ## remove what was built (not what was rendered)
	rm -rf .build dist
