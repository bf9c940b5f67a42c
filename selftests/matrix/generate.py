#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes the matrix of states and segments: each case, with the result of the oracle.

One line per case, tab-separated, after a header line with the names of the columns.
Segments are in the notation of selftests/lib/wire.h. A case has one step; it has two
if the first segment is out of order: the second one fills the hole. "-" in a column:
nothing, or not checked.
"""

import argparse
import os
import sys

import oracle
from oracle import Segment, Tcb

# The connection that wire_matrix.c sets up: the peer's window, and 60 of 90 bytes sent
# are acknowledged. SND.UNA - MAX.SND.WND is then 1, so the old ACKs that RFC 5961 5.2
# accepts all acknowledge data that was sent.
PEER_WINDOW = 60
UNA, SENT = 61, 91
TEXT = 20
LARGEST = 1400          # bytes of data in one segment
FAR = 2**30

FLAGS = {"SYN": "S", "SYN-ACK": "S.", "SYN-FIN": "SF", "SYN-data": "S", "ACK": ".",
         "FIN": "F", "FIN-ACK": "F.", "RST": "R", "RST-ACK": "R.", "data": ".",
         "data-FIN": "F.", "none": "-", "all": "FSRP.UEW"}

# ISNs of the peer. The sequence numbers wrap nowhere, between SYN and data, and within
# the window; with the last one the sign bit changes within the window.
ISNS = (0x11110000, 0xffffffff, 0xfffffe00, 0x7ffffe00)

COLUMNS = ("id", "state", "isn", "window", "in", "out", "next", "bytes", "eof", "errno",
           "in2", "out2", "next2", "bytes2", "eof2", "errno2", "rules")


def tcbs(window):
    """The initial connection of each case, by its name in wire_matrix.c."""
    # after the handshake; no data received, 30 bytes in flight
    common = {"una": UNA, "nxt": SENT, "max_wnd": PEER_WINDOW, "rcv_nxt": 1,
              "rcv_wnd": window}
    unacked = common | {"nxt": SENT + 1, "fin_sent": True}
    acked = unacked | {"una": SENT + 1}
    ended = {"rcv_nxt": 2, "rcv_wnd": window - 1, "fin_taken": True}
    opening = {"una": 0, "nxt": 1, "max_wnd": PEER_WINDOW, "rcv_nxt": 1,
               "rcv_wnd": window}
    return {
        "CLOSED": Tcb(oracle.CLOSED),
        "LISTEN": Tcb(oracle.LISTEN, rcv_wnd=window),
        "SYN-SENT": Tcb(oracle.SYN_SENT, passive=False, una=0, nxt=1, rcv_wnd=window),
        "SYN-RECEIVED/passive": Tcb(oracle.SYN_RECEIVED, **opening),
        "SYN-RECEIVED/active": Tcb(oracle.SYN_RECEIVED, passive=False, **opening),
        "ESTABLISHED": Tcb(oracle.ESTABLISHED, **common),
        "ESTABLISHED/full": Tcb(oracle.ESTABLISHED, **(
            common | {"rcv_nxt": 1 + window, "rcv_wnd": 0, "unread": True})),
        "FIN-WAIT-1": Tcb(oracle.FIN_WAIT_1, **unacked),
        "FIN-WAIT-2": Tcb(oracle.FIN_WAIT_2, **acked),
        "CLOSE-WAIT": Tcb(oracle.CLOSE_WAIT, **(common | ended)),
        "CLOSING": Tcb(oracle.CLOSING, **(unacked | ended)),
        "LAST-ACK": Tcb(oracle.LAST_ACK, **(unacked | ended)),
        "TIME-WAIT": Tcb(oracle.TIME_WAIT, **(acked | ended)),
    }


def distinct(places):
    """Omits a place with the number of an earlier place."""
    seen = set()
    for name, number in places:
        if number % 2**32 not in seen:
            seen.add(number % 2**32)
            yield name, number


def sequences(tcb):
    """(name, SEG.SEQ, SEG.SEQ in the notation)"""
    if tcb.state in (oracle.CLOSED, oracle.LISTEN):
        return [("once", 0, "0")]
    if tcb.state == oracle.SYN_SENT:
        # no window yet; a RST from CLOSED has 0
        return [("any", 0, "0"), ("zero", 0, "=0")]
    left, right = tcb.rcv_nxt, tcb.rcv_nxt + tcb.rcv_wnd
    places = [("left-1", left - 1), ("left", left), ("left+1", left + 1),
              ("inside", left + tcb.rcv_wnd // 2), ("right-1", right - 1),
              ("right", right), ("far-above", right + FAR), ("far-below", left - FAR)]
    return [(name, at, str(at)) for name, at in distinct(places)]


def extents(tcb, flags):
    """sequences() with the number of bytes of data; with data also more places"""
    if flags == "SYN-data":
        return [(*place, TEXT) for place in sequences(tcb)]
    if not flags.startswith("data"):
        return [(*place, 0) for place in sequences(tcb)]
    some = [(*place, TEXT) for place in sequences(tcb)]
    left = tcb.rcv_nxt
    if some[0][0] in ("once", "any"):
        return some[:1]
    more = [("old", left - TEXT, TEXT), ("half-old", left - TEXT // 2, TEXT)]
    if tcb.rcv_wnd:
        more += [("whole-window", left, tcb.rcv_wnd),
                 ("window+1", left, tcb.rcv_wnd + 1),
                 ("around-window", left - 1, tcb.rcv_wnd + 2)]
    return some + [(name, at, str(at), text) for name, at, text in more]


def acks(tcb, flags):
    """(name, SEG.ACK)"""
    if "." not in flags:
        return [("none", 0)]
    if tcb.state in (oracle.CLOSED, oracle.LISTEN):
        return [("once", 1000)]
    low = tcb.una - tcb.max_wnd
    places = [("too-low", low - 1), ("lowest", low), ("old", tcb.una - 1),
              ("una", tcb.una), ("some", tcb.una + 1), ("all-but-one", tcb.nxt - 1),
              ("all", tcb.nxt), ("beyond", tcb.nxt + 1),
              ("far-above", tcb.nxt + FAR), ("far-below", tcb.una - FAR)]
    return distinct(places)


def notation(seg, seq):
    # the number after the colon is not checked
    text = f"{seg.flags} {seq}:{seq}({seg.text})"
    if seg.has("."):
        text += f" ack {seg.ack}"
    return text + f" win {seg.wnd}"


def answer(tcb, a, bare):
    """bare: "=" if the peer's numbers are absolute, otherwise empty"""
    number = "*" if a.seq is None else a.seq
    if tcb.state == oracle.CLOSED and a.flags == "R.":
        number = f"={number}"
    text = f"{a.flags} {number}(0)"
    if a.ack is not None:
        text += f" ack {bare}{a.ack}"
    if "S" in a.flags:
        text += " <...>"
    return f"+0ms..60ms {text}" if a.when == oracle.SOON else text


