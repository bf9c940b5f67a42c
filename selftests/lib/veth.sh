# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# For the test scripts: two network namespaces $a and $b with a veth pair, and
# transfers between them. $tmp is the script's temporary directory.
#
#   192.0.2.1, 2001:db8::1 in $a; 192.0.2.2, 2001:db8::2 in $b

here=$(cd "$(dirname "$0")" && pwd)
ksft_skip=4

# Copies a program from the script's directory, or from build/selftests, to $tmp, and
# runs it once: reading it from the host during a test would let virtual time jump.
program()
{
	for d in "$here" "$here/../../build/selftests"; do
		if [ -x "$d/$1" ] && [ ! -d "$d/$1" ]; then
			cp "$d/$1" "$tmp/$1"
			"$tmp/$1" >/dev/null 2>&1 </dev/null || :
			return
		fi
	done
	echo "$1 is not built: run make -C selftests" >&2
	exit 1
}

need()
{
	for c; do
		command -v "$c" >/dev/null 2>&1 || {
			echo "SKIP: $c is not installed"
			exit $ksft_skip
		}
	done
}

net_up()
{
	a=xa$$ b=xb$$
	ip netns add $a
	ip netns add $b
	ip link add xv0 netns $a type veth peer name xv1 netns $b
	net_side $a xv0 1 xv1 $b 2
	net_side $b xv1 2 xv0 $a 1
}

net_side()	# NAMESPACE DEVICE HOST PEERDEVICE PEERNAMESPACE PEERHOST
{
	mac=$(ip -n "$5" -o link show "$4" | sed 's/.*link.ether \([^ ]*\).*/\1/')
	ip netns exec "$1" sh -c "echo 1 > /proc/sys/net/ipv6/conf/$2/addr_gen_mode
		echo 0 > /proc/sys/net/ipv6/conf/$2/router_solicitations" 2>/dev/null || :
	ip -n "$1" link set lo up
	ip -n "$1" link set "$2" up
	ip -n "$1" addr add "192.0.2.$3/24" dev "$2"
	ip -n "$1" addr add "2001:db8::$3/64" dev "$2" nodad
	# Static neighbour entries: a test may corrupt packets, and ARP is not under
	# test.
	ip -n "$1" neigh replace "192.0.2.$6" lladdr "$mac" dev "$2" nud permanent
	ip -n "$1" neigh replace "2001:db8::$6" lladdr "$mac" dev "$2" nud permanent
}

net_down()
{
	[ -n "${a-}" ] && ip netns del "$a" 2>/dev/null
	[ -n "${b-}" ] && ip netns del "$b" 2>/dev/null
	a='' b=''
}

# One transfer from $a to $b, status 0 if both ends succeed:
# FAMILY(4|6) CLIENT(xtcp|tcp) SERVER(xtcp|tcp) MODE BYTES
port=9000
transfer()
{
	six='' to=192.0.2.2 ct='' st=''
	[ "$1" = 6 ] && six=-6 to=2001:db8::2
	[ "$2" = tcp ] && ct=-t
	[ "$3" = tcp ] && st=-t
	port=$((port + 1))
	rm -f "$tmp/ready"
	mkfifo "$tmp/ready"
	# shellcheck disable=SC2086
	ip netns exec "$b" "$tmp/transfer" server $six $st -m "$4" $port "$5" \
		>"$tmp/ready" 2>"$tmp/server.err" &
	server=$!
	# Wait until the server listens, or has failed: end of file.
	read -r line <"$tmp/ready" || line=
	status=0
	if [ "$line" = listening ]; then
		# shellcheck disable=SC2086
		ip netns exec "$a" "$tmp/transfer" client $six $ct -m "$4" $to $port "$5" \
			>"$tmp/client.out" 2>&1 || status=1
		[ $status = 0 ] || kill $server 2>/dev/null || :
	else
		status=1
	fi
	wait $server || status=1
	cat "$tmp/client.out" "$tmp/server.err" 2>/dev/null
	return $status
}
