// SPDX-License-Identifier: GPL-2.0
/*
 * ECN: RFC 3168, RFC 9768.
 */
#include "ecn.h"
#include "tap.h"

static struct xtcp_segment segment(u8 bits, u8 ecn, u32 len)
{
	struct xtcp_segment seg;

	memset(&seg, 0, sizeof(seg));
	seg.flags = XTCP_ACK;
	if (bits & 1)
		seg.flags |= XTCP_ECE;
	if (bits & 2)
		seg.flags |= XTCP_CWR;
	seg.ae = bits >> 2;
	seg.ecn = ecn;
	seg.len = len;
	seg.end_seq = len;
	return seg;
}

static struct xtcp_ecn wanting(u8 want)
{
	struct xtcp_ecn e;

	memset(&e, 0, sizeof(e));
	e.want = want;
	return e;
}

/* Passive open, by a SYN with @bits. */
static struct xtcp_ecn asked(u8 want, u8 bits, u8 ecn)
{
	struct xtcp_ecn e = wanting(want);
	struct xtcp_segment seg = segment(bits, ecn, 0);

	xtcp_ecn_rcv_syn(&e, &seg);
	return e;
}

/* Active open, answered by a SYN-ACK with @bits. */
static struct xtcp_ecn answered(u8 want, u8 bits, u8 ecn)
{
	struct xtcp_ecn e = wanting(want);
	struct xtcp_segment seg = segment(bits, ecn, 0);

	xtcp_ecn_rcv_syn_ack(&e, &seg);
	return e;
}

static u8 sent(struct xtcp_ecn *e, u8 flags, u32 len, bool fresh, u8 *ecn)
{
	struct xtcp_segment out = segment(0, 0, len);

	out.flags = flags;
	*ecn = xtcp_ecn_send(e, &out, fresh);
	return xtcp_ecn_bits(&out);
}

static bool arrives(struct xtcp_ecn *e, u8 bits, u8 ecn, u32 len)
{
	struct xtcp_segment seg = segment(bits, ecn, len);

	return xtcp_ecn_rcv_segment(e, &seg, 1, false);
}

static u32 told(struct xtcp_ecn *e, u8 bits, u32 segs)
{
	struct xtcp_segment seg = segment(bits, 0, 0);
	struct xtcp_ecn_acked acked = { .una = 0, .segs = segs, .mss = 1000 };

	seg.ack = segs * 1000;
	return xtcp_ecn_feedback(e, &seg, &acked);
}

/* The values of net.ipv4.tcp_ecn */
TEST(policy)
{
	static const u8 in[] = { 0, 1, 1, 2, 2, 2, 0 };
	static const u8 out[] = { 0, 1, 0, 2, 1, 0, 0 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(in); i++) {
		at("setting %u", i);
		is(xtcp_ecn_policy(i, false), in[i]);
		is(xtcp_ecn_policy(i, true), out[i]);
	}
}

/* EC-1, AE-2, AE-3: a received SYN, for each mode that we grant at most */
TEST(ec1_ae2_ae3_syn)
{
	static const u8 classic[] = { 0, 0, 0, 1, 0, 0, 0, 1 };
	static const u8 accurate[] = { 0, 2, 2, 1, 2, 2, 2, 2 };
	u8 bits;

	for (bits = 0; bits < 8; bits++) {
		at("bits %u", bits);
		is(asked(XTCP_ECN_OFF, bits, 0).mode, XTCP_ECN_OFF);
		is(asked(XTCP_ECN_CLASSIC, bits, 0).mode, classic[bits]);
		is(asked(XTCP_ECN_ACCURATE, bits, 0).mode, accurate[bits]);
		is(asked(XTCP_ECN_CLASSIC, bits, XTCP_IP_CE).mode, 0);
	}
}

/* EC-1, AE-2, AE-3: a received SYN-ACK, for each mode that we requested */
TEST(ec1_ae2_ae3_syn_ack)
{
	static const u8 classic[] = { 0, 1, 0, 0, 0, 1, 0, 0 };
	static const u8 accurate[] = { 0, 1, 2, 2, 2, 2, 2, 0 };
	static const u8 mangled[] = { 0, 0, 0, 1, 1, 0, 1, 0 };
	u8 bits;

	for (bits = 0; bits < 8; bits++) {
		struct xtcp_ecn e = answered(XTCP_ECN_ACCURATE, bits, 0);

		at("bits %u", bits);
		is(answered(XTCP_ECN_OFF, bits, 0).mode, XTCP_ECN_OFF);
		is(answered(XTCP_ECN_CLASSIC, bits, 0).mode, classic[bits]);
		is(e.mode, accurate[bits]);
		is(e.no_ect, mangled[bits]);
		is(e.handshake_ce, bits == 6);
	}
}

