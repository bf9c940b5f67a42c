#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests the oracle with cases derived by hand from RFC 9293 and RFC 5961."""

import unittest

from oracle import (CLOSED, CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1,
                    FIN_WAIT_2, LAST_ACK, LISTEN, NOW, SOON, SYN_RECEIVED, SYN_SENT,
                    TIME_WAIT, Segment, Tcb, acceptable, arrive, less)


def answers(out):
    return [(a.flags, a.seq, a.ack) for a in out.answers]


def established(**changes):
    """The left side of figure 6: its ISN is 100, that of the peer 300."""
    values = {"una": 101, "nxt": 101, "max_wnd": 50, "irs": 300, "rcv_nxt": 301,
              "rcv_wnd": 1000}
    return Tcb(ESTABLISHED, **(values | changes))


class Numbers(unittest.TestCase):
    def test_wrap(self):
        self.assertTrue(less(2**32 - 1, 0))
        self.assertFalse(less(0, 2**32 - 1))
        self.assertFalse(less(5, 5))


class Figures(unittest.TestCase):
    """The figures of RFC 9293 3.5 and 3.6, line by line"""

    def test_figure_6_handshake(self):
        left = Tcb(SYN_SENT, passive=False, una=100, nxt=101)
        out = arrive(left, Segment("S.", 300, 101))
        self.assertEqual(answers(out), [(".", 101, 301)])
        self.assertEqual(out.tcb.state, ESTABLISHED)
        right = Tcb(SYN_RECEIVED, una=300, nxt=301, irs=100, rcv_nxt=101, rcv_wnd=1000)
        out = arrive(right, Segment(".", 101, 301))
        self.assertEqual((answers(out), out.tcb.state), ([], ESTABLISHED))

    def test_figure_7_simultaneous_open(self):
        left = Tcb(SYN_SENT, passive=False, una=100, nxt=101, rcv_wnd=1000)
        out = arrive(left, Segment("S", 300))
        self.assertEqual(answers(out), [("S.", 100, 301)])
        self.assertEqual(out.tcb.state, SYN_RECEIVED)
        for seg in (Segment("S.", 300, 101), Segment(".", 301, 101)):
            after = arrive(out.tcb, seg)
            self.assertEqual((answers(after), after.tcb.state), ([], ESTABLISHED))
        after = arrive(out.tcb, Segment("S.", 300, 100))
        self.assertEqual((answers(after), after.tcb.state),
                         ([(".", 101, 301)], SYN_RECEIVED))

    def test_figure_8_old_syn(self):
        left = Tcb(SYN_SENT, passive=False, una=100, nxt=101)
        out = arrive(left, Segment("S.", 300, 91))
        self.assertEqual((answers(out), out.tcb.state), ([("R", 91, None)], SYN_SENT))
        right = Tcb(SYN_RECEIVED, una=300, nxt=301, irs=90, rcv_nxt=91, rcv_wnd=1000)
        out = arrive(right, Segment("R", 91))
        self.assertEqual((answers(out), out.tcb.state), ([], LISTEN))

    def test_figure_9_half_open(self):
        right = established(una=300, nxt=300, rcv_nxt=100)
        out = arrive(right, Segment("S", 400))
        self.assertEqual((answers(out), out.tcb.state), ([(".", 300, 100)], ESTABLISHED))
        left = Tcb(SYN_SENT, passive=False, una=400, nxt=401)
        out = arrive(left, Segment(".", 300, 100))
        self.assertEqual((answers(out), out.tcb.state), ([("R", 100, None)], SYN_SENT))
        out = arrive(right, Segment("R", 100))
        self.assertEqual((out.tcb.state, out.error), (CLOSED, "ECONNRESET"))

    def test_figure_10_active_side_finds(self):
        out = arrive(Tcb(CLOSED), Segment(".", 300, 100, text=10))
        self.assertEqual(answers(out), [("R", 100, None)])

    def test_figure_11_listener(self):
        out = arrive(Tcb(LISTEN), Segment("S.", 300, 401))
        self.assertEqual((answers(out), out.tcb.state), ([("R", 401, None)], LISTEN))

    def test_figure_12_close(self):
        left = Tcb(FIN_WAIT_1, una=100, nxt=101, max_wnd=50, rcv_nxt=300,
                   rcv_wnd=1000, fin_sent=True)
        out = arrive(left, Segment(".", 300, 101))
        self.assertEqual((answers(out), out.tcb.state), ([], FIN_WAIT_2))
        out = arrive(out.tcb, Segment("F.", 300, 101))
        self.assertEqual((answers(out), out.tcb.state), ([(".", 101, 301)], TIME_WAIT))
        right = established(una=300, nxt=300, rcv_nxt=100)
        out = arrive(right, Segment("F.", 100, 300))
        self.assertEqual((answers(out), out.tcb.state), ([(".", 300, 101)], CLOSE_WAIT))
        right = Tcb(LAST_ACK, una=300, nxt=301, max_wnd=50, rcv_nxt=101, rcv_wnd=999,
                    fin_sent=True, fin_taken=True)
        out = arrive(right, Segment(".", 101, 301))
        self.assertEqual((answers(out), out.tcb.state), ([], CLOSED))

    def test_figure_13_simultaneous_close(self):
        left = Tcb(FIN_WAIT_1, una=100, nxt=101, max_wnd=50, rcv_nxt=300,
                   rcv_wnd=1000, fin_sent=True)
        out = arrive(left, Segment("F.", 300, 100))
        self.assertEqual((answers(out), out.tcb.state), ([(".", 101, 301)], CLOSING))
        out = arrive(out.tcb, Segment(".", 301, 101))
        self.assertEqual((answers(out), out.tcb.state), ([], TIME_WAIT))

    def test_fin_with_the_ack_of_ours(self):
        left = Tcb(FIN_WAIT_1, una=100, nxt=101, max_wnd=50, rcv_nxt=300,
                   rcv_wnd=1000, fin_sent=True)
        out = arrive(left, Segment("F.", 300, 101))
        self.assertEqual((answers(out), out.tcb.state), ([(".", 101, 301)], TIME_WAIT))


