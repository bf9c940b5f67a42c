# SPDX-License-Identifier: GPL-2.0
"""The reaction to a segment that RFC 9293 3.10.7 and RFC 5961 require.

Written from the RFCs, not from the module: wire_matrix compares the module with it.
Sequence numbers are modulo 2^32. arrive() does not change its arguments; the
Outcome has the TCB after the segment.

Each rule has its section. Each choice that the RFCs leave to the implementation is
in CHOICES, with its reason and the page that documents it. Outcome.rules has the
names of the rules that were applied.
"""

from dataclasses import dataclass, field, replace

CHOICES = {
    "rfc5961": "RFC 5961 is implemented; RFC 9293 leaves it to the implementation "
               "(3.10.7.4, MAY-12). conformance.rst, differences.rst 'RST'.",
    "listen-syn-fin": "SYN+FIN to a listener is dropped: scanners send it, no TCP "
                      "opens a connection with it. conformance.rst.",
    "syn-text": "Data and FIN on a SYN are not acknowledged, so the peer "
                "retransmits them (3.10.7.2 and 3.10.7.3 say to queue them; "
                "without an ACK no queue is needed). conformance.rst.",
    "syn-sent-rst": "A RST in SYN-SENT is checked by its ACK alone (3.5.3): "
                    "3.10.7.3 also compares it with RCV.NXT, but there is none yet.",
    "time-wait-rst": "A RST that would end TIME-WAIT is ignored (RFC 1337 3, F1). "
                     "One elsewhere in the window gets a challenge ACK, as in all "
                     "states: 3.10.7.4, second, checks this before the state. "
                     "conformance.rst, differences.rst.",
    "time-wait-syn": "A SYN without ACK, above all received sequence numbers, opens "
                     "a new connection (3.6.1 MAY-2, RFC 6191 2 without timestamps).",
    "request-again": "A retransmitted SYN in SYN-RECEIVED means that the SYN-ACK "
                     "was lost. The SYN-ACK is sent again instead of an ACK, which "
                     "the peer in SYN-SENT would drop (3.10.7.3, fifth). "
                     "conformance.rst SA-4a.",
    "figure-7": "The SYN-ACK of a simultaneous open repeats the SYN's number: "
                "3.10.7.4, first, refuses it, figure 7 accepts it. It is accepted "
                "if its ACK is valid (A.2). conformance.rst MUST-10, U-18.",
    "ack-at-once": "The ACK of an out-of-order segment is processed at once; only "
                   "its data and FIN are held (3.10.7.4 allows to hold the whole "
                   "segment; RFC 5681 3.2 needs the ACK).",
    "whole-segment": "If the user has read all, a segment that begins in the window is "
                     "accepted as a whole: 3.10.7.4, first, allows to trim it. "
                     "differences.rst 'Data beyond the window'.",
    "fin-at-the-edge": "A FIN directly behind the window is accepted, also if that is "
                       "zero: it needs no buffer. As the kernel's TCP. "
                       "differences.rst 'Data beyond the window'.",
    "second-fin": "A FIN after the peer's first one changes nothing and gets an "
                  "ACK: the stream has ended, so RCV.NXT does not advance "
                  "(3.10.7.4, eighth, does not specify this).",
    "delayed-ack": "The ACK of data or FIN in order may be delayed by 40 ms "
                   "(3.8.6.3, SHLD-18). differences.rst 'Delayed ACKs'.",
    "errno": "A reset is ECONNREFUSED before ESTABLISHED, EPIPE in CLOSE-WAIT and "
             "ECONNRESET elsewhere, as in the kernel's TCP. state-table.rst.",
}

NOW = "now"
SOON = "soon"    # within the time of a delayed ACK

CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED = "CLOSED LISTEN SYN-SENT SYN-RECEIVED".split()
ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2 = "ESTABLISHED FIN-WAIT-1 FIN-WAIT-2".split()
CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT = "CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT".split()

STATES = [CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1,
          FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT]


def less(a, b):
    """a < b among sequence numbers (3.4)."""
    return 0 < (b - a) % 2**32 < 2**31


def at_most(a, b):
    return a % 2**32 == b % 2**32 or less(a, b)


def same(a, b):
    return (a - b) % 2**32 == 0


@dataclass(frozen=True)
class Segment:
    flags: str          # of S F R P . U E W, as tcpdump
    seq: int
    ack: int = 0
    text: int = 0       # bytes of data
    wnd: int = 0

    def has(self, flag):
        return flag in self.flags

    @property
    def length(self):
        """SEG.LEN: SYN and FIN count (3.4)."""
        return self.text + self.has("S") + self.has("F")

    @property
    def text_seq(self):
        return self.seq + self.has("S")

    @property
    def fin_seq(self):
        return self.text_seq + self.text