/* EC-4, AE-4: the flags of our SYN, by the number of retransmissions */
TEST(ec4_ae4_retransmitted_syn)
{
	static const u8 bits[3][4] = { { 0 }, { 3, 0, 0, 0 }, { 7, 7, 0, 0 } };
	u8 want;
	u32 i;

	for (want = 0; want < 3; want++) {
		struct xtcp_ecn e = wanting(want);
		struct xtcp_ecn stubborn = wanting(want);

		for (i = 0; i < 4; i++) {
			struct xtcp_segment out = segment(0, 0, 0);

			at("want %u, retransmission %u", want, i);
			is(xtcp_ecn_syn(&e, i, true, &out), want && i == want);
			is(xtcp_ecn_bits(&out), bits[want][i]);
			out = segment(0, 0, 0);
			no(xtcp_ecn_syn(&stubborn, i, false, &out));
			is(xtcp_ecn_bits(&out), bits[want][0]);
		}
		/* After a SYN without flags: none, also without fallback. */
		if (want) {
			struct xtcp_segment out = segment(0, 0, 0);

			no(xtcp_ecn_syn(&e, 4, false, &out));
			is(xtcp_ecn_bits(&out), 0);
		}
	}
}

/* EC-2: no classic ECN after a SYN that did not request it */
TEST(ec2_plain_syn)
{
	struct xtcp_segment seg = segment(1, 0, 0);
	struct xtcp_ecn e = wanting(XTCP_ECN_CLASSIC);

	e.syn_fallback = 1;
	xtcp_ecn_rcv_syn_ack(&e, &seg);
	is(e.mode, XTCP_ECN_OFF);
	/* AccECN: the SYN-ACK shows that the server uses it. */
	e = wanting(XTCP_ECN_ACCURATE);
	e.syn_fallback = 1;
	seg = segment(2, 0, 0);
	xtcp_ecn_rcv_syn_ack(&e, &seg);
	is(e.mode, XTCP_ECN_ACCURATE);
	no(e.no_ect);
}

/* EC-2, AE-5, AE-6: the SYN is retransmitted with other flags */
TEST(ae5_ae6_syn_retransmitted)
{
	u8 bits;

	for (bits = 0; bits < 8; bits++) {
		struct xtcp_segment seg = segment(bits, XTCP_IP_ECT0, 0);
		struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 3, 0);

		at("bits %u", bits);
		is(xtcp_ecn_rcv_syn_retrans(&e, &seg), bits == 0 || bits == 3);
		if (!bits)
			is(e.mode, XTCP_ECN_OFF);
		e = asked(XTCP_ECN_ACCURATE, 7, 0);
		is(xtcp_ecn_rcv_syn_retrans(&e, &seg), bits != 3);
		is(e.mode, XTCP_ECN_ACCURATE);
		is(e.no_ect, !bits);
		is(e.syn_ack_code, bits == 3 ? 2 : 4);
		e = asked(XTCP_ECN_ACCURATE, 0, 0);
		ok(xtcp_ecn_rcv_syn_retrans(&e, &seg));
		is(e.mode, XTCP_ECN_OFF);
		e = asked(XTCP_ECN_CLASSIC, 3, 0);
		ok(xtcp_ecn_rcv_syn_retrans(&e, &seg));
		is(e.mode, (bits & 3) == 3 ? XTCP_ECN_CLASSIC : XTCP_ECN_OFF);
	}
}

/* EC-1, AE-1, AE-6, AE-7: the flags of our SYN-ACK */
TEST(ae1_syn_ack)
{
	static const u8 code[] = { 2, 3, 4, 6 };
	u8 ecn;

	for (ecn = 0; ecn < 4; ecn++) {
		struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, ecn);
		u32 i;

		for (i = 0; i < 4; i++) {
			struct xtcp_segment out = segment(0, 0, 0);

			at("IP-ECN %u, retransmission %u", ecn, i);
			xtcp_ecn_syn_ack(&e, i, true, &out);
			is(xtcp_ecn_bits(&out), i < 2 ? code[ecn] : 0);
			is(e.no_ect, i >= 2);
		}
		/* AE-7: the SYN-ACK reports CE on the SYN, not the counter. */
		is(e.r_cep, 5);
	}
}

