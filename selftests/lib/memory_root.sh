#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# memory_root.sh --pack ARCHIVE KSFT_SRC [PROGRAM...]
# memory_root.sh ARCHIVE COMMAND [ARG...]
#
# The first form runs on the host: it packs the files for the second form.
#
# The second form runs COMMAND in a guest of scripts/vm, with a root file system in
# the guest's memory. In virtual time the clock of an idle guest jumps to the next
# timer, and a guest that waits for a file of the host is idle: the busier the host,
# the longer a test seems to take. So the root has all files that the tests run or
# read, and the PROGRAMs, but no others: a missing file fails the same way each time.
# The kernel modules that selftests/config needs are loaded first, and none later.
#
# Exit status: COMMAND's; 98 if a program waited for a file of the host nevertheless.

set -eu

root=/run/root
top=$(cd "$(dirname "$0")/../.." && pwd)
trace=/sys/kernel/tracing/instances/host

programs='awk basename bash bc busybox cat chmod cmp cp cut date dd dirname echo
env ethtool expr false find grep head hostname id insmod ip iperf3 kill ln ls lsmod
make mkdir mkfifo mktemp mount mv nft nproc nstat od perl printf ps pwd readlink
realpath rm rmdir rmmod sed seq setpriv sh sleep sort ss stat stdbuf sysctl tail tc
tcpdump tee test timeout touch tr true umount uname uniq unshare wc'

# Modules for selftests/config, and those that the kernel would load on demand.
modules='tun veth dummy vrf sch_netem sch_fq_codel sch_fq sch_tbf nf_tables nft_ct nft_counter
nf_conntrack inet_diag tcp_diag udp_diag netlink_diag unix_diag xfrm_user esp4 esp6'

config='passwd group nsswitch.conf hosts protocols services ld.so.cache iproute2
ethertypes netconfig'

# Prints the path of a program and of its shared libraries. Searches $PATH itself,
# because "type" prefers builtins of the shell.
list_program()
{
	program=$(IFS=:; for dir in $PATH; do
		[ ! -x "$dir/$1" ] || { echo "$dir/$1"; break; }
	done)
	[ -n "$program" ] || return 0
	echo "$program"
	ldd "$program" 2>/dev/null | sed -n 's|[^/]*\(/[^ ]*\).*|\1|p'
}

# Prints those of its arguments that exist.
list()
{
	for file; do
		[ ! -e "$file" ] || echo "$file"
	done
}

# Files that programs open at run time, so that ldd does not list them.
list_their_files()
{
	list /usr/lib/locale/C.utf8 /lib/*/libgcc_s.so.1 /usr/lib/*/perl-base /usr/lib/tc /usr/lib/*/tc \
		/usr/share/iproute2 /usr/libexec/coreutils
	for file in $config; do
		list "/etc/$file"
	done
	# tshark reads the tables of its dissectors.
	case " $wanted " in
	*" tshark "*)	list /usr/share/wireshark /usr/lib/*/wireshark ;;
	esac
}

# The built tests, and the scripts that run them.
list_tests()
{
	list "$top/selftests" "$top/uapi" "$top/module" "$top/build/selftests" \
		"$top/build/sim/sim" \
		"$1"/lib.mk "$1"/kselftest*
}

# Links are replaced by their targets; times are kept, because make compares them.
pack()
{
	archive=$1 source=$2
	shift 2
	wanted=$*
	{
		for name in $programs $wanted; do
			list_program "$name"
		done
		list_their_files
		list_tests "$source"
	} | sort -u | tar -chPf "$archive" --transform 's|^/||' -T -
}

make_root()
{
	mkdir -p $root
	mount -t tmpfs -o mode=755,size=80% root $root
	for dir in bin sbin lib lib32 lib64 libx32; do
		[ -L /$dir ] || continue
		mkdir -p $root/usr/$dir
		cp -P /$dir $root/
	done
	mkdir -p $root/proc $root/sys $root/dev $root/tmp $root/root $root/etc \
		 $root/var/tmp $root/run/netns $root/run/lock $root/run/xtcp $root/old
	chmod 1777 $root/tmp $root/var/tmp
}

fill_root()
{
	tar -xPf "$1" -C $root
	[ -z "${XTCP_KO-}" ] || {
		mkdir -p "$root/${XTCP_KO%/*}"
		cp "$XTCP_KO" "$root/$XTCP_KO"
	}
}

load_modules()
{
	# shellcheck disable=SC2086 # one word per name
	modprobe -aq $modules || true
	echo >/proc/sys/kernel/modprobe
}

enter_root()
{
	for dir in proc sys dev run/xtcp; do
		mount --rbind /$dir $root/$dir
	done
	cd $root
	pivot_root . old
	umount -l old
	rmdir old
	cd "$top"
}

watch_host()
{
	mkdir -p $trace
	[ ! -e $trace/events/9p/9p_client_req ] ||
		echo 1 >$trace/events/9p/9p_client_req/enable
}

waited_for_host()
{
	# TCLUNK closes a file when the dentry cache shrinks: no program waits for it.
	grep -v '^#\|P9_TCLUNK' $trace/trace >/run/xtcp/waited || return 1
	echo "programs waited for files of the host:" >&2
	head -n 20 /run/xtcp/waited >&2
}

run()
{
	status=0
	enter_root
	watch_host
	export XTCP_ROOT=memory
	"$@" || status=$?
	! waited_for_host || status=98
	exit $status
}

case $1 in
--pack)
	shift
	pack "$@"
	exit ;;
--inside)
	shift
	run "$@" ;;
esac
make_root
fill_root "$1"
load_modules
shift
exec unshare --mount --propagation private "$0" --inside "$@"