@dataclass(frozen=True)
class Tcb:
    state: str
    passive: bool = True
    una: int = 0
    nxt: int = 0
    max_wnd: int = 0
    irs: int = 0
    rcv_nxt: int = 0
    rcv_wnd: int = 0
    fin_sent: bool = False    # our FIN is nxt - 1
    fin_taken: bool = False   # the peer's FIN is rcv_nxt - 1
    held: tuple = ()          # out of order: (first, after the last, with FIN)
    unread: bool = False      # the user has not read all that was received


@dataclass(frozen=True)
class Answer:
    flags: str
    seq: int                  # None: a new ISS, above all earlier numbers
    ack: int = None
    when: str = NOW


@dataclass
class Outcome:
    tcb: Tcb
    answers: list = field(default_factory=list)
    error: str = ""
    delivered: int = 0
    eof: bool = False         # this segment ends the stream for the user
    rules: list = field(default_factory=list)

    def rule(self, *names):
        self.rules += names
        for name in names:
            if not name[0].isdigit() and not name.startswith("RFC"):
                assert name in CHOICES, name

    def send(self, flags, seq, ack=None, when=NOW):
        """A later ACK for the same segment replaces an earlier one."""
        if flags == "." and self.answers and self.answers[-1].flags == ".":
            if self.answers[-1].when == NOW:
                when = NOW
            self.answers.pop()
        self.answers.append(Answer(flags, seq, ack, when))

    def send_ack(self, when=NOW):
        self.send(".", self.tcb.nxt, self.tcb.rcv_nxt, when)

    def become(self, state, **changes):
        self.tcb = replace(self.tcb, state=state, **changes)


def arrive(tcb, seg):
    """3.10.7: the Outcome of a segment that arrives in any state, also CLOSED."""
    out = Outcome(tcb)
    {CLOSED: closed, LISTEN: listen, SYN_SENT: syn_sent}.get(tcb.state, others)(out, seg)
    return out


def closed(out, seg):
    """3.10.7.1"""
    if seg.has("R"):
        out.rule("3.10.7.1 RST")
    elif seg.has("."):
        out.rule("3.10.7.1 ACK")
        out.send("R", seg.ack)
    else:
        out.rule("3.10.7.1 no ACK")
        out.send("R.", 0, seg.seq + seg.length)


def listen(out, seg):
    """3.10.7.2"""
    if seg.has("R"):
        out.rule("3.10.7.2 first: RST")
    elif seg.has("."):
        out.rule("3.10.7.2 second: ACK")
        out.send("R", seg.ack)
    elif seg.has("S"):
        out.rule("3.10.7.2 third: SYN")
        request(out, seg)
    else:
        out.rule("3.10.7.2 fourth")


def request(out, seg, iss=0):
    """A SYN reaches a listener."""
    if seg.has("F"):
        out.rule("listen-syn-fin")
        return
    if seg.text:
        out.rule("syn-text")
    out.send("S.", iss, seg.seq + 1)
    out.tcb = Tcb(SYN_RECEIVED, passive=True, una=0, nxt=1, max_wnd=seg.wnd,
                  irs=seg.seq, rcv_nxt=seg.seq + 1, rcv_wnd=out.tcb.rcv_wnd)


def syn_sent(out, seg):
    """3.10.7.3"""
    tcb = out.tcb
    # first: una < ack <= nxt; una is the ISS
    if seg.has(".") and not (less(tcb.una, seg.ack) and at_most(seg.ack, tcb.nxt)):
        out.rule("3.10.7.3 first: ACK")
        if not seg.has("R"):
            out.send("R", seg.ack)
        return
    if seg.has("R"):
        out.rule("3.10.7.3 second: RST", "syn-sent-rst")
        if seg.has("."):
            reset(out, "ECONNREFUSED")
        return
    if not seg.has("S"):
        out.rule("3.10.7.3 fifth")
        return
    out.rule("3.10.7.3 fourth: SYN")
    out.tcb = replace(tcb, irs=seg.seq, rcv_nxt=seg.seq + 1, max_wnd=seg.wnd)
    if not seg.has("."):
        if seg.has("F") or seg.text:
            out.rule("syn-text")
        out.become(SYN_RECEIVED)
        out.send("S.", tcb.una, seg.seq + 1)
        return
    out.become(ESTABLISHED, una=seg.ack)
    out.send_ack()
    text(out, seg)
    fin(out, seg)


def others(out, seg):
    """3.10.7.4; a check that returns False ends the processing"""
    for check in (sequence, rst, syn, ack):
        if not check(out, seg):
            return
    text(out, seg)
    fin(out, seg)