/* AE-8, AE-9: one pure ACK reports each SYN-ACK; its CE is counted once */
TEST(ae9_handshake_code_sent)
{
	static const u8 code[] = { 2, 3, 4, 6 };
	u8 ecn, ip;

	for (ecn = 0; ecn < 4; ecn++) {
		struct xtcp_ecn e = answered(XTCP_ECN_ACCURATE, 2, ecn);
		struct xtcp_segment seg = segment(2, ecn, 0);
		u8 cep = ecn == XTCP_IP_CE ? 6 : 5;

		at("IP-ECN %u", ecn);
		is(sent(&e, XTCP_ACK, 10, true, &ip), cep);
		is(ip, XTCP_IP_ECT0);
		is(sent(&e, XTCP_ACK, 0, false, &ip), code[ecn]);
		is(ip, XTCP_IP_NOT_ECT);
		is(sent(&e, XTCP_ACK, 0, false, &ip), cep);
		xtcp_ecn_rcv_syn_ack_retrans(&e, &seg);
		is(sent(&e, XTCP_ACK, 0, false, &ip), code[ecn]);
		is(e.r_cep, cep);
	}
}

/* AE-6, AE-9: the ACK of our SYN-ACK (RFC 9768 table 4) */
TEST(ae9_handshake_code_decoded)
{
	static const u8 no_ect[] = { 1, 0, 0, 1, 1, 0, 1, 0 };
	u8 bits;

	for (bits = 0; bits < 8; bits++) {
		struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);
		struct xtcp_segment seg = segment(bits, 0, 0);

		at("bits %u", bits);
		xtcp_ecn_handshake_ack(&e, &seg);
		is(e.s_cep, bits == 6 ? 6 : 5);
		is(e.no_ect, no_ect[bits]);
		is(e.ignore_feedback, !bits);
		is(e.handshake_ce, bits == 6);
		is(told(&e, bits, 1), 0);
		/* The next ACK has the counter again. */
		is(told(&e, e.s_cep + 1, 1), bits ? 1 : 0);
		/* An ACK with data always has the counter. */
		e = asked(XTCP_ECN_ACCURATE, 7, 0);
		seg = segment(bits, 0, 10);
		xtcp_ecn_handshake_ack(&e, &seg);
		no(e.skip_ace || e.no_ect || e.ignore_feedback);
	}
}

/* EC-8: ECE until CWR; CE on the segment with CWR starts it again */
TEST(ec8_echo)
{
	struct xtcp_ecn e = asked(XTCP_ECN_CLASSIC, 3, 0);
	u8 ip;

	no(arrives(&e, 0, XTCP_IP_ECT0, 10));
	ok(e.seen);
	is(sent(&e, XTCP_ACK, 0, false, &ip), 0);
	ok(arrives(&e, 0, XTCP_IP_CE, 10));
	no(arrives(&e, 0, XTCP_IP_CE, 10));
	is(sent(&e, XTCP_ACK, 0, false, &ip), 1);
	is(sent(&e, XTCP_ACK, 10, true, &ip), 1);
	is(sent(&e, XTCP_ACK | XTCP_RST, 0, false, &ip), 0);
	ok(arrives(&e, 2, XTCP_IP_CE, 10));
	is(sent(&e, XTCP_ACK, 0, false, &ip), 1);
	/* CWR and CE on a pure ACK are ignored. */
	no(arrives(&e, 2, XTCP_IP_NOT_ECT, 0));
	is(sent(&e, XTCP_ACK, 0, false, &ip), 1);
	ok(arrives(&e, 2, XTCP_IP_ECT0, 10));
	is(sent(&e, XTCP_ACK, 0, false, &ip), 0);
	no(arrives(&e, 0, XTCP_IP_CE, 0));
	is(sent(&e, XTCP_ACK, 0, false, &ip), 0);
}

