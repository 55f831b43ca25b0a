# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# The front door: each target gets the SDK and the guest image if the cache lacks
# them, builds what it needs inside the SDK, and does its work there.

BUILD ?= build
JOBS ?= $(shell nproc)
export BUILD ACCEL MIRROR

sdk := scripts/sdk run --

define help_text
make            build the simulator, the kernel modules and the provider
make demo       boot Linux with two adapters and show that they are there
make shell      boot the same guest and give a shell in it
make test       run every test by ctest
make bench      measure and print the figures
make lint       style and static checks of every language
make synth      read all RTL with Yosys and report the cells per block
make soak       run the long tests
make clean      remove the build folder (the cached SDK stays: scripts/sdk clean)

Variables:
  BUILD=DIR     build folder (default build)
  JOBS=N        parallel jobs (default: one per processor)
  ACCEL=kvm     run guests under KVM instead of emulation
  MIRROR=URL    Debian mirror for the SDK and the guest (default: the host's own)

One guest for one command: scripts/tern-vm --help
endef
export help_text

all: stack

help:
	@echo "$$help_text"

image:
	@scripts/guest-image >/dev/null

configure:
	@$(sdk) cmake -S . -B "$(BUILD)" -G Ninja -DTERN_SOAK=OFF --log-level=WARNING

stack: configure
	@$(sdk) ninja -C "$(BUILD)" -j $(JOBS) stack

demo: stack image
	@scripts/demo

shell: stack image
	@scripts/tern-vm

test: configure image
	@$(sdk) ninja -C "$(BUILD)" -j $(JOBS)
	@$(sdk) ctest --test-dir "$(BUILD)" -j $(JOBS) --output-on-failure

soak: image
	@$(sdk) cmake -S . -B "$(BUILD)" -G Ninja -DTERN_SOAK=ON --log-level=WARNING
	@$(sdk) ninja -C "$(BUILD)" -j $(JOBS)
	@$(sdk) ctest --test-dir "$(BUILD)" -L soak --output-on-failure

bench: stack image
	@$(sdk) ninja -C "$(BUILD)" -j $(JOBS) tern-bench
	@scripts/bench

lint:
	@$(sdk) scripts/lint

synth:
	@$(sdk) scripts/synth

clean:
	rm -rf "$(BUILD)"

.PHONY: all help image configure stack demo shell test soak bench lint synth clean