def in_window(tcb, number):
    return at_most(tcb.rcv_nxt, number) and less(number, tcb.rcv_nxt + tcb.rcv_wnd)


def acceptable(tcb, seg):
    """Table 6"""
    if tcb.rcv_wnd == 0:
        return seg.length == 0 and same(seg.seq, tcb.rcv_nxt)
    if seg.length == 0:
        return in_window(tcb, seg.seq)
    first, last = seg.seq, seg.seq + seg.length - 1
    # Both ends are outside, but the segment covers the window: it is trimmed.
    around = less(first, tcb.rcv_nxt) and not less(last, tcb.rcv_nxt + tcb.rcv_wnd)
    return in_window(tcb, first) or in_window(tcb, last) or around


def request_again(out, seg):
    tcb = out.tcb
    return (tcb.state == SYN_RECEIVED and tcb.passive and seg.has("S") and
            not seg.has(".") and not seg.has("R") and not seg.has("F") and
            same(seg.seq, tcb.irs))


def crossed(out, seg):
    tcb = out.tcb
    return (tcb.state == SYN_RECEIVED and not tcb.passive and seg.has("S") and
            seg.has(".") and same(seg.seq, tcb.irs) and less(tcb.una, seg.ack) and
            at_most(seg.ack, tcb.nxt))


def reopens(out, seg):
    """RFC 6191 2: the SYN is above the last number received, that of the FIN"""
    tcb = out.tcb
    return (tcb.state == TIME_WAIT and seg.has("S") and not seg.has(".") and
            not seg.has("R") and not seg.has("F") and not less(seg.seq, tcb.rcv_nxt))


def sequence(out, seg):
    """First"""
    if reopens(out, seg):
        out.rule("3.10.7.4 fourth: SYN", "time-wait-syn")
        request(out, seg, iss=None)
        return False
    if request_again(out, seg):
        out.rule("3.10.7.4 first", "request-again")
        out.send("S.", out.tcb.una, out.tcb.rcv_nxt)
        return False
    if acceptable(out.tcb, seg):
        return True
    # Zero window: valid RSTs, URGs and ACKs are still processed (MUST-66).
    if out.tcb.rcv_wnd == 0 and same(seg.seq, out.tcb.rcv_nxt):
        if seg.has("R"):
            return True
        if seg.has("F") and seg.has(".") and not seg.has("S") and not seg.text:
            out.rule("3.10.7.4 first: zero window", "fin-at-the-edge")
            return True
        out.rule("3.10.7.4 first: zero window")
        if seg.has(".") and not seg.has("S") and not ack(out, seg):
            return False
        out.send_ack()
        return False
    if seg.has("R"):
        out.rule("3.10.7.4 first: RST")
    elif crossed(out, seg):
        out.rule("3.10.7.4 first", "figure-7")
        ack(out, seg)
    else:
        out.rule("3.10.7.4 first")
        out.send_ack()
    return False


def rst(out, seg):
    """Second, and RFC 5961 3.2"""
    tcb = out.tcb
    if not seg.has("R"):
        return True
    if same(seg.seq, tcb.rcv_nxt) and tcb.state == TIME_WAIT:
        out.rule("time-wait-rst")
    elif same(seg.seq, tcb.rcv_nxt):
        out.rule("3.10.7.4 second: RST")
        by_rst(out)
    elif in_window(tcb, seg.seq):
        out.rule("3.10.7.4 second: RST", "rfc5961", "RFC 5961 3.2")
        out.send_ack()
    else:
        out.rule("3.10.7.4 second: RST outside")
    return False


def by_rst(out):
    tcb = out.tcb
    if tcb.state == SYN_RECEIVED and tcb.passive:
        out.tcb = Tcb(LISTEN)
    elif tcb.state == SYN_RECEIVED:
        reset(out, "ECONNREFUSED")
    else:
        reset(out, "EPIPE" if tcb.state == CLOSE_WAIT else "ECONNRESET")


def reset(out, error):
    out.rule("errno")
    out.error = error
    out.become(CLOSED)


def syn(out, seg):
    """Fourth (the third, security, does not apply), and RFC 5961 4.2"""
    if not seg.has("S"):
        return True
    tcb = out.tcb
    if tcb.state == SYN_RECEIVED and tcb.passive:
        # A SYN outside of the window was trimmed off.
        if not in_window(tcb, seg.seq):
            return True
        out.rule("3.10.7.4 fourth: SYN, passive")
        out.tcb = Tcb(LISTEN)
        return False
    out.rule("3.10.7.4 fourth: SYN", "rfc5961", "RFC 5961 4.2")
    out.send_ack()
    return False