/* EC-5, EC-6, EC-9, EC-10: ECT and CWR only on new data, CWR only once */
TEST(ec5_ec6_fresh_data)
{
	struct xtcp_ecn e = asked(XTCP_ECN_CLASSIC, 3, 0);
	u8 ip;

	xtcp_ecn_reduced(&e, 5000);
	is(sent(&e, XTCP_ACK, 10, false, &ip), 0);
	is(ip, XTCP_IP_NOT_ECT);
	is(sent(&e, XTCP_ACK, 10, true, &ip), 2);
	is(ip, XTCP_IP_ECT0);
	is(sent(&e, XTCP_ACK, 10, true, &ip), 0);
	is(ip, XTCP_IP_ECT0);
	e.mode = XTCP_ECN_OFF;
	is(sent(&e, XTCP_ACK, 10, true, &ip), 0);
	is(ip, XTCP_IP_NOT_ECT);
}

/* AE-9: no ECT if the path mangles the IP-ECN field */
TEST(ae9_no_ect_if_field_mangled)
{
	struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);
	u8 ip;

	sent(&e, XTCP_ACK, 10, true, &ip);
	is(ip, XTCP_IP_ECT0);
	e.no_ect = 1;
	sent(&e, XTCP_ACK, 10, true, &ip);
	is(ip, XTCP_IP_NOT_ECT);
}

/* EC-6: one reduction per window */
TEST(ec6_one_reduction_per_window)
{
	struct xtcp_ecn e = asked(XTCP_ECN_CLASSIC, 3, 0);

	ok(xtcp_ecn_reduce_due(&e, 1));
	no(xtcp_ecn_already_reduced(&e, 1));
	xtcp_ecn_reduced(&e, 5000);
	no(xtcp_ecn_reduce_due(&e, 4999));
	no(xtcp_ecn_reduce_due(&e, 5000));
	ok(xtcp_ecn_reduce_due(&e, 5001));
	ok(xtcp_ecn_already_reduced(&e, 4999));
	no(xtcp_ecn_already_reduced(&e, 5000));
	is(told(&e, 1, 1), 1);
	is(told(&e, 0, 1), 0);
}

/* EC-6: a reduction that was undone does not stand for the next loss or mark */
TEST(ec6_undone_reduction)
{
	struct xtcp_ecn e = asked(XTCP_ECN_CLASSIC, 3, 0);
	u8 ip;

	xtcp_ecn_reduced(&e, 5000);
	ok(xtcp_ecn_already_reduced(&e, 4999));
	xtcp_ecn_reduction_undone(&e);
	no(xtcp_ecn_already_reduced(&e, 4999));
	ok(xtcp_ecn_reduce_due(&e, 4999));
	/* CWR is not sent. */
	is(sent(&e, XTCP_ACK, 10, true, &ip), 0);
}

/* EC-6: an old reduction has no effect after the sequence numbers wrapped */
TEST(ec6_old_reduction_after_seq_wrap)
{
	struct xtcp_ecn_acked acked = { .segs = 1, .mss = 1000 };
	struct xtcp_ecn e = asked(XTCP_ECN_CLASSIC, 3, 0);
	struct xtcp_segment seg = segment(0, 0, 0);

	xtcp_ecn_reduced(&e, 5000);
	seg.ack = 5000;
	acked.una = 5000;
	xtcp_ecn_feedback(&e, &seg, &acked);
	no(xtcp_ecn_reduce_due(&e, 5000));
	acked.una = 5001;
	seg.ack = 6000;
	xtcp_ecn_feedback(&e, &seg, &acked);
	ok(xtcp_ecn_reduce_due(&e, 5000 + 0x80000001));
	no(xtcp_ecn_already_reduced(&e, 5000 + 0x80000001));
}

/* AE-7, AE-8, AE-10: the counter of CE packets, and when an ACK is due */
TEST(ae7_ae10_ce_marks_counted)
{
	struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);
	u8 ip;

	no(arrives(&e, 5, XTCP_IP_ECT0, 100));
	no(arrives(&e, 5, XTCP_IP_ECT1, 10));
	ok(arrives(&e, 5, XTCP_IP_CE, 1));
	is(e.r.e0b, 101);
	is(e.r.e1b, 11);
	is(e.r.ceb, 1);
	is(sent(&e, XTCP_ACK, 0, false, &ip), 6);
	no(arrives(&e, 5, XTCP_IP_CE, 1));
	ok(arrives(&e, 5, XTCP_IP_CE, 1));
	is(sent(&e, XTCP_ACK, 0, false, &ip), 0);
	/* Pure ACKs with CE: an ACK is due for every third. */
	no(arrives(&e, 5, XTCP_IP_CE, 0));
	no(arrives(&e, 5, XTCP_IP_CE, 0));
	ok(arrives(&e, 5, XTCP_IP_CE, 0));
	is(sent(&e, XTCP_ACK, 0, false, &ip), 3);
	is(e.r_cep, 11);
	ok(xtcp_ecn_no_gso(&e));
	e.r_cep = 5;
	no(xtcp_ecn_no_gso(&e));
}

