# Spotrender. `make` alone lists all targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv/bin
ACCEPTANCE := Tests/Acceptance
STACK := spotrender
# The AWS account, and the farm in it.
ACCOUNT = $(if $(PROFILE),AWS_PROFILE=$(PROFILE)) $(if $(REGION),AWS_REGION=$(REGION))
FARM = --stack $(STACK) --environment .spotrender/$(STACK).env $(if $(ENDPOINT_URL),--endpoint-url $(ENDPOINT_URL))
# End-to-end tests that take minutes each. `make rehearse` runs them, `make test` skips them.
REHEARSALS := however and whenever|sizes itself from zero|renders On-Demand when|lets a drained worker|A frame in slices
SOURCES := $(shell find Sources -type f) Package.swift infra/package.sh infra/pack.py infra/worker-boot.sh infra/notices.py infra/data-licenses.txt

.PHONY: help setup package release test rehearse newer chaos fuzz bench check docs format demo study invoke deploy undeploy clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install missing Debian packages, and Python tools in .venv
	@infra/setup.sh

package: setup dist/.packaged ## build the programs for release, in dist/

dist/.packaged: $(SOURCES)
	@infra/package.sh
	@touch $@

release: package ## pack a release: one archive in dist/, with its checksum
	@infra/release.sh

test: package ## run every test, from single rules to real renders on emulated AWS
	swift build --build-tests --explicit-target-dependency-import-check error
	$(VENV)/python infra/docs.py check --program .build/debug/spotrender
	Tests/leaves-nothing.py $(MAKE) --no-print-directory --jobs 2 --output-sync=target $(TESTS)

# Two at a time: the fleet's test mostly waits, so it runs beside the unit tests.
TESTS := unit-tests fleet-tests package-tests end-to-end-tests cloud-tests
.PHONY: $(TESTS)

unit-tests:
	Tests/with-ministack.sh Tests/swift-test.sh --skip-build

end-to-end-tests:
	Tests/with-local-cloud.sh Tests/swift-test.sh --skip-build --filter EndToEndTests --skip '$(REHEARSALS)'

# It disables the scaler's schedule, so it needs a local cloud of its own.
fleet-tests:
	Tests/with-local-cloud.sh $(VENV)/python $(ACCEPTANCE)/run.py fleet

# The dashboard comes first, because it expects no other job. The farm's end comes last.
cloud-tests:
	Tests/with-local-cloud.sh $(VENV)/python $(ACCEPTANCE)/run.py dashboard commands notifications \
		documents life

package-tests:
	Tests/with-ministack.sh $(VENV)/python $(ACCEPTANCE)/test_deploy.py --quiet
	$(VENV)/python $(ACCEPTANCE)/test_boot.py --quiet
	$(VENV)/python $(ACCEPTANCE)/test_pack.py --quiet
	$(VENV)/python Tests/conformance/empty_root.py dist/*.zip
	$(VENV)/python Tests/conformance/foreign_roots.py dist/spot-interruption-handler.zip dist/render-worker
	$(VENV)/python Tests/conformance/check.py --echo .build/debug/echo-lambda
	$(VENV)/python Tests/conformance/check.py \
		dist/job-splitter.zip events/s3-object-created.json \
		dist/job-splitter.zip events/s3-test-event.json \
		dist/spot-interruption-handler.zip events/spot-interruption-warning.json \
		dist/spot-interruption-handler.zip events/rebalance-recommendation.json \
		dist/spot-interruption-handler.zip events/instance-terminate-lifecycle-action.json \
		dist/spot-interruption-handler.zip events/instance-state-change.json \
		dist/fleet-scaler.zip events/schedule.json

rehearse: package ## long tests: every kind of interruption at every moment, the fleet's whole life
	swift build --build-tests
	Tests/with-local-cloud.sh Tests/swift-test.sh --skip-build --filter '$(REHEARSALS)'

newer: package ## test newer Blenders, as Python modules: VERSIONS="4.5.15 5.0.1"
	swift build --build-tests
	Tests/newer/run.sh $(VERSIONS)

chaos: setup ## kill, pause and cut off workers while they render: SEED=7 MINUTES=2
	swift build
	Tests/with-ministack.sh $(VENV)/python Tests/chaos/chaos.py \
		$(if $(SEED),--seed $(SEED)) --minutes $(or $(MINUTES),2)

fuzz: setup ## fuzz a reader of untrusted bytes: MINUTES=10 READER=blend, pictures or output
	Tests/fuzz/fuzz.sh $(or $(MINUTES),10) $(or $(READER),blend)

bench: package ## measure what the farm adds to Blender, and how soon interrupted work continues
	$(VENV)/python Tests/bench/bench.py
	Tests/bench/detection.sh

check: setup ## check format, templates, scripts, links and generated pages
	swift format lint --strict --recursive --parallel Package.swift Sources Tests
	$(VENV)/ruff check --quiet
	$(VENV)/ruff format --check --quiet
	$(VENV)/cfn-lint infra/*.yaml
	$(VENV)/python $(ACCEPTANCE)/test_template.py --quiet
	$(VENV)/python $(ACCEPTANCE)/test_schema.py --quiet
	shellcheck Sources/*/*/*.sh infra/*.sh infra/*/*.sh Tests/*.sh Tests/*/*.sh .ci/run
	$(VENV)/python infra/docs.py check

docs: setup ## write the generated pages of docs/
	swift build --product spotrender
	$(VENV)/python infra/docs.py write --program .build/debug/spotrender

format: setup ## format the Swift and Python sources
	swift format --in-place --recursive --parallel Package.swift Sources Tests
	$(VENV)/ruff check --quiet --fix
	$(VENV)/ruff format --quiet

demo: package ## run the whole farm on this machine: SCENE=path.blend FRAMES=1-24 OUT=demo-output
	@infra/demo/run.sh

study: package ## compare 3 and 10 local instances, Spot and On-Demand: SIZES="3 10" SCENE= FRAMES=
	@infra/demo/study.sh

invoke: package ## run one Lambda function on one event: FN=fleet-scaler EVENT=events/schedule.json
	@$(VENV)/python Tests/conformance/rie.py "dist/$(FN).zip" "$(EVENT)" $$(env | grep -E "^(AWS|SPOTRENDER)_")

deploy: package ## deploy to AWS: STACK=spotrender REGION= PROFILE= BLENDER='a.tar.xz b.tar.xz' PARAMETERS='FleetMax=20'
	@$(ACCOUNT) $(VENV)/python infra/deploy.py $(FARM) $(addprefix --blender ,$(BLENDER)) \
		$(addprefix --remove-blender ,$(REMOVE_BLENDER)) $(addprefix --parameter ,$(PARAMETERS))

undeploy: setup ## remove the farm; FRAMES=delete also removes frames; YES=1 does not ask
	@$(ACCOUNT) $(VENV)/python infra/undeploy.py $(FARM) $(if $(FRAMES),--frames $(FRAMES)) $(if $(YES),--yes)

clean: ## remove everything that was built
	rm -rf .build dist