def step(tcb, seg, seq):
    """Six columns, and the outcome"""
    out = oracle.arrive(tcb, seg)
    bare = "=" if str(seq).startswith("=") else ""
    answers = " | ".join(answer(tcb, a, bare) for a in out.answers) or "-"
    state = out.tcb.state
    # not checked after an error, or after a new SYN in TIME-WAIT
    over = out.error or (tcb.state, state) == (oracle.TIME_WAIT, oracle.SYN_RECEIVED)
    eof = "-" if over else int(out.tcb.fin_taken)
    if state == oracle.SYN_RECEIVED:
        state += "/passive" if out.tcb.passive else "/active"
    return [notation(seg, seq), answers, state, out.delivered, eof, out.error or "-"], out


def second(out):
    """The segment that fills the hole before out-of-order data: as step()"""
    tcb = out.tcb
    if not tcb.held:
        return ["-"] * 6, []
    missing = (tcb.held[0][0] - tcb.rcv_nxt) % 2**32
    assert missing <= LARGEST
    seg = Segment(".", tcb.rcv_nxt, tcb.una, missing, PEER_WINDOW)
    columns, out = step(tcb, seg, tcb.rcv_nxt)
    assert not out.tcb.held
    return columns, out.rules


def cases(window):
    number = 0
    for state, tcb in tcbs(window).items():
        for name, flags in FLAGS.items():
            for place, at, seq, text in extents(tcb, name):
                for ack_name, ack in acks(tcb, flags):
                    seg = Segment(flags.replace("-", ""), at, ack, text, PEER_WINDOW)
                    if not seg.flags:
                        seg = Segment("-", at, ack, text, PEER_WINDOW)
                    first, out = step(tcb, seg, seq)
                    then, rules = second(out)
                    yield [f"{state}:{name}:{place}:{ack_name}", state,
                           hex(ISNS[number % len(ISNS)]), window, *first, *then,
                           "; ".join(dict.fromkeys(out.rules + rules))]
                    number += 1


def write(path, rows):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="ascii") as file:
        for row in [COLUMNS, *rows]:
            file.write("\t".join(map(str, row)) + "\n")
    os.replace(path + ".new", path)


def main():
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description="Write the matrix of states and segments.",
                                     epilog="Exit status: 0; 2 if the usage is wrong.")
    parser.add_argument("-o", metavar="FILE", help="output (default: build/selftests/matrix.tsv)",
                        default=os.path.join(top, "build", "selftests", "matrix.tsv"))
    parser.add_argument("-w", metavar="BYTES", type=int, default=1152,
                        help="receive window of the stack (default: 1152, the smallest)")
    parser.add_argument("-s", action="store_true", help="only count the cases")
    args = parser.parse_args()
    rows = list(cases(args.w))
    assert len({row[0] for row in rows}) == len(rows)
    if not args.s:
        write(args.o, rows)
    for state in tcbs(args.w):
        mine = [row for row in rows if row[1] == state]
        once = sum(":once:" in row[0] or ":any:" in row[0] for row in mine)
        print(f"{len(mine):5} {state}" + (f", {once} of them independent of SEG.SEQ"
                                          if once else ""))
    print(f"{len(rows):5} cases, {sum(row[10] != '-' for row in rows)} of two steps")
    return 0


if __name__ == "__main__":
    sys.exit(main())
