# SPDX-License-Identifier: GPL-3.0-or-later
# The few commands that people type. Everything they do is in installer/setup; builds are CMake
# presets (CMakePresets.json).
.POSIX:
.PHONY: help setup run test bench asan tsan headless lab lab-desktop lab-down lab-test extra contract clean
SETUP = installer/setup

help:
	@echo 'make run       install what is missing, build, open Cheesemonger over its own registry'
	@echo 'make test      install what is missing, build, run every test'
	@echo 'make bench     build optimised, measure against the references, write build/bench.json'
	@echo 'make asan      build and test with AddressSanitizer and UndefinedBehaviorSanitizer'
	@echo 'make tsan      build and test the core with ThreadSanitizer'
	@echo 'make headless  build and test the core alone, without Qt'
	@echo 'make lab       make a whole installation of namespaces on this machine, to break and to mend'
	@echo '               (TOPOLOGY=patroni: with Patroni instead of keepers and pgpools)'
	@echo 'make lab-desktop  open Cheesemonger over it'
	@echo 'make lab-down  remove it with all it left'
	@echo 'make lab-test  break it on purpose and look whether anything is lost'
	@echo 'make extra     try what needs more than Debian has: ClickHouse, other mirrors; says what it had to leave out'
	@echo 'make setup     only install what building and testing need (try again what could not be had)'
	@echo 'make contract  note a change of the admin contract (core/api) in its README'
	@echo 'make clean     remove build/'
	@echo
	@echo "ARGS='...' goes to the program: make run ARGS=--help, make lab ARGS='fault kill pg1'"

setup:
	@sh $(SETUP)/setup.sh --with-tests --retry

run:
	@sh $(SETUP)/run.sh $(ARGS)

test:
	@sh $(SETUP)/test.sh dev

bench:
	@sh $(SETUP)/bench.sh $(ARGS)

asan:
	@sh $(SETUP)/test.sh asan

tsan:
	@sh $(SETUP)/test.sh tsan

headless:
	@sh $(SETUP)/test.sh headless

lab:
	@sh $(SETUP)/lab.sh $(ARGS)

lab-desktop:
	@sh $(SETUP)/lab.sh desktop $(ARGS)

lab-down:
	@sh $(SETUP)/lab.sh down

lab-test:
	@sh $(SETUP)/lab.sh test $(ARGS)

extra:
	@sh $(SETUP)/extra.sh

contract:
	@cmake -DROOT=. -DWRITE=ON -P tests/architecture/contract.cmake

clean:
	rm -rf build
