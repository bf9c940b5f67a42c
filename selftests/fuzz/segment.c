// SPDX-License-Identifier: GPL-2.0
/*
 * Mutation fuzzing of the code of core/ that processes untrusted segments: the
 * parser, SEGMENT ARRIVES from SYN-SENT to TIME-WAIT, and the updates of the
 * TCB by an accepted segment. The same seed gives the same run.
 *
 * Each input is parsed from a buffer of exactly its size, so that ASan reports
 * a read beyond its end. The result is compared with that of a second, simple
 * parser.
 *
 *   segment [INPUTS [SEED]]	default: 300000 inputs, seed 1; prints TAP
 */
#include <stdio.h>
#include <stdlib.h>

#include "arrive.h"
#include "fsm.h"
#include "sack.h"
#include "window.h"

#define INPUT_MAX	80

static u8 input[INPUT_MAX];
static u32 input_len;		/* bytes in the buffer */
static u32 input_total;		/* length of the segment according to IP */
static unsigned long long seed, nr;

static u32 rnd(void)
{
	static unsigned long long state;

	if (!state)
		state = seed * 0x9e3779b97f4a7c15ull + 1;
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dull >> 32;
}

static void die(int line, const char *what)
{
	u32 i;

	printf("# line %d: %s\n# seed %llu, input %llu, total %u:", line, what,
	       seed, nr, input_total);
	for (i = 0; i < input_len; i++)
		printf(" %02x", input[i]);
	printf("\nnot ok 1 fuzz_segment\n");
	exit(1);
}

