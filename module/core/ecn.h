/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Explicit Congestion Notification: negotiation, feedback of the IP-ECN field
 * of arriving segments, and processing of the peer's feedback. Classic (RFC
 * 3168) and accurate, "AccECN" (RFC 9768).
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

/* AE, CWR and ECE as one number, AE the highest bit (RFC 9768 3.2.2). */
#define XTCP_ECN_SYN_CLASSIC		3u
#define XTCP_ECN_SYN_ACCURATE		7u
#define XTCP_ECN_SYN_ACK_CLASSIC	1u

/* RFC 9768 3.2.1: initial values of the counters of both ends. */
#define XTCP_ECN_CEP_INIT	5u
#define XTCP_ECN_BYTES_INIT	1u

/**
 * enum xtcp_ecn_mode - ECN as requested or negotiated
 * @XTCP_ECN_OFF: none
 * @XTCP_ECN_CLASSIC: RFC 3168
 * @XTCP_ECN_ACCURATE: RFC 9768
 */
enum xtcp_ecn_mode {
	XTCP_ECN_OFF,
	XTCP_ECN_CLASSIC,
	XTCP_ECN_ACCURATE,
};

/**
 * enum xtcp_ecn_option - when the AccECN option is sent, as net.ipv4.tcp_ecn_option
 * @XTCP_ECN_OPTION_NEVER: never
 * @XTCP_ECN_OPTION_NEWS: if a counter has changed since the last one
 * @XTCP_ECN_OPTION_ALWAYS: on each segment, unless such segments seem to be lost
 * @XTCP_ECN_OPTION_PERSIST: on each segment
 */
enum xtcp_ecn_option {
	XTCP_ECN_OPTION_NEVER,
	XTCP_ECN_OPTION_NEWS,
	XTCP_ECN_OPTION_ALWAYS,
	XTCP_ECN_OPTION_PERSIST,
};

/**
 * struct xtcp_ecn_bytes - payload by IP-ECN field, bytes, plus initial values
 *	(RFC 9768 3.2.1)
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
 * @want: enum xtcp_ecn_mode: the mode that our SYN requests, or the most that
 *	our SYN-ACK grants
 * @mode: enum xtcp_ecn_mode: the negotiated mode
 * @syn_ack_code: AccECN: handshake code of our SYN-ACK: reports the IP-ECN
 *	field of the latest SYN
 * @ack_code: AccECN: handshake code of the next pure ACK: reports the IP-ECN
 *	field of the latest SYN-ACK; 0: none is due
 * @ce_unreported: AccECN: CE marks received since the ACE counter was last
 *	sent, 0 to 255
 * @syn_fallback: we sent a SYN without an ECN request
 * @no_ect: send Not-ECT only, for the rest of the connection
 * @ignore_feedback: AccECN: ignore the peer's feedback: its ACK of our SYN-ACK
 *	had ACE 0 (RFC 9768 3.2.2.1, note 1)
 * @echo: classic: a CE mark was received: set ECE on every ACK until CWR
 *	arrives
 * @cwr: classic: cwnd was reduced: set CWR on the next new data
 * @reduced_valid: @reduced_seq is valid
 * @hold: ECE arrived with cwnd at one segment: no new data until the timer
 *	fires
 * @seen: a segment arrived with ECT or CE
 * @skip_ace: AccECN: the next ACK that xtcp_ecn_feedback() processes has a
 *	handshake code in place of the ACE counter
 * @handshake_ce: AccECN: our SYN or SYN-ACK was CE marked: reduce cwnd when the
 *	connection is established
 * @last_ce: AccECN: the previous packet was CE marked
 * @syn_ack_ce: AccECN: a CE mark on a SYN-ACK is counted in @r_cep
 * @opt_seen: AccECN: the peer sent a valid option
 * @opt_bad: AccECN: the path zeroes the fields of the option: ignore it
 * @opt_dup: AccECN: the last segment sent has the option, and reports a
 *	duplicate
 * @opt_off: AccECN: the path drops segments with the option: send none
 * @all_ect: AccECN: send control packets and retransmissions as ECT(0), too
 * @opt_space: AccECN: bytes of each segment that are reserved for the option
 * @acked_mean: AccECN: mean number of segments per ACK, in 64ths; 0: none yet
 * @reduced_seq: SND.NXT when cwnd was last reduced: one reduction per window
 *	of data
 * @tsval: AccECN: TSval of the latest segment whose feedback was processed
 * @r_cep: AccECN: r.cep: CE marked packets received, plus XTCP_ECN_CEP_INIT
 * @s_cep: AccECN: s.cep: the same counter as the peer reported it
 * @opt_cep: AccECN: @s_cep when an option was last processed
 * @r: AccECN: r.e0b, r.ceb, r.e1b: payload received
 * @s: AccECN: the same counters as the peer reported them
 * @r_sent: AccECN: @r when an option was last sent
 */
