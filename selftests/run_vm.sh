#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run_vm.sh [VARIABLE=VALUE...]: make run_tests inside scripts/vm, with what
# make -C selftests built. The programs run from memory: in virtual time the
# guest's clock would jump while one is read from the host.

set -eu

cd "$(dirname "$0")"
out=${XTCP_TMP:-/run}/selftests
rm -rf "$out"
cp -a ../build/selftests "$out"
exec make OUTPUT="$out" "$@" run_tests
