# SPDX-License-Identifier: GPL-2.0
# What the wire room has, for the Makefile.

# Programs with the harness: they link with lib/wire.c.
WIRE_PROGS := wire_open wire_close wire_reset wire_data wire_loss wire_timer \
	wire_icmp wire_hostile
# Scripts that run by themselves as a test (TAP, exit status 4: skipped).
WIRE_SCRIPTS := netem.sh capture.sh
# Too long, or in need of more than an ordinary run has.
WIRE_LONG := reload.sh
# Programs that the scripts run: built, never run by themselves.
WIRE_EXTENDED := transfer churn many
# What the scripts read.
WIRE_FILES := lib/veth.sh
