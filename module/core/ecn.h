/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Explicit Congestion Notification: what both ends agree on, what the IP-ECN
 * field of arriving segments makes us say, and what the peer says of ours.
 * Classic (RFC 3168) and accurate, "AccECN" (RFC 9768).
 */
#ifndef XTCP_CORE_ECN_H
#define XTCP_CORE_ECN_H

#include "segment.h"

/* The IP-ECN field (RFC 3168 5). */
enum {
	XTCP_IP_NOT_ECT	= 0,
	XTCP_IP_ECT1	= 1,
	XTCP_IP_ECT0	= 2,
	XTCP_IP_CE	= 3,
};

/* AE, CWR and ECE as one number, the highest bit first (RFC 9768 3.2.2). */
#define XTCP_ECN_SYN_CLASSIC		3u
#define XTCP_ECN_SYN_ACCURATE		7u
#define XTCP_ECN_SYN_ACK_CLASSIC	1u

/* RFC 9768 3.2.1: what the counters of both ends begin with. */
#define XTCP_ECN_CEP_INIT	5u
#define XTCP_ECN_BYTES_INIT	1u

/**
 * enum xtcp_ecn_mode - what is agreed on, or wished for
 * @XTCP_ECN_OFF: nothing
 * @XTCP_ECN_CLASSIC: RFC 3168
 * @XTCP_ECN_ACCURATE: RFC 9768
 */
enum xtcp_ecn_mode {
	XTCP_ECN_OFF,
	XTCP_ECN_CLASSIC,
	XTCP_ECN_ACCURATE,
};

/**
 * struct xtcp_ecn_bytes - payload by the IP-ECN field that it came with
 * @e0b: ECT(0)
 * @ceb: CE
 * @e1b: ECT(1)
 */
struct xtcp_ecn_bytes {
	u32 e0b;
	u32 ceb;
	u32 e1b;
};

/**
 * struct xtcp_ecn - ECN of one connection
 * @want: enum xtcp_ecn_mode: what our SYNs ask for, or at most grant
 * @mode: enum xtcp_ecn_mode: what is agreed on
 * @syn_code: AccECN: what our SYN-ACK says of the latest SYN's IP-ECN field
 * @answer: AccECN: what the next pure ACK says of the latest SYN-ACK's; 0: none
 * @ce_unsaid: AccECN: CE marks that arrived since we last sent an ACK
 * @plain: a SYN left without the request
 * @no_ect: nothing that we send is ECN-capable, for the rest of the connection
 * @deaf: AccECN: what the peer feeds back means nothing
 * @echo: classic: CE arrived: ECE on every ACK, until CWR comes
 * @cwr: classic: the window was reduced: CWR is owed on the next new data
 * @cut_known: @cut is set
 * @hold: a window of one segment, and ECE: nothing new before the timer fires
 * @seen: a segment came with ECT or CE
 * @skip: AccECN: the ACE field of the next ACK was read as handshake code
 * @marked: AccECN: our SYN, or SYN-ACK, was marked: a response is due
 * @last_ce: AccECN: the packet before this one was marked CE
 * @syn_ack_ce: AccECN: a CE on a SYN-ACK is in r_cep
 * @opt_seen: AccECN: the peer sent the option
 * @opt_bad: AccECN: the option's fields are zeroed on the way: not to be read
 * @cut: SND.NXT when the window was last reduced: one cut per window of data
 * @r_cep: AccECN: CE packets that arrived
 * @s_cep: AccECN: CE packets that the peer told of
 * @opt_cep: AccECN: @s_cep when an option was last read
 * @r: AccECN: bytes that arrived
 * @s: AccECN: bytes that the peer told of
 * @said: AccECN: @r when an option last left
 */
struct xtcp_ecn {
	u8 want;
	u8 mode;
	u8 syn_code;
	u8 answer;
	u8 ce_unsaid;
	u8 plain:1;
	u8 no_ect:1;
	u8 deaf:1;
	u8 echo:1;
	u8 cwr:1;
	u8 cut_known:1;
	u8 hold:1;
	u8 seen:1;
	u8 skip:1;
	u8 marked:1;
	u8 last_ce:1;
	u8 syn_ack_ce:1;
	u8 opt_seen:1;
	u8 opt_bad:1;
	u32 cut;
	u32 r_cep;
	u32 s_cep;
	u32 opt_cep;
	struct xtcp_ecn_bytes r;
	struct xtcp_ecn_bytes s;
	struct xtcp_ecn_bytes said;
};

/**
 * struct xtcp_ecn_acked - an ACK, as far as ECN cares
 * @una: SND.UNA before it
 * @segs: segments that arrived by what it says, SACK blocks too; AccECN only
 * @mss: bytes of payload in a full segment
 */
struct xtcp_ecn_acked {
	u32 una;
	u32 segs;
	u32 mss;
};

/* Agreeing */
u8 xtcp_ecn_policy(u32 setting, bool active);
u8 xtcp_ecn_bits(const struct xtcp_segment *seg);
bool xtcp_ecn_syn(struct xtcp_ecn *e, u32 retrans, bool fallback,
		  struct xtcp_segment *out);
void xtcp_ecn_take_syn(struct xtcp_ecn *e, const struct xtcp_segment *seg);
bool xtcp_ecn_syn_again(struct xtcp_ecn *e, const struct xtcp_segment *seg);
void xtcp_ecn_syn_ack(struct xtcp_ecn *e, u32 retrans, bool fallback,
		      struct xtcp_segment *out);
void xtcp_ecn_take_syn_ack(struct xtcp_ecn *e, const struct xtcp_segment *seg);
void xtcp_ecn_syn_ack_again(struct xtcp_ecn *e,
			    const struct xtcp_segment *seg);
void xtcp_ecn_handshake_ack(struct xtcp_ecn *e,
			    const struct xtcp_segment *seg);

/* As a receiver */
bool xtcp_ecn_arrived(struct xtcp_ecn *e, const struct xtcp_segment *seg,
		      u32 packets, bool owed);
u8 xtcp_ecn_send(struct xtcp_ecn *e, struct xtcp_segment *out, bool fresh);
void xtcp_ecn_option(struct xtcp_ecn *e, struct xtcp_options *opt, u32 level,
		     u32 room, bool full);

/* As a sender */
u32 xtcp_ecn_feedback(struct xtcp_ecn *e, const struct xtcp_segment *seg,
		      const struct xtcp_ecn_acked *acked);
bool xtcp_ecn_cut_due(const struct xtcp_ecn *e, u32 ack);
void xtcp_ecn_reduced(struct xtcp_ecn *e, u32 snd_nxt);
bool xtcp_ecn_covers(const struct xtcp_ecn *e, u32 una);

/**
 * xtcp_ecn_alone() - must each segment leave on its own
 * @e: ECN of the connection
 *
 * Who cuts a large segment into pieces takes CWR for what RFC 3168 made of it,
 * and clears it in all but the first. So the ACE field is the same in each
 * piece only while the bit in its middle is off.
 *
 * Return: true if a large segment must not be left to TSO.
 */
static inline bool xtcp_ecn_alone(const struct xtcp_ecn *e)
{
	return e->mode == XTCP_ECN_ACCURATE && (e->r_cep & 2);
}

#endif /* XTCP_CORE_ECN_H */