/* AE-10: decoding of the ACE field, the low three bits of the counter */
TEST(ae10_unwrap)
{
	struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);

	is(told(&e, 5, 2), 0);
	is(told(&e, 7, 3), 2);
	is(told(&e, 0, 3), 1);
	is(e.s_cep, 8);
	/* Ten segments acknowledged: 1 or 9 CE marks; assume 9. */
	is(told(&e, 1, 10), 9);
	is(e.s_cep, 17);
	is(told(&e, 1, 8), 8);
}

/* AE-10: where large ACKs are the rule, the least number of marks is taken */
TEST(ae10_large_acks_are_the_rule)
{
	struct xtcp_ecn_acked acked = { .segs = 0, .mss = 1000 };
	struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);
	struct xtcp_segment seg = segment(6, 0, 0);
	u32 i, mean;

	is(told(&e, 5, 10), 0);
	is(told(&e, 6, 10), 1);
	/* A mean of 4 is not large. */
	e = asked(XTCP_ECN_ACCURATE, 7, 0);
	is(told(&e, 5, 4), 0);
	is(e.acked_mean, 4 << 6);
	e.acked_mean = (4 << 6) - 4;
	is(told(&e, 5, 8), 8);
	is(e.acked_mean, 4 << 6);
	is(told(&e, 5, 8), 0);
	/* Small ACKs, then a large one: the first sample has no more weight. */
	e = asked(XTCP_ECN_ACCURATE, 7, 0);
	is(told(&e, 5, 1), 0);
	is(told(&e, 5, 9), 8);
	is(e.acked_mean, 72);
	for (i = 0; i < 100; i++)
		told(&e, 5, 9);
	ok(e.acked_mean > 4 << 6 && e.acked_mean < 9 << 6);
	is(told(&e, 5, 9), 0);
	/* An ACK that delivers nothing is no sample. */
	mean = e.acked_mean;
	seg.opt.has_ts = 1;
	seg.opt.tsval = 1;
	is(xtcp_ecn_feedback(&e, &seg, &acked), 1);
	is(e.acked_mean, mean);
	/* The mean has 16 bits. */
	e = asked(XTCP_ECN_ACCURATE, 7, 0);
	told(&e, 5, 65536 + 8);
	ok(e.acked_mean > 1000 << 6);
}

/* AE-10: an ACK that is not newer than those before is ignored */
TEST(ae10_no_progress)
{
	struct xtcp_ecn_acked acked = { .una = 1000, .segs = 0, .mss = 1000 };
	struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);
	struct xtcp_segment seg = segment(6, 0, 0);

	seg.ack = 1000;
	seg.opt.accecn = XTCP_ACCECN_ORDER1;
	seg.opt.naccecn = 1;
	seg.opt.ecnb[0] = 1;
	seg.opt.tsval = 9;
	is(xtcp_ecn_feedback(&e, &seg, &acked), 0);
	no(e.opt_seen);
	at("the timestamp of the SYN");
	seg.opt.has_ts = 1;
	e.tsval = 7;
	seg.opt.tsval = 7;
	is(xtcp_ecn_feedback(&e, &seg, &acked), 0);
	at("a newer timestamp");
	seg.opt.tsval = 8;
	is(xtcp_ecn_feedback(&e, &seg, &acked), 1);
	ok(e.opt_seen);
	seg.flags |= XTCP_ECE;
	is(xtcp_ecn_feedback(&e, &seg, &acked), 0);
	at("an older timestamp");
	seg.opt.tsval = 7;
	is(xtcp_ecn_feedback(&e, &seg, &acked), 0);
	at("SACK");
	acked.segs = 1;
	is(xtcp_ecn_feedback(&e, &seg, &acked), 1);
	at("SND.UNA");
	acked.segs = 0;
	seg.ack = 1001;
	seg.flags = XTCP_ACK;
	seg.ae = 0;
	is(xtcp_ecn_feedback(&e, &seg, &acked), 1);
	at("SYN with a timestamp");
	seg = segment(7, 0, 0);
	seg.opt.tsval = 99;
	e = wanting(XTCP_ECN_ACCURATE);
	xtcp_ecn_rcv_syn(&e, &seg);
	is(e.tsval, 99);
}

