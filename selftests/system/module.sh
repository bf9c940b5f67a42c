#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# XT-6, U-20: unloading, and the quiet time after loading
#
# module.sh
#
# Unloading the module (XTCP_KO) is refused while there is a socket, and succeeds if
# there is none, also with entries in TIME-WAIT. With quiet_time the module sends
# nothing until that time has passed (RFC 9293 3.4.3). reload.sh repeats the first part.

set -u

ko=${XTCP_KO:-}
skip()
{
	echo "SKIP: $*"
	exit 4
}

[ "${XTCP_REFERENCE:-0}" = 0 ] || skip "the kernel's TCP is no module"
[ -n "$ko" ] && [ -e "$ko" ] && [ "$(id -u)" = 0 ] || skip "no module (XTCP_KO), or not root"
tmp=$(mktemp -d "${XTCP_TMP:-${TMPDIR:-/tmp}}/module.XXXXXX")
cp "$ko" "$tmp/xtcp.ko"
server=''
finish()
{
	[ -z "$server" ] || kill "$server" 2>/dev/null
	grep -q '^xtcp ' /proc/modules || insmod "$tmp/xtcp.ko"
	rm -rf "$tmp"
}
trap finish EXIT
dir=$(dirname "$0")
[ -e "$dir/../lib/veth.sh" ] && dir=$dir/../lib
. "$dir/veth.sh"
program transfer
[ ! -x /run/vm/rmmod ] || PATH=/run/vm:$PATH
ip link set lo up

n=0 failed=0
point()
{
	n=$((n + 1)) word=ok
	"$2" || word='not ok' failed=1
	echo "$word $n module.$1"
	[ "$word" = ok ] || tell
}

# Diagnosis after a failure.
tell()
{
	{
		echo "$(milliseconds) ms since boot"
		grep '^xtcp ' /proc/modules
		cat /proc/net/xtcp
		for said in err out server.err; do
			sed "s/^/$said: /" "$tmp/$said"
		done
	} 2>/dev/null | sed 's/^/# /'
}

# A listening server; $server is its process.
serve()
{
	rm -f "$tmp/ready"
	mkfifo "$tmp/ready"
	"$tmp/transfer" server 9000 1000 >"$tmp/ready" 2>"$tmp/server.err" &
	server=$!
	read -r line <"$tmp/ready" && [ "$line" = listening ]
}

talk()
{
	"$tmp/transfer" client 127.0.0.1 9000 1000 >"$tmp/out" 2>&1 && wait $server && server=''
}

loaded()
{
	grep -q '^xtcp ' /proc/modules
}

# Retries, because orphans hold a reference on the module until they end.
unload()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		rmmod xtcp 2>"$tmp/err" && break
		sleep 0.5
	done
	! loaded
}

refused_in_use()
{
	serve && ! rmmod xtcp 2>"$tmp/err" && loaded && talk
}

unloaded_with_time_wait()
{
	grep -q ' 06 ' /proc/net/xtcp && unload && [ ! -e /proc/net/xtcp ]
}

loaded_again()
{
	insmod "$tmp/xtcp.ko" && serve && talk
}

milliseconds()
{
	awk '{ print int($1 * 1000) }' /proc/uptime
}

quiet_at_first()
{
	unload && insmod "$tmp/xtcp.ko" quiet_time=20 || return 1
	start=$(milliseconds)
	serve && talk || return 1
	took=$(($(milliseconds) - start))
	echo "# the first connection took $took ms"
	[ $took -ge 19000 ] || return 1
	# The next connection does not wait.
	start=$(milliseconds)
	serve && talk && [ $(($(milliseconds) - start)) -lt 5000 ]
}

as_it_was()
{
	unload && insmod "$tmp/xtcp.ko"
}

echo "TAP version 13"
echo "1..5"
point refused_in_use refused_in_use
point unloaded_with_time_wait unloaded_with_time_wait
point loaded_again loaded_again
point quiet_at_first quiet_at_first
point as_it_was as_it_was
exit $failed