struct xtcp_ecn {
	u8 want;
	u8 mode;
	u8 syn_ack_code;
	u8 ack_code;
	u8 ce_unreported;
	u8 syn_fallback:1;
	u8 no_ect:1;
	u8 ignore_feedback:1;
	u8 echo:1;
	u8 cwr:1;
	u8 reduced_valid:1;
	u8 hold:1;
	u8 seen:1;
	u8 skip_ace:1;
	u8 handshake_ce:1;
	u8 last_ce:1;
	u8 syn_ack_ce:1;
	u8 opt_seen:1;
	u8 opt_bad:1;
	u8 opt_dup:1;
	u8 opt_off:1;
	u8 all_ect:1;
	u8 opt_space;
	u16 acked_mean;
	u32 reduced_seq;
	u32 tsval;
	u32 r_cep;
	u32 s_cep;
	u32 opt_cep;
	struct xtcp_ecn_bytes r;
	struct xtcp_ecn_bytes s;
	struct xtcp_ecn_bytes r_sent;
};

/**
 * struct xtcp_ecn_acked - the parameters of an ACK for ECN
 * @una: SND.UNA before the ACK
 * @segs: segments newly delivered by this ACK, SACK blocks included; AccECN
 *	only
 * @mss: bytes of payload in a full segment
 */
struct xtcp_ecn_acked {
	u32 una;
	u32 segs;
	u32 mss;
};

/* Negotiation */
u8 xtcp_ecn_policy(u32 setting, bool active);
u8 xtcp_ecn_bits(const struct xtcp_segment *seg);
bool xtcp_ecn_syn(struct xtcp_ecn *e, u32 retrans, bool fallback,
		  struct xtcp_segment *out);
void xtcp_ecn_rcv_syn(struct xtcp_ecn *e, const struct xtcp_segment *seg);
bool xtcp_ecn_rcv_syn_retrans(struct xtcp_ecn *e,
			      const struct xtcp_segment *seg);
void xtcp_ecn_syn_ack(struct xtcp_ecn *e, u32 retrans, bool fallback,
		      struct xtcp_segment *out);
void xtcp_ecn_rcv_syn_ack(struct xtcp_ecn *e, const struct xtcp_segment *seg);
void xtcp_ecn_rcv_syn_ack_retrans(struct xtcp_ecn *e,
				  const struct xtcp_segment *seg);
void xtcp_ecn_handshake_ack(struct xtcp_ecn *e,
			    const struct xtcp_segment *seg);

/* Receiver */
bool xtcp_ecn_rcv_segment(struct xtcp_ecn *e, const struct xtcp_segment *seg,
			  u32 packets, bool owed);
u8 xtcp_ecn_send(struct xtcp_ecn *e, struct xtcp_segment *out, bool fresh);
u32 xtcp_ecn_option_space(const struct xtcp_ecn *e, u32 level);
void xtcp_ecn_option_syn_ack(struct xtcp_ecn *e, struct xtcp_options *opt,
			     u32 level);
void xtcp_ecn_option(struct xtcp_ecn *e, struct xtcp_options *opt, u32 level,
		     u32 space, bool first, bool dup);
void xtcp_ecn_rcv_duplicate(struct xtcp_ecn *e, bool same);

/* Sender */
u32 xtcp_ecn_feedback(struct xtcp_ecn *e, const struct xtcp_segment *seg,
		      const struct xtcp_ecn_acked *acked);
bool xtcp_ecn_reduce_due(const struct xtcp_ecn *e, u32 ack);
void xtcp_ecn_reduced(struct xtcp_ecn *e, u32 snd_nxt);
void xtcp_ecn_reduction_undone(struct xtcp_ecn *e);
bool xtcp_ecn_already_reduced(const struct xtcp_ecn *e, u32 una);

/**
 * xtcp_ecn_no_gso() - must each segment be sent on its own
 * @e: ECN of the connection
 *
 * TSO and GSO handle CWR by RFC 3168: they clear it in all segments but the
 * first. CWR is the middle bit of the ACE field. So all segments get the same
 * ACE field only if this bit is 0.
 *
 * Return: true if TSO and GSO must not split a large segment.
 */
static inline bool xtcp_ecn_no_gso(const struct xtcp_ecn *e)
{
	return e->mode == XTCP_ECN_ACCURATE && (e->r_cep & 2);
}

#endif /* XTCP_CORE_ECN_H */
