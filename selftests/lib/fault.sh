# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds modules with a fault, for tests that must find it. Needs $top, the
# checkout; $out, a directory for the modules; and die().

# build_fault KERNEL NAME FILE EXPRESSION: builds $out/NAME.ko for a kernel from a
# copy of the sources where sed applied EXPRESSION to FILE
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

# For the guest: TAP, and loading and unloading of modules.
# shellcheck disable=SC2016,SC2034 # the guest's shell; who reads this uses it
guest_functions='
n=0 failed=0

# point STATUS NAME COMMAND...: the output of COMMAND becomes a comment
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

# swap_module FILE: connections left open by a fault may delay rmmod
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

# found NAME COMMAND...: $out/NAME.ko has a fault, and the command must find it
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