class Closed(unittest.TestCase):
    """3.10.7.1 and 3.5.2 (1)"""

    def test_all(self):
        for seg, want in ((Segment("R", 7), []), (Segment("R.", 7, 9), []),
                          (Segment("S", 7), [("R.", 0, 8)]),
                          (Segment("SF", 7, text=10), [("R.", 0, 19)]),
                          (Segment("-", 7), [("R.", 0, 7)]),
                          (Segment("F.", 7, 9), [("R", 9, None)])):
            self.assertEqual(answers(arrive(Tcb(CLOSED), seg)), want)


class SynSent(unittest.TestCase):
    """3.10.7.3"""

    def test_rst(self):
        tcb = Tcb(SYN_SENT, passive=False, una=100, nxt=101)
        out = arrive(tcb, Segment("R.", 0, 101))
        self.assertEqual((out.tcb.state, out.error), (CLOSED, "ECONNREFUSED"))
        for seg in (Segment("R", 0), Segment("R.", 0, 100), Segment("R.", 0, 102)):
            out = arrive(tcb, seg)
            self.assertEqual((answers(out), out.tcb.state), ([], SYN_SENT))

    def test_fin_on_syn_ack_goes_on_at_the_sixth(self):
        tcb = Tcb(SYN_SENT, passive=False, una=100, nxt=101, rcv_wnd=1000)
        out = arrive(tcb, Segment("SF.", 300, 101))
        self.assertEqual((answers(out), out.tcb.state), ([(".", 101, 302)], CLOSE_WAIT))


class Window(unittest.TestCase):
    """Table 6"""

    def test_acceptable(self):
        tcb = established()
        for seq, length, want in ((300, 0, False), (301, 0, True), (1300, 0, True),
                                  (1301, 0, False), (300, 1, False), (300, 2, True),
                                  (1300, 5, True), (1301, 5, False),
                                  (300, 1002, True), (250, 51, False)):
            with self.subTest(seq=seq, length=length):
                self.assertEqual(acceptable(tcb, Segment(".", seq, 101, length)), want)

    def test_zero_window(self):
        tcb = established(rcv_wnd=0)
        self.assertTrue(acceptable(tcb, Segment(".", 301, 101)))
        for seg in (Segment(".", 302, 101), Segment(".", 300, 101),
                    Segment(".", 301, 101, 1)):
            self.assertFalse(acceptable(tcb, seg))
        out = arrive(established(rcv_wnd=0, una=90), Segment(".", 301, 101, 10))
        self.assertEqual((out.tcb.una, out.delivered), (101, 0))
        self.assertEqual(answers(out), [(".", 101, 301)])
        self.assertEqual(arrive(tcb, Segment("R", 301)).tcb.state, CLOSED)
        self.assertEqual(answers(arrive(tcb, Segment("F", 301))), [(".", 101, 301)])
        out = arrive(tcb, Segment("F.", 301, 101, 1))
        self.assertEqual((out.eof, answers(out)), (False, [(".", 101, 301)]))
        out = arrive(tcb, Segment("F.", 301, 101))
        self.assertEqual((out.eof, answers(out)), (True, [(".", 101, 302)]))

    def test_answer_has_our_numbers(self):
        out = arrive(established(), Segment(".", 5000, 77, 10))
        self.assertEqual(answers(out), [(".", 101, 301)])


