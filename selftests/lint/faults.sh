#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# faults.sh: checks that scripts/rooms and scripts/lint find faults. Each point puts one
# fault into a small module of its own and looks for the message. Prints TAP.

# shellcheck disable=SC2317 # points are called by their names
set -eu

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
tree=$tmp/tree

put()
{
	mkdir -p "$(dirname "$tree/$1")"
	{
		case $1 in
		*.c) echo '// SPDX-License-Identifier: GPL-2.0' ;;
		*.h) echo '/* SPDX-License-Identifier: GPL-2.0 */' ;;
		esac
		cat
	} >"$tree/$1"
}

# A module without faults: main.c -> user, rx -> conn -> base.
without_fault()
{
	put module/rooms <<-'EOF'
		# SPDX-License-Identifier: GPL-2.0
		main: start and end
			may call: user rx conn base
		user: system calls
			may call: conn base
		rx: packets
			may call: conn base
		conn: connections
			may call: base
		base: what all use
	EOF
	put module/main.c <<-'EOF'
		#include "rx/rx.h"
		#include "user/user.h"

		int start(void)
		{
			return user_read() + rx_take();
		}
	EOF
	put module/user/user.h <<<'int user_read(void);'
	put module/user/read.c <<-'EOF'
		#include "conn/conn.h"
		#include "user.h"

		int user_read(void)
		{
			return conn_input() + conn_twice(2);
		}
	EOF
	put module/rx/rx.h <<<'int rx_take(void);'
	put module/rx/take.c <<-'EOF'
		#include "conn/conn.h"
		#include "rx.h"

		int rx_take(void)
		{
			return conn_input();
		}
	EOF
	put module/conn/conn.h <<-'EOF'
		#include "base/base.h"
		int conn_input(void);
		static inline int conn_twice(int n)
		{
			return base_count() * n;
		}
	EOF
	put module/conn/own.h <<<'int conn_output(void);'
	put module/conn/input.c <<-'EOF'
		#include "conn.h"
		#include "own.h"

		static int input(void)
		{
			return conn_output();
		}

		int conn_input(void)
		{
			return input();
		}
	EOF
	put module/conn/output.c <<-'EOF'
		#include "conn.h"
		#include "own.h"

		int conn_output(void)
		{
			return base_count();
		}
	EOF
	put module/base/base.h <<<'int base_count(void);'
	put module/base/count.c <<-'EOF'
		#include "base.h"

		int base_count(void)
		{
			return 1;
		}
	EOF
	mkdir -p "$tree/Documentation"
	ln -s "$top/scripts" "$tree/scripts"
}

