# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds modules with a deliberate fault, to show that a test finds it. The script
# that sources this file sets $top, the checkout, and $out, a directory for the
# modules, and has die().

# build_fault KERNEL NAME FILE EXPRESSION: builds $out/NAME.ko with the headers in
# KERNEL/build, from a copy of the sources in which sed applied EXPRESSION to
# module/FILE
build_fault()
{
	local kdir=$1 name=$2 file=$3 expression=$4 tree=$out/tree

	mkdir -p "$tree/scripts/lib"
	rsync -rl --checksum --delete "$top/module" "$top/uapi" "$top/Kbuild" \
		"$top/dkms.conf" "$tree/"
	cp "$top/scripts/lib/module" "$tree/scripts/lib/"
	sed -i "$expression" "$tree/module/$file"
	! cmp -s "$top/module/$file" "$tree/module/$file" ||
		die "$name: the expression changes nothing in module/$file; adapt it"
	"$tree/scripts/lib/module" "$kdir/build" "$out/src" >"$out/build.log" 2>&1 || {
		tail -n 20 "$out/build.log" >&2
		die "$name: the module could not be built; see the messages above"
	}
	cp "$out/src/xtcp.ko" "$out/$name.ko"
}

# Functions for the guest's shell: TAP, and exchange of the module.
# shellcheck disable=SC2016,SC2034 # expanded in the guest; used by the other script
guest_functions='
n=0 failed=0

# point STATUS NAME COMMAND...: passes if COMMAND exits with STATUS; its output
# becomes a comment
point()
{
	wanted=$1 name=$2 status=0
	shift 2
	n=$((n + 1))
	"$@" >"$XTCP_TMP/said" 2>&1 || status=$?
	sed "/^ok /d; /^not ok /d; /^TAP /d; /^1\.\./d; s/^# //; s/^/#   /" "$XTCP_TMP/said"
	if [ $status = $wanted ]; then
		echo "ok $n $name"
	else
		echo "not ok $n $name # status $status"
		failed=1
	fi
}

# swap_module FILE: replaces the loaded module. rmmod is tried for 1,000 s, because
# connections that a fault left open may delay it.
swap_module()
{
	tries=0
	until rmmod xtcp 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || return 1
		sleep 10
	done
	insmod "$1"
}

# found NAME COMMAND...: loads $out/NAME.ko, which has a fault; passes if COMMAND
# exits with 1
found()
{
	fault=$1
	shift
	cp "$out/$fault.ko" "$XTCP_TMP/fault.ko"
	swap_module "$XTCP_TMP/fault.ko" || {
		echo "Bail out! $fault: the module could not be loaded"
		exit 1
	}
	point 1 "the fault $fault is found" "$@"
}
'
