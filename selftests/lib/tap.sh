# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# TAP points for scripts that test on the host. The script sets $tmp, a directory
# for the output of commands, and $suite, the prefix of the name of each point.

n=0 failed=0

# verdict STATUS NAME FILE: prints a point, which passes if STATUS is 0; if it fails,
# FILE is printed before it as a comment
verdict()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		# shellcheck disable=SC2154 # set by the script that sources this
		echo "ok $n $suite.$2"
		return
	fi
	sed 's/^/# /' "$3"
	echo "not ok $n $suite.$2"
	failed=1
}

# point NAME COMMAND [ARG...]: the point passes if the command succeeds
point()
{
	local name=$1 status=0

	shift
	# shellcheck disable=SC2154 # see above
	"$@" >"$tmp/log" 2>&1 || status=$?
	verdict $status "$name" "$tmp/log"
}

# Prints the plan and ends the script.
end_of_points()
{
	echo "1..$n"
	exit $failed
}
