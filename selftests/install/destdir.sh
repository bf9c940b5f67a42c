#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# destdir.sh: make install DESTDIR=D installs the module and its files below D, and
# nothing else; make uninstall removes all of them. Prints TAP.

# shellcheck disable=SC2317 # points are called by their names
set -eu

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

. "$top/selftests/lib/tap.sh"

in_dest()
{
	# A separate build directory: scripts/vm may build at the same time.
	make -s -C "$top" BUILD="$top/build/install/destdir" KDIR="$kdir/build" \
		DESTDIR="$tmp/dest" "$@"
}

wanted()
{
	local tool

	echo "lib/modules/$(cat "$kdir/release")/extra/xtcp.ko"
	echo usr/include/linux/xtcp.h
	for tool in "$top"/scripts/tools/xtcp_*; do
		echo "usr/bin/$(basename "$tool")"
		echo "usr/share/man/man1/$(basename "$tool").1"
	done
	echo usr/share/man/man7/xtcp.7
}

# The installed files. With DESTDIR depmod does not run, so there is no index of modules.
found()
{
	(cd "$tmp/dest" && find . ! -type d) | sed 's|^\./||' | sort
}

nothing_else()
{
	diff -u --label wanted --label found <(wanted | sort) <(found)
}

nothing_left()
{
	[ -z "$(found | tee /dev/stderr)" ]
}

echo "TAP version 13"
for series in 6.12 6.1; do
	suite=destdir.$series
	kdir=$("$top/scripts/kernel" "$series")
	point install in_dest install
	point nothing_else nothing_else
	point uninstall in_dest uninstall
	point nothing_left nothing_left
done
end_of_points