/* AE-11: the option resolves the ambiguity; AE-12: it may contradict */
TEST(ae11_ae12_option)
{
	struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);
	struct xtcp_ecn_acked acked = { .una = 0, .segs = 10, .mss = 1000 };
	struct xtcp_segment seg = segment(6, 0, 0);

	seg.ack = 10000;
	seg.opt.accecn = XTCP_ACCECN_ORDER0;
	seg.opt.naccecn = 2;
	seg.opt.ecnb[0] = 9001;
	seg.opt.ecnb[1] = 1000;
	is(xtcp_ecn_feedback(&e, &seg, &acked), 1);
	is(e.s.e0b, 9001);
	is(e.s.ceb, 1000);
	ok(e.opt_seen);
	no(e.no_ect);
	/* CE bytes without a CE packet. */
	seg.opt.ecnb[1] = 2000;
	acked.segs = 3;
	is(xtcp_ecn_feedback(&e, &seg, &acked), 0);
	ok(e.no_ect);
	/* Zeroed on the path: ignored. */
	e = asked(XTCP_ECN_ACCURATE, 7, 0);
	seg.opt.ecnb[0] = 0;
	is(xtcp_ecn_feedback(&e, &seg, &acked), 1);
	ok(e.opt_bad);
	no(e.opt_seen);
	is(e.s.ceb, 0);
}

static u32 told_with(struct xtcp_ecn *e, u8 bits, u32 segs, u32 ceb)
{
	struct xtcp_segment seg = segment(bits, 0, 0);
	struct xtcp_ecn_acked acked = { .una = 0, .segs = segs, .mss = 1000 };

	seg.ack = segs * 1000;
	seg.opt.accecn = XTCP_ACCECN_ORDER0;
	seg.opt.naccecn = 2;
	seg.opt.ecnb[0] = 1;
	seg.opt.ecnb[1] = ceb;
	return xtcp_ecn_feedback(e, &seg, &acked);
}

/*
 * AE-10, AE-11, AE-12: an option covers all ACKs since the last one that had an
 * option.
 */
TEST(ae10_ae12_option_on_some_acks)
{
	struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);

	is(told_with(&e, 6, 2, 1000), 1);
	/* Three marks without an option, then an option that includes them. */
	is(told(&e, 7, 2), 1);
	is(told(&e, 1, 2), 2);
	is(told_with(&e, 1, 2, 4000), 0);
	no(e.no_ect);
	is(e.s_cep, 9);
	/* CE bytes of three more segments; two of them were reported before. */
	is(told(&e, 3, 7), 2);
	is(told_with(&e, 4, 10, 7000), 1);
	is(e.s_cep, 12);
	/* Eight marks: the ACE field has the same value as before. */
	is(told_with(&e, 4, 10, 15000), 8);
	is(e.s_cep, 20);
	no(e.no_ect);
	/* Not more marks than segments were acknowledged. */
	is(told_with(&e, 4, 17, 115000), 16);
	is(told_with(&e, 4, 7, 116000), 0);
	ok(e.no_ect);
}

/* AE-11: both orders of the peer's option; one is sufficient to send ours */
TEST(ae11_both_orders_received)
{
	u8 order;

	for (order = XTCP_ACCECN_ORDER0; order <= XTCP_ACCECN_ORDER1; order += 2) {
		bool first = order == XTCP_ACCECN_ORDER1;
		struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);
		struct xtcp_segment seg = segment(2, 0, 0);

		at("order %u", order);
		seg.opt.accecn = order;
		seg.opt.naccecn = 3;
		seg.opt.ecnb[0] = 11;
		seg.opt.ecnb[1] = 22;
		seg.opt.ecnb[2] = 33;
		xtcp_ecn_handshake_ack(&e, &seg);
		ok(e.opt_seen);
		is(e.s.ceb, 0);
		is(told(&e, 5, 0), 0);
		seg.ack = 1000;
		is(xtcp_ecn_feedback(&e, &seg, &(struct xtcp_ecn_acked){ .segs = 1 }), 5);
		is(e.s.e0b, first ? 33 : 11);
		is(e.s.ceb, 22);
		is(e.s.e1b, first ? 11 : 33);
	}
}