#define must(cond)							\
	do {								\
		if (!(cond))						\
			die(__LINE__, #cond);				\
	} while (0)

/* A number close to @n, or 2^31 away from it, or any. */
static u32 near(u32 n)
{
	switch (rnd() % 4) {
	case 0:
		return n + rnd() % 5 - 2;
	case 1:
		return n + rnd() % 100000 - 50000;
	case 2:
		return n + 0x80000000 + rnd() % 5 - 2;
	default:
		return rnd();
	}
}

static void random_tcb(struct xtcp_tcb *tcb)
{
	u32 i;

	for (i = 0; i < sizeof(*tcb); i++)
		((u8 *)tcb)[i] = rnd();
	/* invariants of each connection */
	tcb->snd_wscale = rnd() % 15;
	tcb->rcv_wscale = rnd() % 15;
	tcb->wscale_ok = rnd() % 2;
	tcb->ts_ok = rnd() % 2;
	tcb->sack_ok = rnd() % 2;
	tcb->urg_out = rnd() % 2;
	tcb->nagle_off = rnd() % 2;
	tcb->corked = rnd() % 2;
	tcb->snd_mss = XTCP_MSS_MIN + rnd() % 65000;
	i = rnd() % 2 ? 3 : 1 << 20;
	tcb->snd_nxt = tcb->snd_una + rnd() % i;
	tcb->max_snd_wnd = rnd() % ((65535u << 14) + 1);
	tcb->snd_wnd = tcb->max_snd_wnd ? rnd() % tcb->max_snd_wnd : 0;
	tcb->rcv_adv = tcb->rcv_nxt + (rnd() % 3 ? rnd() % (1 << 20) : 0);
	if (rnd() % 2) {
		tcb->iss = tcb->snd_una;
		tcb->irs = tcb->rcv_nxt - 1;
	}
}

static u8 *put32(u8 *p, u32 n)
{
	*p++ = n >> 24;
	*p++ = n >> 16;
	*p++ = n >> 8;
	*p++ = n;
	return p;
}

/* A well-formed segment, with numbers near those of the connection. */
static void sensible_input(const struct xtcp_tcb *tcb)
{
	struct xtcp_segment seg = { 0 };
	struct xtcp_options *opt = &seg.opt;
	u32 i;

	seg.seq = near(tcb->rcv_nxt);
	seg.ack = near(tcb->snd_nxt);
	seg.wnd = rnd();
	seg.urp = rnd();
	seg.flags = rnd();
	opt->has_mss = rnd() % 2;
	opt->has_wscale = rnd() % 2;
	opt->has_ts = rnd() % 2;
	opt->sack_perm = rnd() % 2;
	opt->mss = rnd();
	opt->wscale = rnd();
	opt->tsval = near(tcb->ts_recent);
	opt->tsecr = rnd();
	opt->nsack = rnd() % 5;
	for (i = 0; i < opt->nsack; i++) {
		opt->sack[i].left = near(tcb->snd_una);
		opt->sack[i].right = near(opt->sack[i].left);
	}
	while (xtcp_options_len(opt) > XTCP_OPT_SPACE) {
		if (opt->nsack)
			opt->nsack--;
		else
			opt->has_mss = 0;
	}
	seg.hdr_len = XTCP_HDR_MIN + xtcp_options_len(opt);
	xtcp_header_write(input, 9877, rnd(), &seg);
	must(xtcp_options_write(input + XTCP_HDR_MIN, opt) ==
	     seg.hdr_len - (u32)XTCP_HDR_MIN);
	input_len = seg.hdr_len;
	input_total = seg.hdr_len + (rnd() % 2 ? rnd() % 3000 : 0);
}

static void mutate_input(const struct xtcp_tcb *tcb)
{
	static const u8 bytes[] = { 0, 1, 2, 3, 4, 5, 8, 10, 18, 26, 34, 0x7f,
				    0x80, 0xff };
	u32 n = rnd() % 6;
	u32 at;

	while (n--) {
		at = rnd() % input_len;
		switch (rnd() % 8) {
		case 0:
			input[at] ^= 1 << rnd() % 8;
			break;
		case 1:
			input[at] = rnd();
			break;
		case 2:
			input[at] = bytes[rnd() % sizeof(bytes)];
			break;
		case 3:
			input[12] = rnd();
			break;
		case 4:
			input_len = 1 + rnd() % input_len;
			input_total = input_len;
			break;
		case 5:
			input_len = 1 + rnd() % INPUT_MAX;
			input_total = input_len + rnd() % 100;
			break;
		case 6:
			if (input_len >= 8)
				put32(input + 4, near(tcb->rcv_nxt));
			break;
		default:
			input[at] = input[rnd() % input_len];
			break;
		}
	}
	if (rnd() % 64 == 0)
		input_total = rnd();
}

/* RFC 9293 3.1 and 3.2 in simple code: the reference for the parser. */
static enum xtcp_parse plain_parse(struct xtcp_options *opt)
{
	u32 end, i;
	bool syn;

	memset(opt, 0, sizeof(*opt));
	if (input_len < 20 || input_total < 20)
		return XTCP_PARSE_SHORT;
	end = input[12] / 16 * 4;
	if (end < 20 || end > input_total)
		return XTCP_PARSE_DOFF;
	if (end > input_len)
		return XTCP_PARSE_SHORT;
	syn = input[13] & 2;
	for (i = 20; i < end && input[i]; ) {
		const u8 *p = &input[i];
		u32 len, k;

		if (*p == 1) {
			i++;
			continue;
		}
		len = i + 1 < end ? p[1] : 0;
		if (len < 2 || i + len > end)
			return XTCP_PARSE_OPTION;
		if ((*p == 2 && len != 4) || (*p == 3 && len != 3) ||
		    (*p == 4 && len != 2) || (*p == 8 && len != 10) ||
		    (*p == 5 && (len < 10 || len % 8 != 2)))
			return XTCP_PARSE_OPTION;
		if (*p == 2 && syn) {
			opt->has_mss = 1;
			opt->mss = p[2] * 256 + p[3];
		} else if (*p == 3 && syn) {
			opt->has_wscale = 1;
			opt->wscale = p[2];
		} else if (*p == 4 && syn) {
			opt->sack_perm = 1;
		} else if (*p == 5 && !syn) {
			opt->nsack = len / 8;
			for (k = 0; k < len / 8; k++) {
				u32 n[2] = { 0 }, b;

				for (b = 0; b < 8; b++)
					n[b / 4] = n[b / 4] * 256 +
						   p[2 + 8 * k + b];
				opt->sack[k].left = n[0];
				opt->sack[k].right = n[1];
			}
		} else if (*p == 8) {
			opt->has_ts = 1;
			opt->tsval = (u32)p[2] << 24 | p[3] << 16 |
				     p[4] << 8 | p[5];
			opt->tsecr = (u32)p[6] << 24 | p[7] << 16 |
				     p[8] << 8 | p[9];
		}
		i += len;
	}
	return XTCP_PARSE_OK;
}

static bool same_options(const struct xtcp_options *a,
			 const struct xtcp_options *b)
{
	return a->has_mss == b->has_mss && a->mss == b->mss &&
	       a->has_wscale == b->has_wscale && a->wscale == b->wscale &&
	       a->has_ts == b->has_ts && a->tsval == b->tsval &&
	       a->tsecr == b->tsecr && a->sack_perm == b->sack_perm &&
	       a->nsack == b->nsack && !memcmp(a->sack, b->sack,
					       a->nsack * sizeof(a->sack[0]));
}

/* Properties of the verdict on any segment (RFC 9293 3.10.7.4, RFC 5961). */
static void arrive(struct xtcp_tcb *tcb, u8 state,
		   const struct xtcp_segment *seg)
{
	const struct xtcp_tcb before = *tcb;
	bool handshake = state == XTCP_SYN_RCVD ||
			 state == XTCP_SYN_RCVD_PASSIVE;
	enum xtcp_why why = 99;
	enum xtcp_verdict v;

	/* during a handshake our SYN is in flight */
	if (handshake && !xtcp_flight(tcb))
		return;
	v = xtcp_arrives(tcb, state, seg, rnd(), &why);
	must(!memcmp(&before, tcb, sizeof(before)));
	must(v <= XTCP_NEW_SYN && why <= XTCP_WHY_ACK_UNSENT);
	must((why == XTCP_WHY_OK) == (v == XTCP_ACCEPT || v == XTCP_RST_VALID));
	/* no RST answers a RST; a RST is valid only at RCV.NXT */
	if (seg->flags & XTCP_RST)
		must(v == XTCP_DROP || v == XTCP_CHALLENGE ||
		     v == XTCP_RST_VALID);
	must(v != XTCP_RST_VALID || (seg->flags & XTCP_RST));
	must(v != XTCP_RST_VALID || seg->seq == tcb->rcv_nxt);
	must(v != XTCP_NEW_SYN || state == XTCP_SYN_RCVD_PASSIVE);
	must(v != XTCP_ANSWER_RST || handshake);
	if (v != XTCP_ACCEPT)
		return;
	must(seg->flags & XTCP_ACK);
	must(!tcb->ts_ok || seg->opt.has_ts);
	must(seq_leq(seg->ack, tcb->snd_nxt));
	must(seq_geq(seg->ack, tcb->snd_una - tcb->max_snd_wnd));
	must(!handshake || seq_after(seg->ack, tcb->snd_una));
	must(!(seg->flags & XTCP_SYN) || state == XTCP_SYN_RCVD);
}

static void accepted(struct xtcp_tcb *tcb, const struct xtcp_segment *seg)
{
	struct xtcp_sack_list list = { 0 };
	struct xtcp_options opt = { .has_ts = rnd() % 2 };
	struct xtcp_segment rst;
	u32 i, full, offer, edge, adv;

	for (i = 0; i < seg->opt.nsack; i++)
		if (xtcp_sack_check(tcb, seg, i) == XTCP_SACK_NEW)
			must(seq_leq(seg->opt.sack[i].right, tcb->snd_nxt) &&
			     seq_geq(seg->opt.sack[i].left, tcb->snd_una));
	xtcp_ts_recent_update(tcb, seg, rnd());
	xtcp_window_rcv(tcb, seg);
	must(tcb->snd_wnd <= tcb->max_snd_wnd);
	must(tcb->max_snd_wnd <= 65535u << 14);
	must(xtcp_usable_window(tcb) <= tcb->snd_wnd);
	xtcp_wscale_agree(tcb, &seg->opt);
	must(tcb->snd_wscale <= 14 && tcb->rcv_wscale <= 14);
	xtcp_time_wait_reopens(tcb, seg);

	full = rnd() % (1 << 30);
	adv = tcb->rcv_adv - tcb->rcv_shrunk;
	offer = xtcp_window_offer(tcb, rnd() % (full + 1), full);
	edge = xtcp_window_advertise(tcb, offer, false);
	edge = tcb->rcv_nxt + (edge << tcb->rcv_wscale);
	/* a window advertised before the scale was agreed may not fit it */
	if (adv - tcb->rcv_nxt <= 65535u << tcb->rcv_wscale)
		must(seq_geq(edge, adv) &&
		     edge == tcb->rcv_adv - tcb->rcv_shrunk);

	for (i = 0; i < seg->opt.nsack; i++)
		if (seq_before(seg->opt.sack[i].left, seg->opt.sack[i].right))
			xtcp_sack_add(&list, seg->opt.sack[i].left,
				      seg->opt.sack[i].right);
	must(list.n <= XTCP_SACK_MAX);
	xtcp_sack_advance(&list, tcb->rcv_nxt);
	xtcp_sack_fill(&list, tcb, &opt);
	must(xtcp_options_len(&opt) <= XTCP_OPT_SPACE);

	if (!(seg->flags & XTCP_RST)) {
		xtcp_reset_reply(seg, &rst);
		must(rst.flags & XTCP_RST);
	}
}

static bool once(void)
{
	static const u8 states[] = {
		XTCP_SYN_RCVD, XTCP_SYN_RCVD_PASSIVE, XTCP_ESTABLISHED,
		XTCP_FIN_WAIT_1, XTCP_FIN_WAIT_2, XTCP_CLOSE_WAIT,
		XTCP_CLOSING, XTCP_LAST_ACK, XTCP_TIME_WAIT,
	};
	struct xtcp_options want;
	enum xtcp_parse result;
	struct xtcp_segment seg;
	struct xtcp_tcb tcb;
	u8 *exact;
	u32 i;

	random_tcb(&tcb);
	sensible_input(&tcb);
	mutate_input(&tcb);

	exact = malloc(input_len);
	memcpy(exact, input, input_len);
	memset(&seg, rnd(), sizeof(seg));
	result = xtcp_segment_parse(exact, input_len, input_total, &seg);
	free(exact);
	must(result == plain_parse(&want));
	if (result != XTCP_PARSE_OK)
		return false;
	must(same_options(&seg.opt, &want));
	must(seg.hdr_len >= 20 && seg.hdr_len <= 60);
	must(seg.len == input_total - seg.hdr_len);
	must(seg.end_seq - seg.seq - seg.len <= 2);

	for (i = 0; i < ARRAY_SIZE(states); i++)
		arrive(&tcb, states[i], &seg);
	xtcp_arrives_syn_sent(&tcb, &seg, tcb.ts_recent);
	accepted(&tcb, &seg);
	return true;
}

int main(int argc, char **argv)
{
	unsigned long long n = argc > 1 ? strtoull(argv[1], NULL, 0) : 300000;
	unsigned long long good = 0;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	printf("TAP version 13\n1..1\n");
	for (nr = 0; nr < n; nr++)
		good += once();
	printf("# seed %llu: %llu inputs, %llu well-formed\n", seed, n, good);
	/* a useful run has many well-formed and many malformed inputs */
	if (n >= 1000 && (good < n / 10 || good > n - n / 10))
		die(__LINE__, "too few well-formed or malformed inputs");
	printf("ok 1 fuzz_segment\n");
	return 0;
}
