#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# faults.sh: checks that scripts/docs finds faults. Puts one fault at a time into a copy
# of the tree. Prints TAP; needs no virtual machine.

# shellcheck disable=SC2016 # backquotes of the pages
set -eu

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

suite=docs
. "$top/selftests/lib/tap.sh"

# fault NAME FILE EXPRESSION FINDING: applies the sed EXPRESSION to FILE; scripts/docs
# must report lines that match FINDING, and no others
fault()
{
	local name=$1 file=$2 expression=$3 finding=$4 status=0

	cp "$tmp/tree/$file" "$tmp/kept"
	sed -i "$expression" "$tmp/tree/$file"
	if cmp -s "$tmp/tree/$file" "$tmp/kept"; then
		echo "the expression changes nothing in $file; adapt it" >"$tmp/said"
		verdict 1 "$name" "$tmp/said"
		return
	fi
	"$top/scripts/docs" "$tmp/tree" >"$tmp/said" 2>&1 || status=$?
	cp "$tmp/kept" "$tmp/tree/$file"
	if [ $status = 1 ] && grep -q "$finding" "$tmp/said" &&
	   ! grep -qv "$finding" "$tmp/said"; then
		verdict 0 "$name" "$tmp/said"
	else
		verdict 1 "$name" "$tmp/said"
	fi
}

rsync -rl --exclude=/build --exclude=/.git "$top/" "$tmp/tree/"
pages=Documentation

echo "TAP version 13"
status=0
"$top/scripts/docs" "$tmp/tree" >"$tmp/said" 2>&1 || status=$?
verdict $status nothing_found "$tmp/said"

fault function "$pages/design.rst" 's/arrive\.c:check_rst()/arrive.c:check_reset()/' \
	'core/arrive.c does not define check_reset(): no file of module/ has it$'
fault moved_function "$pages/design.rst" 's/core\/arrive\.c:check_rst()/core\/fsm.c:check_rst()/' \
	'core/fsm.c does not define check_rst(): it is in module/core/arrive.c$'
fault called_not_defined "$pages/design.rst" 's/arrive\.c:check_rst()/arrive.c:seq_before()/' \
	'core/arrive.c does not define seq_before(): it is in module/core/seq.h$'
fault file "$pages/contributing.rst" 's/``selftests\/lib\/wire\.h``/``selftests\/wire.h``/' \
	'no file selftests/wire.h$'
fault folder "$pages/contributing.rst" 's/``module\/core\/``/``module\/heart\/``/' \
	'no file module/heart/$'
fault file_of_readme README.md 's/`dkms\.conf`/`dmks.conf`/' 'README.md:.*no file dmks.conf$'
fault counter "$pages/debugging.rst" 's/XTcpExtDelayedACKs/XTcpDelayedACKs/' \
	'no counter XTcpDelayedACKs$'
fault setting "$pages/debugging.rst" 's/net\.xtcp\.mtu_probing/net.xtcp.mtu_probe/' \
	'no setting net.xtcp.mtu_probe$'
fault event "$pages/debugging.rst" 's/``xtcp:xtcp_retransmit``/``xtcp:xtcp_resend``/' \
	'no tracepoint xtcp:xtcp_resend$'
fault setting_without_entry "$pages/sysctl.rst" 's/^dsack (1)/duplicates (1)/' \
	'net.xtcp.dsack has no entry$'
fault reason_without_entry "$pages/tracepoints.rst" 's/DATA_AFTER_CLOSE data/                 data/' \
	'DATA_AFTER_CLOSE is not named$'
fault version_of_man "$pages/man/xtcp.7" 's/XTCP 0/XTCP 9/' 'version 9[0-9.]*, dkms.conf says'
fault version_of_changelog "$pages/changelog.rst" 's/^Version 0/Version 9/' \
	'version 9[0-9.]*, dkms.conf says'
fault test_without_line selftests/README '/^  stream\.c /d' 'stream.c has no line$'
fault test_with_stale_line selftests/README 's/^  stream\.c /  flow.c   /' \
	'no flow.c in selftests/$\|stream.c has no line$'
fault test_folder selftests/README '/^  unit\/ /d' 'unit/ has no line$'
fault test_twice selftests/README '/^  load\/many\.c /p' 'load/many.c has two lines$'
fault index "$pages/index.rst" '/^   abi$/d' 'abi is not in the toctree$'
fault syntax "$pages/sysctl.rst" 's/^	= ======== ========$/	= ======= ========/' \
	'sysctl.rst:[0-9]*: \|^Bottom/header\|^No bottom\|^Text in column'
end_of_points