static u8 option(struct xtcp_ecn *e, struct xtcp_options *opt, u32 level, u32 space,
		 u8 nsack)
{
	memset(opt, 0, sizeof(*opt));
	opt->has_ts = nsack == 3;
	opt->nsack = nsack;
	xtcp_ecn_option(e, opt, level, space, false, false);
	return opt->accecn ? 10 * opt->naccecn + opt->nsack : 0;
}

static struct xtcp_ecn exchanging(void)
{
	struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);

	e.opt_seen = 1;
	return e;
}

/* AE-11: the option on a SYN-ACK has as many fields as fit */
TEST(ae11_option_on_syn_ack)
{
	struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);
	struct xtcp_options opt;
	u32 len;

	for (len = 0; len <= 16; len += 2) {
		memset(&opt, 0, sizeof(opt));
		opt.has_mss = 1;
		opt.has_ts = 1;
		opt.has_wscale = 1;
		opt.has_fastopen = len > 0;
		opt.cookie_len = len;
		at("cookie of %u", len);
		xtcp_ecn_option_syn_ack(&e, &opt, XTCP_ECN_OPTION_NEWS);
		is(opt.accecn, len < 16 ? XTCP_ACCECN_ORDER1 : 0);
		is(opt.naccecn, len < 8 ? 3 : len < 12 ? 2 : len < 16 ? 1 : 0);
		ok(xtcp_options_len(&opt) <= XTCP_OPT_SPACE);
	}
	at("never");
	memset(&opt, 0, sizeof(opt));
	xtcp_ecn_option_syn_ack(&e, &opt, XTCP_ECN_OPTION_NEVER);
	is(opt.accecn, 0);
	at("no AccECN");
	e = asked(XTCP_ECN_CLASSIC, 3, 0);
	xtcp_ecn_option_syn_ack(&e, &opt, XTCP_ECN_OPTION_ALWAYS);
	is(opt.accecn, 0);
}

/* AE-11: when the option is sent, and its fields */
TEST(ae11_option_sent)
{
	struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);
	struct xtcp_options opt;

	at("no option of the peer");
	arrives(&e, 5, XTCP_IP_CE, 100);
	is(option(&e, &opt, XTCP_ECN_OPTION_PERSIST, 40, 0), 0);
	e.opt_bad = 1;
	is(option(&e, &opt, XTCP_ECN_OPTION_ALWAYS, 40, 0), 30);
	e = exchanging();
	at("always");
	is(option(&e, &opt, XTCP_ECN_OPTION_ALWAYS, 40, 0), 30);
	is(opt.accecn, XTCP_ACCECN_ORDER1);
	is(opt.ecnb[0], 1);
	is(opt.ecnb[1], 0);
	is(opt.ecnb[2], 1);
	arrives(&e, 5, XTCP_IP_ECT0, 1000);
	arrives(&e, 5, XTCP_IP_CE, 100);
	arrives(&e, 5, XTCP_IP_ECT1, 0xffffff);
	is(option(&e, &opt, XTCP_ECN_OPTION_ALWAYS, 40, 0), 30);
	is(opt.ecnb[0], 0);
	is(opt.ecnb[1], 100);
	is(opt.ecnb[2], 1001);
	at("only news");
	is(option(&e, &opt, XTCP_ECN_OPTION_NEWS, 40, 0), 0);
	xtcp_ecn_option(&e, &opt, XTCP_ECN_OPTION_NEWS, 40, true, false);
	is(opt.accecn, XTCP_ACCECN_ORDER1);
	arrives(&e, 5, XTCP_IP_CE, 1);
	is(option(&e, &opt, XTCP_ECN_OPTION_NEWS, 40, 0), 30);
	at("never");
	is(option(&e, &opt, XTCP_ECN_OPTION_NEVER, 40, 0), 0);
}

