# SPDX-License-Identifier: GPL-2.0
#
# make help lists the targets. The files of the module are in Kbuild.

KDIR ?= /lib/modules/$(shell uname -r)/build
BUILD := $(CURDIR)/build
PREFIX ?= /usr
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man

# The release of KDIR, evaluated at each use: make help and lint need no KDIR. On Debian
# 12 make kernelrelease differs from uname -r.
release = $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)
out = $(BUILD)/$(release)/src

all: module

help:
	@echo 'In a virtual machine (missing packages are installed first):'
	@echo '  make demo        draws TCP connections of all kinds from captures'
	@echo '  make check       runs the tests on Linux 6.12 in virtual time'
	@echo '  make check-all   also on 6.1, 7.2, two CPUs, a debug kernel; reloads, demo, bench'
	@echo '  make check-full  also 1,000 reloads, and a minimal Debian 12 and 13; takes hours'
	@echo '  make conformance  tests each requirement of the RFCs'
	@echo '  make bench       compares costs with the kernel TCP and AF_UNIX'
	@echo '  make bench-net   compares goodput, delay, fairness on many networks; takes hours'
	@echo '  make model       checks a model of the state table with spin (on this machine)'
	@echo '  make lint        sparse, W=1, checkpatch, dependencies of files, and more'
	@echo '  scripts/vm       runs a shell or a command with xtcp.ko loaded'
	@echo
	@echo 'On this machine, if its kernel can load modules:'
	@echo '  make             builds build/xtcp.ko for the running kernel (or KDIR=...)'
	@echo '  make install     installs module, header, tools, man pages; as root (DESTDIR=...)'
	@echo '  make uninstall   removes them'
	@echo
	@echo '  make clean       removes build/'

module: | headers
	@scripts/lib/module $(KDIR) $(out)
	@ln -sfn $(release)/src/xtcp.ko $(BUILD)/xtcp.ko
	@echo 'build/xtcp.ko is for $(release)'

headers:
	@[ -e $(KDIR)/Makefile ] || { \
		echo 'No kernel headers in $(KDIR).'; \
		echo 'Install them (on Debian and Ubuntu: apt-get install linux-headers-'"$$(uname -r)"'),'; \
		echo 'or run XTCP in a virtual machine: make demo, make check, scripts/vm'; \
		exit 1; } >&2

modules_dir = $(DESTDIR)/lib/modules/$(release)
# With DESTDIR the files are for a package: depmod runs where that is installed.
depmod = $(if $(DESTDIR),,depmod $(release))
tools = $(wildcard scripts/tools/xtcp_*)
man1 = $(tools:scripts/tools/%=Documentation/man/%.1)
man7 = Documentation/man/xtcp.7

install: module
	install -D -m 644 $(out)/xtcp.ko $(modules_dir)/extra/xtcp.ko
	install -D -m 644 uapi/linux/xtcp.h $(DESTDIR)/usr/include/linux/xtcp.h
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(MANDIR)/man1 $(MANDIR)/man7)
	install -m 755 $(tools) $(DESTDIR)$(BINDIR)
	install -m 644 $(man1) $(DESTDIR)$(MANDIR)/man1
	install -m 644 $(man7) $(DESTDIR)$(MANDIR)/man7
	$(depmod)

uninstall: | headers
	$(RM) $(modules_dir)/extra/xtcp.ko
	$(RM) $(DESTDIR)/usr/include/linux/xtcp.h
	$(RM) $(addprefix $(DESTDIR)$(BINDIR)/,$(notdir $(tools)))
	$(RM) $(addprefix $(DESTDIR)$(MANDIR)/man1/,$(notdir $(man1)))
	$(RM) $(addprefix $(DESTDIR)$(MANDIR)/man7/,$(notdir $(man7)))
	$(depmod)

demo:
	@scripts/demo $(SCENES)

check:
	@scripts/check

check-all:
	@scripts/check --all

check-full:
	@scripts/check --full

conformance:
	@scripts/check --conformance

bench:
	@scripts/bench

bench-net:
	@scripts/bench-net

model:
	@scripts/setup test
	@selftests/model/run.sh

lint:
	@scripts/lint

clean:
	$(RM) -r $(BUILD)

.PHONY: all help module headers install uninstall demo check check-all \
	check-full conformance bench bench-net model lint clean