class Blind(unittest.TestCase):
    """RFC 5961"""

    def test_rst(self):
        for seq, state, want in ((301, CLOSED, []), (302, ESTABLISHED, [(".", 101, 301)]),
                                 (1300, ESTABLISHED, [(".", 101, 301)]),
                                 (1301, ESTABLISHED, []), (300, ESTABLISHED, [])):
            out = arrive(established(), Segment("R", seq))
            self.assertEqual((out.tcb.state, answers(out)), (state, want))

    def test_syn(self):
        for seq in (300, 301, 1301, 2**31):
            for flags in ("S", "S.", "SF"):
                out = arrive(established(), Segment(flags, seq, 101))
                self.assertEqual((out.tcb.state, answers(out)),
                                 (ESTABLISHED, [(".", 101, 301)]))

    def test_ack_range(self):
        for number, good in ((50, False), (51, True), (101, True), (102, False)):
            out = arrive(established(), Segment(".", 301, number, 10))
            self.assertEqual(out.delivered, 10 if good else 0)
            self.assertEqual(out.answers[0].when, SOON if good else NOW)
            self.assertEqual(answers(out), [(".", 101, 311 if good else 301)])


class SynReceived(unittest.TestCase):
    """3.10.7.4 in SYN-RECEIVED"""

    def setUp(self):
        self.tcb = Tcb(SYN_RECEIVED, una=100, nxt=101, max_wnd=50, irs=300,
                       rcv_nxt=301, rcv_wnd=1000)

    def test_passive(self):
        for seg, want, state in ((Segment("S", 301), [], LISTEN),
                                 (Segment("R", 301), [], LISTEN),
                                 (Segment("S", 300), [("S.", 100, 301)], SYN_RECEIVED),
                                 (Segment(".", 301, 100), [("R", 100, None)],
                                  SYN_RECEIVED),
                                 (Segment(".", 301, 102), [("R", 102, None)],
                                  SYN_RECEIVED),
                                 (Segment("F", 301), [], SYN_RECEIVED),
                                 (Segment("S", 300, 0, 10), [("S.", 100, 301)],
                                  SYN_RECEIVED),
                                 (Segment("SF", 300), [], SYN_RECEIVED)):
            out = arrive(self.tcb, seg)
            self.assertEqual((answers(out), out.tcb.state), (want, state))

    def test_active(self):
        tcb = Tcb(SYN_RECEIVED, passive=False, una=100, nxt=101, max_wnd=50, irs=300,
                  rcv_nxt=301, rcv_wnd=1000)
        out = arrive(tcb, Segment("R", 301))
        self.assertEqual((out.tcb.state, out.error), (CLOSED, "ECONNREFUSED"))
        out = arrive(tcb, Segment("S", 301))
        self.assertEqual((answers(out), out.tcb.state), ([(".", 101, 301)], SYN_RECEIVED))

    def test_third_ack_with_fin(self):
        out = arrive(self.tcb, Segment("F.", 301, 101, 10))
        self.assertEqual((out.delivered, out.eof, out.tcb.state), (10, True, CLOSE_WAIT))
        self.assertEqual(answers(out), [(".", 101, 312)])