# Compiles objects that are missing, or older than their source or any header.
objects()
{
	local file object

	(cd "$tree/module" && find . -name '*.c') | while read -r file; do
		object=$tree/objects/${file%.c}.o
		mkdir -p "$(dirname "$object")"
		if [ ! -e "$object" ] || [ -n "$(find "$tree/module" -newer "$object" \
			\( -name '*.h' -o -path "$tree/module/${file#./}" \))" ]; then
			${CC:-cc} -I"$tree/module" -c -o "$object" "$tree/module/$file"
		fi
	done
}

rooms()
{
	"$top/scripts/rooms" --objects "$tree/objects" "$@" "$tree/module"
}

suite=faults
. "$top/selftests/lib/tap.sh"

# The findings, except those about the drawing, must be the lines of stdin.
found()
{
	local status=0

	objects
	rooms >"$tmp/said" || status=$?
	[ "$status" -le 1 ] || return 1
	grep -v '^Documentation/rooms.svg: ' "$tmp/said" >"$tmp/found" || true
	diff -u --label wanted --label found - "$tmp/found"
}

# scripts/lint CHECK must fail with the finding WANTED.
lint_finds()
{
	local check=$1 wanted=$2

	! "$tree/scripts/lint" "$check" >"$tmp/said" 2>&1 || return 1
	cat "$tmp/said"
	grep -qxF "$wanted" "$tmp/said" && tail -n 1 "$tmp/said" | grep -q ' 1 failed'
}

none()
{
	found </dev/null
}

up()
{
	put module/base/up.c <<-'EOF'
		int conn_input(void);
		int base_up(void);

		int base_up(void)
		{
			return conn_input();
		}
	EOF
	found <<-'EOF'
		module/base/up.c:7: base -> conn is not allowed: calls conn_input() of conn/input.c
	EOF
}

include_up()
{
	put module/base/base.h <<-'EOF'
		#include "rx/rx.h"
		int base_count(void);
	EOF
	found <<-'EOF'
		module/base/base.h:2: base -> rx is not allowed: includes rx/rx.h
	EOF
}

# The header is at fault, not count.c, which calls its function.
inline_up()
{
	put module/base/base.h <<-'EOF'
		int base_count(void);
		int conn_output(void);
		static inline int base_inline(void)
		{
			return conn_output();
		}
	EOF
	put module/base/count.c <<-'EOF'
		#include "base.h"

		int base_count(void)
		{
			return base_inline();
		}
	EOF
	# conn/output.c already calls base/count.c: this closes a circle.
	found <<-'EOF'
		module/base/base.h:6: base -> conn is not allowed: calls conn_output() of conn/output.c
		module/base/count.c: a circle of 2 files: base/count.c needs conn_output, by base/base.h, of conn/output.c; conn/output.c calls base_count() of base/count.c
	EOF
}

# user may include conn.h, but not call a function of rx that conn.h includes.
inline_aside()
{
	sed -i 's|^#include.*|#include "rx/rx.h"|' "$tree/module/conn/conn.h"
	put module/rx/rx.h <<-'EOF'
		#pragma once
		int rx_take(void);
		static inline int rx_one(void)
		{
			return 1;
		}
	EOF
	sed -i 's/conn_input()/rx_one()/' "$tree/module/user/read.c"
	found <<-'EOF'
		module/conn/conn.h:2: conn -> rx is not allowed: includes rx/rx.h
		module/user/read.c:7: user -> rx is not allowed: calls rx_one() of rx/rx.h
	EOF
}

aside()
{
	sed -i 's/conn_input()/rx_take()/; s|"conn/conn.h"|"rx/rx.h"|; s/ + .*/;/' \
		"$tree/module/user/read.c"
	found <<-'EOF'
		module/user/read.c:2: user -> rx is not allowed: includes rx/rx.h
		module/user/read.c:7: user -> rx is not allowed: calls rx_take() of rx/take.c
	EOF
}

data_aside()
{
	echo 'int rx_count = 1;' >>"$tree/module/rx/take.c"
	sed -i 's/conn_input()/rx_count/; 3a extern int rx_count;' \
		"$tree/module/user/read.c"
	found <<-'EOF'
		module/user/read.c:8: user -> rx is not allowed: uses rx_count of rx/take.c
	EOF
}

own_header()
{
	sed -i '2a #include "conn/own.h"' "$tree/module/rx/take.c"
	found <<-'EOF'
		module/rx/take.c:3: rx -> conn: includes conn/own.h, which is conn's own: what other rooms may use is in conn/conn.h
	EOF
}

opened_header()
{
	own_header >/dev/null
	sed -i '/^conn:/a \\theaders: own.h' "$tree/module/rooms"
	found </dev/null
}

circle()
{
	sed -i 's/return base_count/return conn_input() + base_count/' \
		"$tree/module/conn/output.c"
	found <<-'EOF'
		module/conn/input.c:7: a circle of 2 files: conn/input.c calls conn_output() of conn/output.c; conn/output.c calls conn_input() of conn/input.c
	EOF
}

circle_of_three()
{
	put module/conn/ack.c <<-'EOF'
		#include "conn.h"

		int conn_ack(void)
		{
			return conn_input();
		}
	EOF
	sed -i '$ s/.*/int conn_ack(void);/' "$tree/module/conn/own.h"
	sed -i 's/return base_count/return conn_ack() + base_count/' \
		"$tree/module/conn/output.c"
	found <<-'EOF'
		module/conn/ack.c:6: a circle of 3 files: conn/ack.c calls conn_input() of conn/input.c; conn/input.c calls conn_output() of conn/output.c; conn/output.c calls conn_ack() of conn/ack.c
	EOF
}

# Without a table of rooms, as in selftests/lib/.
circle_without_rooms()
{
	local status=0

	circle >/dev/null || return
	rm "$tree/module/rooms"
	rooms --circles >"$tmp/found" || status=$?
	[ $status = 1 ] && diff -u --label wanted --label found - "$tmp/found" <<-'EOF'
		tree/module/conn/input.c:7: a circle of 2 files: conn/input.c calls conn_output() of conn/output.c; conn/output.c calls conn_input() of conn/input.c
	EOF
}

circle_of_headers()
{
	put module/conn/own.h <<-'EOF'
		#ifndef OWN_H
		#define OWN_H
		#include "conn.h"
		int conn_output(void);
		#endif
	EOF
	sed -i '2a #include "own.h"' "$tree/module/conn/conn.h"
	sed -i '1a #ifndef CONN_H\n#define CONN_H' "$tree/module/conn/conn.h"
	echo '#endif' >>"$tree/module/conn/conn.h"
	found <<-'EOF'
		module/conn/conn.h:5: a circle of 2 files: conn/conn.h includes conn/own.h; conn/own.h includes conn/conn.h
	EOF
}

# 80 lines are allowed, from the first line of the declaration to the closing brace.
long_function()
{
	local lines

	for lines in 80 81; do
		echo "static int of_$lines(int a,"
		echo "	int b)"
		echo "{"
		yes '	a += b;' | head -n $((lines - 5))
		echo "	return a;"
		echo "}"
		echo "int conn_of_$lines = sizeof(of_$lines(0, 0));"
	done | put module/conn/long.c
	found <<-'EOF'
		module/conn/long.c:83: of_81() has 81 lines, more than 80
	EOF
}

long_file()
{
	yes '/* */' | head -n 999 | put module/conn/just.c
	yes '/* */' | head -n 1000 | put module/conn/long.c
	found <<-'EOF'
		module/conn/long.c: 1001 lines, more than 1000
	EOF
}

namesake()
{
	sed -i 's/^int conn_output/static int input(void)\n{\n\treturn 0;\n}\n\n&/
		s/return base/return input() + base/' "$tree/module/conn/output.c"
	found <<-'EOF'
		module/conn/input.c:5: static input() has a namesake in conn/output.c
		module/conn/output.c:5: static input() has a namesake in conn/input.c
	EOF
}

# Names in comments and strings, and of structure members, are not calls.
no_calls()
{
	put module/base/count.c <<-'EOF'
		#include "base.h"

		/* conn_input() is called by nobody here:
		 * conn_twice(1) neither
		 */
		int base_count(void)
		{
			struct { int (*conn_twice)(int n); } ops = { 0 };

			return ops.conn_twice ? ops.conn_twice(1) : !"conn_twice(1)";
		}
	EOF
	found </dev/null
}

table_up()
{
	sed -i 's/^base:.*/&\n\tmay call: conn/' "$tree/module/rooms"
	found <<-'EOF'
		module/rooms:10: base -> conn points up: a room may only call rooms further down
	EOF
}

table_unknown()
{
	sed -i 's/may call: conn base/may call: conn base cellar/; s/^base:/attic: empty\n&/' \
		"$tree/module/rooms"
	found <<-'EOF'
		module/rooms:4: user may call cellar, which is no room
		module/rooms:6: rx may call cellar, which is no room
		module/rooms:10: nothing is in the room attic
	EOF
}

no_room()
{
	put module/stray.c <<<'int stray;'
	put module/attic/stray.c <<<'int stray_attic;'
	found <<-'EOF'
		module/attic/stray.c: the table has no room attic
		module/stray.c: in no room: only main.c has no folder
	EOF
}

not_built()
{
	objects
	put module/conn/later.c <<<'int later;'
	rooms >"$tmp/said" || true
	grep -qxF 'module/conn/later.c: there is no object of it: it is not in Kbuild' \
		"$tmp/said"
}

# The drawing is reproducible, contains no path of this machine, and is valid until an
# arrow or a file is added or removed.
drawing()
{
	local svg=$tree/Documentation/rooms.svg

	objects
	rooms | tee /dev/stderr | grep -qx \
		'Documentation/rooms.svg: missing: run scripts/rooms --draw' || return 1
	rooms --draw || return 1
	cp "$svg" "$tmp/first"
	rooms --draw || return 1
	cmp "$svg" "$tmp/first" || return 1
	! grep -F "$tmp" "$svg" || return 1
	rooms || return 1
	put module/conn/more.c <<<'int more;'
	objects
	! rooms >"$tmp/said" || return 1
	cat "$tmp/said"
	grep -q '^Documentation/rooms.svg: differs.*more.c' "$tmp/said" || return 1
	rooms --draw && rooms
}

kernel_doc()
{
	put module/base/base.h <<-'EOF'
		/**
		 * base_count - how many there are
		 */
		int base_count(int of);
	EOF
	lint_finds kernel-doc "module/base/base.h:5: warning: Function parameter or struct member 'of' not described in 'base_count'"
}

version()
{
	put module/base/base.h <<-'EOF'
		int base_count(void);
		#if LINUX_VERSION_CODE < 1
		#endif
	EOF
	lint_finds versions 'module/base/base.h:3:#if LINUX_VERSION_CODE < 1'
}

"$top/scripts/setup" linux-source >/dev/null
echo "TAP version 13"
without_fault
objects
cp -a "$tree" "$tmp/good"
for fault in none up include_up inline_up inline_aside aside data_aside own_header \
	     opened_header circle circle_of_three circle_without_rooms circle_of_headers \
	     long_function long_file namesake no_calls table_up table_unknown no_room \
	     not_built drawing kernel_doc version; do
	rm -rf "$tree"
	cp -a "$tmp/good" "$tree"
	point $fault $fault
done
end_of_points
