#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# debian.sh: runs the commands of README.md in a minimal Debian.

set -eu

usage()
{
	cat <<'END'
Usage: selftests/install/debian.sh 12|13 [POINT...]

Creates a minimal Debian with debootstrap, from the archive that apt uses, and runs
the commands of README.md there as root: make demo; make, make install and modinfo
with the headers of that Debian's kernel; dkms add, build and install. Prints TAP;
the output of the commands is in build/install/. Takes a quarter of an hour. The
Debian is removed at the end. POINTs: demo, headers, build, install, dkms (default:
all).

Exit status: 0 if all points pass; 1 if not; 2 if the usage is wrong; 4 if it cannot
run here (skipped).
END
}

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")

# Ends the script as skipped: no plan was printed before.
skip()
{
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit 4
}

case ${1:--h} in
-h | --help)	usage; exit 0 ;;
12)		suite=bookworm ;;
13)		suite=trixie ;;
*)		usage >&2; exit 2 ;;
esac
name=debian-$1
out=$top/build/install/$name
root=${XTCP_CACHE:-$HOME/.cache/xtcp}/$name.$$

# Starts itself again in new mount and PID namespaces: mounts and processes end with
# them.
if [ -z "${XTCP_DEBIAN_INSIDE-}" ]; then
	[ "$(id -u)" = 0 ] || skip "not root"
	"$top/scripts/setup" debian
	[ -n "$("$top/scripts/setup" archive)" ] || "$top/scripts/setup" index
	[ -n "$("$top/scripts/setup" archive)" ] || skip "apt has no Debian archive"
	trap 'rm -rf --one-file-system "$root"' EXIT
	mkdir -p "$root"
	XTCP_DEBIAN_INSIDE=$root unshare --mount --propagation private \
		--pid --fork --kill-child "$0" "$@"
	exit
fi
root=$XTCP_DEBIAN_INSIDE

# --- the system ---------------------------------------------------------------

# This machine's settings of apt for access to the archive, such as proxies, without
# hooks.
apt_settings()
{
	apt-config dump | grep -E '^Acquire::(http|https|Check-|Retries|Allow)' || true
	echo 'APT::Install-Recommends "false";'
}

bootstrap()
{
	local uri security

	uri=$("$top/scripts/setup" archive)
	security=$("$top/scripts/setup" archive Debian-Security)
	eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
	[ -z "${http_proxy-}" ] || export http_proxy
	# An installed Debian has kmod, as a dependency of its kernel.
	debootstrap --variant=minbase --include=ca-certificates,kmod \
		"$suite" "$root" "$uri"
	echo "deb $uri $suite main" >"$root/etc/apt/sources.list"
	[ -z "$security" ] ||
		echo "deb $security $suite-security main" >>"$root/etc/apt/sources.list"
	apt_settings >"$root/etc/apt/apt.conf.d/90host"
	# Packages must not start services.
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod +x "$root/usr/sbin/policy-rc.d"
	cp /etc/resolv.conf /etc/hosts "$root/etc/"
	mount -t proc proc "$root/proc"
	mount --rbind /sys "$root/sys"
	mount --rbind /dev "$root/dev"
	mount -t tmpfs tmpfs "$root/tmp"
}

# Instead of git clone: the working tree with uncommitted changes, without ignored
# files.
export_checkout()
{
	(cd "$top" && git ls-files -z --cached --others --exclude-standard |
		tar --null --ignore-failed-read -T - -cf -) | tar -xf - -C "$root/srv/xtcp"
}

# Runs commands of README.md in the new Debian, in a clean environment.
there()
{
	mkdir -p "$root/srv/xtcp"
	chroot "$root" env -i HOME=/root TERM=dumb LANG=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		DEBIAN_FRONTEND=noninteractive /bin/bash -e -c "cd /srv/xtcp; $1"
}

# --- the points -----------------------------------------------------------------

readme()
{
	there 'apt-get update && apt-get install -y make git'
	export_checkout
}

demo()
{
	there 'make demo'
}

headers()
{
	there 'apt-get install -y gcc make rsync linux-headers-amd64'
}

# uname -r is this machine's kernel: the release is that of the installed headers.
# shellcheck disable=SC2016 # the shell there
release='release=$(ls -d /usr/src/linux-headers-*-amd64 | sed s/.*headers-//)
kdir=/usr/src/linux-headers-$release'

# The build must not print a warning or an error.
build()
{
	there "$release; make KDIR=\$kdir" | tee "$out/make.log"
	! grep -iE 'warning|error' "$out/make.log"
}

install()
{
	there "$release; make install KDIR=\$kdir
		modinfo -k \$release xtcp | grep ^vermagic.*\$release
		make uninstall KDIR=\$kdir
		! modinfo -k \$release xtcp"
}

dkms()
{
	there "$release; apt-get install -y dkms
		rm -rf build
		dkms add /srv/xtcp
		dkms build xtcp/$version -k \$release
		dkms install xtcp/$version -k \$release
		modinfo -k \$release xtcp | grep ^vermagic.*\$release
		dkms status | grep 'xtcp/$version, *'\$release'.*: installed'
		dkms remove xtcp/$version --all
		! modinfo -k \$release xtcp"
}

shift
[ $# != 0 ] || set -- demo headers build install dkms
points=(bootstrap readme "$@")

main()
{
	local n=0 failed=0 point status

	rm -rf "$out"
	mkdir -p "$out"
	echo "TAP version 13"
	echo "1..${#points[@]}"
	for point in "${points[@]}"; do
		n=$((n + 1))
		# The first failing command ends the subshell.
		set +e
		(set -e; "$point") >"$out/$point" 2>&1
		status=$?
		set -e
		if [ $status = 0 ]; then
			echo "ok $n $name.$point"
			continue
		fi
		tail -n 40 "$out/$point" | sed 's/^/# /'
		echo "not ok $n $name.$point"
		failed=1
		# The other points need these two.
		case $point in
		bootstrap | readme)	break ;;
		esac
	done
	return $failed
}

main