class Text(unittest.TestCase):
    """3.10.7.4, seventh and eighth"""

    def test_trimmed_left(self):
        out = arrive(established(), Segment(".", 291, 101, 15))
        self.assertEqual((out.delivered, answers(out)), (5, [(".", 101, 306)]))

    def test_whole_segment(self):
        out = arrive(established(), Segment("F.", 1296, 101, 10))
        self.assertEqual((out.delivered, answers(out)), (0, [(".", 101, 301)]))
        out = arrive(out.tcb, Segment(".", 301, 101, 995))
        self.assertEqual((out.delivered, answers(out), out.eof, out.tcb.rcv_wnd),
                         (1005, [(".", 101, 1307)], True, 0))

    def test_fin_at_the_edge(self):
        for text, eof in ((1000, True), (1001, False)):
            out = arrive(established(unread=True), Segment("F.", 301, 101, text))
            self.assertEqual((out.delivered, out.eof), (1000, eof))

    def test_held_and_trimmed_right(self):
        out = arrive(established(unread=True), Segment("F.", 1296, 101, 10))
        self.assertEqual((out.delivered, answers(out)), (0, [(".", 101, 301)]))
        out = arrive(out.tcb, Segment(".", 301, 101, 995))
        self.assertEqual((out.delivered, answers(out), out.answers[0].when),
                         (1000, [(".", 101, 1301)], NOW))
        self.assertEqual(out.tcb.state, ESTABLISHED)

    def test_fin_waits(self):
        out = arrive(established(), Segment("F.", 311, 101))
        self.assertEqual((out.eof, answers(out)), (False, [(".", 101, 301)]))
        out = arrive(out.tcb, Segment(".", 301, 101, 10))
        self.assertEqual((out.eof, out.tcb.state, answers(out)),
                         (True, CLOSE_WAIT, [(".", 101, 312)]))

    def test_around(self):
        out = arrive(established(unread=True), Segment("F.", 300, 101, 1002))
        self.assertEqual((out.delivered, out.eof, out.tcb.rcv_wnd), (1000, False, 0))
        out = arrive(established(), Segment("F.", 300, 101, 1002))
        self.assertEqual((out.delivered, out.eof, out.tcb.rcv_wnd), (1001, True, 0))

    def test_after_fin(self):
        tcb = established(rcv_nxt=302, fin_taken=True)
        tcb = Tcb(**(tcb.__dict__ | {"state": CLOSE_WAIT}))
        out = arrive(tcb, Segment(".", 302, 101, 10))
        self.assertEqual((answers(out), out.delivered), ([], 0))
        out = arrive(tcb, Segment("F.", 301, 101))
        self.assertEqual((answers(out), out.tcb.state), ([(".", 101, 302)], CLOSE_WAIT))

    def test_no_ack_bit(self):
        out = arrive(established(), Segment("F", 301, 0, 10))
        self.assertEqual((answers(out), out.delivered, out.tcb.state),
                         ([], 0, ESTABLISHED))


class TimeWait(unittest.TestCase):
    def setUp(self):
        self.tcb = Tcb(TIME_WAIT, una=101, nxt=101, max_wnd=50, irs=300, rcv_nxt=302,
                       rcv_wnd=999, fin_sent=True, fin_taken=True)

    def test_rfc_1337(self):
        for seq, want in ((302, []), (303, [(".", 101, 302)]), (1301, [])):
            out = arrive(self.tcb, Segment("R", seq))
            self.assertEqual((answers(out), out.tcb.state), (want, TIME_WAIT))

    def test_fin_again(self):
        out = arrive(self.tcb, Segment("F.", 301, 101))
        self.assertEqual((answers(out), out.tcb.state), ([(".", 101, 302)], TIME_WAIT))

    def test_rfc_6191(self):
        out = arrive(self.tcb, Segment("S", 302))
        self.assertEqual((answers(out), out.tcb.state),
                         ([("S.", None, 303)], SYN_RECEIVED))
        out = arrive(self.tcb, Segment("S", 301))
        self.assertEqual((answers(out), out.tcb.state), ([(".", 101, 302)], TIME_WAIT))


class Closing(unittest.TestCase):
    def test_last_ack_and_closing_want_their_fin_acked(self):
        for state, after in ((CLOSING, TIME_WAIT), (LAST_ACK, CLOSED)):
            tcb = Tcb(state, una=90, nxt=101, max_wnd=50, irs=300, rcv_nxt=302,
                      rcv_wnd=999, fin_sent=True, fin_taken=True)
            self.assertEqual(arrive(tcb, Segment(".", 302, 100)).tcb.state, state)
            self.assertEqual(arrive(tcb, Segment(".", 302, 101)).tcb.state, after)

    def test_fin_wait_2_still_receives(self):
        tcb = Tcb(FIN_WAIT_2, una=101, nxt=101, max_wnd=50, rcv_nxt=301, rcv_wnd=1000,
                  fin_sent=True)
        out = arrive(tcb, Segment(".", 301, 101, 10))
        self.assertEqual((out.delivered, answers(out)), (10, [(".", 101, 311)]))


if __name__ == "__main__":
    unittest.main()