/* AE-11: fields that have changed since the last option are not left out */
TEST(ae11_option_and_space)
{
	/* By the field that has changed: none, e1b, ceb, e0b. */
	static const u8 ip[] = { XTCP_IP_NOT_ECT, XTCP_IP_ECT1, XTCP_IP_CE, XTCP_IP_ECT0 };
	/* 8 bytes: two fields at most. SACK blocks: tens are fields. */
	static const u8 small[] = { 20, 20, 20, 0 };
	static const u8 two[] = { 22, 22, 22, 0 };
	static const u8 three[] = { 3, 22, 22, 0 };
	static const u8 four[] = { 14, 14, 33, 33 };
	struct xtcp_options opt;
	u32 i;

	for (i = 0; i < 4; i++) {
		struct xtcp_ecn e = exchanging(), before;

		at("changed %u", i);
		arrives(&e, 5, ip[i], 10);
		before = e;
		is(option(&e, &opt, XTCP_ECN_OPTION_ALWAYS, 8, 0), small[i]);
		e = before;
		is(option(&e, &opt, XTCP_ECN_OPTION_ALWAYS, 28, 2), two[i]);
		is(opt.nsack, 2);
		/* With timestamps. */
		e = before;
		is(option(&e, &opt, XTCP_ECN_OPTION_ALWAYS, 40, 3), three[i]);
		is(opt.nsack, i == 1 || i == 2 ? 2 : 3);
		e = before;
		is(option(&e, &opt, XTCP_ECN_OPTION_ALWAYS, 40, 4), four[i]);
		ok(opt.nsack == 4 || i > 1);
		if (i < 3)
			continue;
		/* Not sent: it is still due. */
		e = before;
		is(option(&e, &opt, XTCP_ECN_OPTION_ALWAYS, 8, 0), 0);
		is(option(&e, &opt, XTCP_ECN_OPTION_NEWS, 40, 0), 30);
	}
}

/* AE-11: the option is off if the data that it acknowledged comes again */
TEST(ae11_option_lost)
{
	struct xtcp_ecn e = exchanging();
	struct xtcp_options opt;
	u32 i;

	is(xtcp_ecn_option_space(&e, XTCP_ECN_OPTION_ALWAYS), 12);
	is(xtcp_ecn_option_space(&e, XTCP_ECN_OPTION_NEWS), 0);
	xtcp_ecn_rcv_duplicate(&e, true);
	no(e.opt_off);
	for (i = 0; i < 4; i++) {
		memset(&opt, 0, sizeof(opt));
		opt.nsack = 1;
		/* Without a duplicate, of other data, or without space. */
		xtcp_ecn_option(&e, &opt, XTCP_ECN_OPTION_ALWAYS, i == 2 ? 8 : 40, false,
				i > 0);
		xtcp_ecn_rcv_duplicate(&e, i != 1);
		at("case %u", i);
		is(e.opt_off, i == 3);
	}
	is(option(&e, &opt, XTCP_ECN_OPTION_ALWAYS, 40, 0), 0);
	is(xtcp_ecn_option_space(&e, XTCP_ECN_OPTION_ALWAYS), 0);
	is(option(&e, &opt, XTCP_ECN_OPTION_PERSIST, 40, 0), 30);
	is(xtcp_ecn_option_space(&e, XTCP_ECN_OPTION_PERSIST), 12);
	e = asked(XTCP_ECN_ACCURATE, 7, 0);
	is(xtcp_ecn_option_space(&e, XTCP_ECN_OPTION_ALWAYS), 0);
}

/* EC-9, EC-10: ECT on control packets only by the sysctl, and only in AccECN */
TEST(ec9_ec10_generalized)
{
	struct xtcp_ecn e = asked(XTCP_ECN_ACCURATE, 7, 0);
	u8 ip;

	e.all_ect = 1;
	sent(&e, XTCP_ACK, 0, false, &ip);
	is(ip, XTCP_IP_ECT0);
	sent(&e, XTCP_ACK, 10, false, &ip);
	is(ip, XTCP_IP_ECT0);
	e.no_ect = 1;
	sent(&e, XTCP_ACK, 10, false, &ip);
	is(ip, XTCP_IP_NOT_ECT);
	e = asked(XTCP_ECN_CLASSIC, 3, 0);
	e.all_ect = 1;
	sent(&e, XTCP_ACK, 0, false, &ip);
	is(ip, XTCP_IP_NOT_ECT);
}
