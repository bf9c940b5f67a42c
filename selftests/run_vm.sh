#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run_vm.sh [VARIABLE=VALUE...]: make run_tests inside scripts/vm, with the programs
# that make -C selftests has built. They are copied to memory first: in virtual time
# the guest's clock jumps while a file is read from the host. If XTCP_ROOT is memory,
# lib/memory_root.sh has done that.

set -eu

cd "$(dirname "$0")"
out=$(cd .. && pwd)/build/selftests
if [ "${XTCP_ROOT-}" != memory ]; then
	copy=${XTCP_TMP:-/run}/selftests
	rm -rf "$copy"
	cp -a "$out" "$copy"
	out=$copy
fi
exec make OUTPUT="$out" "$@" run_tests
