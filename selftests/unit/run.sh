#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh PROGRAM... - run TAP programs as kselftest does: each program is one point,
# and its output a comment. Exit status: 0; 1 if a program failed.

echo "TAP version 13"
echo "1..$#"
n=0
status=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for program; do
	n=$((n + 1))
	name=$(basename "$program")
	echo "# selftests: unit: $name"
	timeout 300 "$program" >"$log" 2>&1
	code=$?
	sed 's/^/# /' "$log"
	if [ $code -eq 0 ]; then
		echo "ok $n selftests: unit: $name"
	else
		echo "not ok $n selftests: unit: $name # exit=$code"
		status=1
	fi
done
exit $status
