#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run_vm.sh [VARIABLE=VALUE...]: make run_tests inside scripts/vm, with what
# make -C selftests built. The programs run from memory: in virtual time the
# guest's clock would jump while one is read from the host. lib/memory_root.sh has
# copied them, with all else, already.

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