def ack(out, seg):
    """Fifth, and RFC 5961 5.2"""
    tcb = out.tcb
    if not seg.has("."):
        out.rule("3.10.7.4 fifth: no ACK")
        return False
    if tcb.state == SYN_RECEIVED:
        # 3.5.2 (2): no synchronized state, so RST, not the ACK of RFC 5961.
        if not (less(tcb.una, seg.ack) and at_most(seg.ack, tcb.nxt)):
            out.rule("3.10.7.4 fifth: SYN-RECEIVED, bad ACK")
            out.send("R", seg.ack)
            return False
        out.become(ESTABLISHED, una=seg.ack)
        return True
    if less(seg.ack, tcb.una - tcb.max_wnd) or less(tcb.nxt, seg.ack):
        out.rule("3.10.7.4 fifth: ACK range", "rfc5961", "RFC 5961 5.2")
        out.send_ack()
        return False
    if less(tcb.una, seg.ack):
        out.become(tcb.state, una=seg.ack)
    fin_acked(out)
    return out.tcb.state != CLOSED


def fin_acked(out):
    tcb = out.tcb
    if not tcb.fin_sent or not same(tcb.una, tcb.nxt):
        return
    after = {FIN_WAIT_1: FIN_WAIT_2, CLOSING: TIME_WAIT, LAST_ACK: CLOSED}
    if tcb.state in after:
        out.rule("3.10.7.4 fifth: ACK of FIN")
        out.become(after[tcb.state])


def text(out, seg):
    """Seventh; out-of-order data is held. (The matrix has no URG, the sixth.)"""
    tcb = out.tcb
    if tcb.state not in (ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2):
        if seg.text:
            out.rule("3.10.7.4 seventh: ignored")
        return
    edge = tcb.rcv_nxt + tcb.rcv_wnd
    first, end = seg.text_seq, seg.text_seq + seg.text
    if less(first, tcb.rcv_nxt):
        first = tcb.rcv_nxt
    with_fin = seg.has("F")
    if less(edge, end + with_fin):
        if tcb.rcv_wnd and not tcb.unread:
            out.rule("3.10.7.4 first", "whole-segment")
        elif less(edge, end):
            end, with_fin = edge, False
    if less(tcb.rcv_nxt, first):
        hold(out, first, end, with_fin)
    elif less(first, end):
        out.rule("3.10.7.4 seventh", "delayed-ack")
        take(out, end - first)
        out.send_ack(SOON)
        take_held(out)


def hold(out, first, end, with_fin):
    if not with_fin and not less(first, end):
        return
    out.rule("3.10.7.4: held", "ack-at-once", "RFC 5681 3.2")
    out.tcb = replace(out.tcb, held=out.tcb.held + ((first, end, with_fin),))
    out.send_ack()


def take(out, count):
    """The right edge of the window stays (3.8.6.2.2): the user has not read."""
    out.delivered += count
    out.tcb = replace(out.tcb, rcv_nxt=out.tcb.rcv_nxt + count, unread=True,
                      rcv_wnd=max(0, out.tcb.rcv_wnd - count))


def take_held(out):
    """Delivers held data. A filled gap is acknowledged at once (RFC 5681 4.2)."""
    waiting, out.tcb = out.tcb.held, replace(out.tcb, held=())
    for first, end, with_fin in sorted(waiting):
        assert not less(out.tcb.rcv_nxt, first), "one gap at a time"
        out.rule("3.10.7.4: no longer held")
        if less(out.tcb.rcv_nxt, end):
            take(out, (end - out.tcb.rcv_nxt) % 2**32)
        out.send_ack()
        if with_fin:
            take_fin(out)


def fin(out, seg):
    """Eighth"""
    tcb = out.tcb
    if not seg.has("F") or tcb.state in (CLOSED, LISTEN):
        return
    if tcb.fin_taken:
        out.rule("3.10.7.4 eighth: FIN", "second-fin")
        out.send_ack()
        return
    if same(seg.fin_seq, tcb.rcv_nxt):
        if not tcb.rcv_wnd:
            out.rule("fin-at-the-edge")
        take_fin(out, SOON)


def take_fin(out, when=NOW):
    tcb = out.tcb
    out.rule("3.10.7.4 eighth: FIN", "delayed-ack")
    out.eof = True
    out.tcb = replace(tcb, rcv_nxt=tcb.rcv_nxt + 1, fin_taken=True,
                      rcv_wnd=max(0, tcb.rcv_wnd - 1))
    after = {ESTABLISHED: CLOSE_WAIT, FIN_WAIT_1: CLOSING, FIN_WAIT_2: TIME_WAIT}
    out.become(after[tcb.state])
    out.send_ack(when)
