// SPDX-License-Identifier: GPL-2.0
/*
 * Endpoints. Connections begin in ESTABLISHED, with what the options of the
 * handshake would have negotiated. There is no device queue: a packet is on the
 * path, and its sk_buff is freed, as soon as IP gets it.
 */
#include "check.h"
#include "core/window.h"
#include "endpoint.h"
#include "ip/ip.h"
#include "trace.h"

static struct xtcp_mib mib;
static struct xtcp_net world;

static const struct xtcp_sysctls shipped = {
#include "sysctl_defaults.h"
};

static struct endpoint *endpoint_of(struct sock *sk)
{
	return (struct endpoint *)sk;
}

/* Sending */

static void put32(u8 *p, u32 v)
{
	p[0] = v >> 24;
	p[1] = v >> 16;
	p[2] = v >> 8;
	p[3] = v;
}

static u32 get32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* As TSO: one packet, @at bytes into the payload of @skb. */
static void send_piece(struct endpoint *e, const struct sk_buff *skb, u8 ecn,
		       u32 at, u32 len)
{
	struct packet *packet = packet_new();
	u32 hdr_len = skb_headlen(skb);
	bool last = at + len == skb->data_len;
	u8 *flags = &packet->header[13];

	memcpy(packet->header, skb->data, hdr_len);
	put32(&packet->header[4], get32(&skb->data[4]) + at);
	if (!last)
		*flags &= ~(XTCP_FIN | XTCP_PSH);
	if (at)
		*flags &= ~XTCP_CWR;
	packet->hdr_len = hdr_len;
	packet->len = len;
	packet->size = e->xs.af->header_len + hdr_len + len;
	if (len)
		packet->position = skb_shinfo(skb)->frags[0].off + at;
	packet->to = e->peer;
	packet->flow = e->flow;
	packet->ecn = ecn;
	check_sent(e, packet);
	trace_sent(e, packet);
	e->out->take(e->out, packet);
}

/* The fragments of @skb must be one part of the stream. */
static void check_fragments(const struct endpoint *e, const struct sk_buff *skb)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	u32 sum = 0;
	int i;

	for (i = 0; i < si->nr_frags; i++) {
		check_that(si->frags[i].off == si->frags[0].off + sum, e,
			   "payload of a segment is not contiguous");
		sum += si->frags[i].size;
	}
	check_that(sum == skb->data_len, e, "fragments are not the payload");
}

static int sim_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn)
{
	struct endpoint *e = endpoint_of(sk);
	u32 piece = skb_shinfo(skb)->gso_size, at = 0;

	check_fragments(e, skb);
	if (!piece)
		piece = skb->data_len;
	do {
		u32 len = min_t(u32, piece, skb->data_len - at);

		send_piece(e, skb, ecn, at, len);
		at += len;
	} while (at < skb->data_len);
	kfree_skb(skb);
	return 0;
}

static u32 sim_ext_len(const struct sock *sk)
{
	return 0;
}

static void sim_checksum(struct sk_buff *skb, const struct in6_addr *laddr,
			 const struct in6_addr *raddr)
{
}

static int sim_route(struct sock *sk)
{
	sk->sk_dst_cache = &endpoint_of(sk)->dst;
	return 0;
}

const struct xtcp_af xtcp_ipv4 = {
	.family = AF_INET,
	.header_len = 20,
	.mss_default = XTCP_MSS_DEFAULT_V4,
	.mtu_min = 68,
	.gso_type = SKB_GSO_TCPV4,
	.route = sim_route,
	.xmit = sim_xmit,
	.ext_len = sim_ext_len,
	.check = sim_checksum,
};

/* All sockets of the simulator are of IPv4; init.c refers to both. */
const struct xtcp_af xtcp_ipv6;

/* Receiving */

/* Memory that a driver takes for a packet besides its payload, bytes. */
#define HEAD	256

/* As rx/: a packet becomes an sk_buff. Frees the packet. */
void endpoint_receive(struct packet *packet)
{
	struct endpoint *e = packet->to;
	struct sk_buff *skb = alloc_skb(HEAD, GFP_ATOMIC);
	struct xtcp_segment seg;
	static struct page page;

	memcpy(skb_put(skb, packet->hdr_len), packet->header, packet->hdr_len);
	if (packet->len) {
		page_ref_inc(&page);
		skb_fill_page_desc(skb, 0, &page, packet->position,
				   packet->len);
		skb->len += packet->len;
		skb->data_len += packet->len;
		skb->truesize += packet->len;
	}
	skb_shinfo(skb)->gso_segs = 1;
	check_that(xtcp_segment_parse(skb->data, skb_headlen(skb), skb->len,
				      &seg) == XTCP_PARSE_OK, e,
		   "a segment is malformed");
	seg.ecn = packet->ecn;
	check_arrived(e, packet, &seg);
	packet_free(packet);
	xtcp_input(endpoint_sk(e), skb, &seg);
	trace_received(e, &seg);
}

/* Setup */

/* The namespace, with the settings of the module and of the scenario. */
void endpoint_world(const struct scenario *s)
{
	world.net = &init_net;
	world.mib = &mib;
	world.sysctl = shipped;
	world.sysctl.wmem[2] = s->wmem;
	world.sysctl.rmem[2] = s->rmem;
	sim_net_generic = &world;
}

static void ignore(struct sock *sk)
{
}

/* A socket as socket() makes it. */
void endpoint_setup(struct endpoint *e, const struct scenario *s,
		    const struct xtcp_cc_ops *cc)
{
	struct sock *sk = endpoint_sk(e);

	sk->sk_family = AF_INET;
	sk->sk_refcnt.n = 1;
	sk->sk_allocation = GFP_KERNEL;
	sk->sk_gso_max_size = 65536;
	sk->sk_gso_max_segs = s->tso ? 65535 : 1;
	sk->sk_rcvlowat = 1;
	sk->sk_pacing_rate = ~0ul;
	sk->sk_max_pacing_rate = ~0ul;
	sk->sk_pacing_shift = 10;
	sk->sk_data_ready = ignore;
	sk->sk_state_change = ignore;
	__skb_queue_head_init(&sk->sk_write_queue);
	__skb_queue_head_init(&sk->sk_receive_queue);
	__skb_queue_head_init(&sk->sk_error_queue);
	e->dst.mtu = s->mtu;
	e->socket.sk = sk;
	sk->sk_socket = &e->socket;
	sk->sk_wq = &e->socket.wq;
	xtcp_sock_init(sk);
	xtcp_cc_set(&e->xs.tcb.cc, cc, XTCP_MSS_DEFAULT_V4);
	sim_route(sk);
}

/* Numbers, options and windows, as the SYN of @peer and the SYN to it had them. */
static void negotiate(struct endpoint *e, const struct endpoint *peer,
		      const struct scenario *s, u32 iss, u32 irs)
{
	struct xtcp_tcb *tcb = &e->xs.tcb;
	struct sock *sk = endpoint_sk(e);
	u32 wnd = min_t(u32, xtcp_full_space(sk), XTCP_RCVBUF_FIRST);

	tcb->iss = iss;
	tcb->irs = irs;
	xtcp_tcb_start_send(tcb, iss + 1);
	xtcp_tcb_start_receive(tcb, irs + 1, wnd);
	e->xs.copied_seq = tcb->rcv_nxt;
	e->xs.urg_seq = tcb->rcv_nxt;
	tcb->sack_ok = s->sack;
	tcb->ts_ok = s->timestamps;
	tcb->ts_offset = iss;
	tcb->ts_recent = irs;
	tcb->wscale_ok = 1;
	tcb->rcv_wscale = xtcp_wscale_for(xtcp_window_max(sk));
	tcb->snd_wscale = xtcp_wscale_for(xtcp_window_max((struct sock *)peer));
	tcb->peer_mss = s->mtu - 40;
	tcb->adv_mss = s->mtu - 40;
	tcb->snd_wnd = wnd;
	tcb->max_snd_wnd = wnd;
	tcb->snd_wl1 = irs;
	tcb->snd_wl2 = iss + 1;
}

/* The flags of a handshake without loss or marks. */
static void negotiate_ecn(struct xtcp_ecn *client, struct xtcp_ecn *server,
			  const struct scenario *s)
{
	static const u32 settings[] = { 0, 1, 3 };
	struct xtcp_segment syn = { .flags = XTCP_SYN };
	struct xtcp_segment syn_ack = { .flags = XTCP_SYN | XTCP_ACK };
	struct xtcp_segment ack = { .flags = XTCP_ACK };

	client->want = xtcp_ecn_policy(settings[s->ecn], true);
	server->want = xtcp_ecn_policy(settings[s->ecn], false);
	xtcp_ecn_syn(client, 0, true, &syn);
	xtcp_ecn_rcv_syn(server, &syn);
	xtcp_ecn_syn_ack(server, 0, true, &syn_ack);
	xtcp_ecn_option_syn_ack(server, &syn_ack.opt, XTCP_ECN_OPTION_ALWAYS);
	xtcp_ecn_rcv_syn_ack(client, &syn_ack);
	xtcp_ecn_option(client, &ack.opt, XTCP_ECN_OPTION_ALWAYS,
			XTCP_OPT_SPACE, true, false);
	xtcp_ecn_send(client, &ack, false);
	xtcp_ecn_handshake_ack(server, &ack);
}

static void establish(struct endpoint *e, u32 rtt)
{
	struct xtcp_sock *xs = &e->xs;

	xs->now = event_now;
	xtcp_rtt_sample(&xs->tcb.rtt, rtt);
	xtcp_established(endpoint_sk(e), 0);
	xtcp_state_store(endpoint_sk(e), TCP_ESTABLISHED);
}

/* Connect two endpoints; @rtt: round-trip time of the handshake, us. */
void endpoint_connect(struct endpoint *client, struct endpoint *server,
		      const struct scenario *s, u32 rtt)
{
	u32 iss = s->iss + client->flow * 100003;

	client->peer = server;
	server->peer = client;
	negotiate(client, server, s, iss, ~iss);
	negotiate(server, client, s, ~iss, iss);
	negotiate_ecn(&client->xs.tcb.ecn, &server->xs.tcb.ecn, s);
	establish(client, rtt);
	establish(server, rtt);
}

/* Free all memory of an endpoint, and check that nothing is left. */
void endpoint_end(struct endpoint *e)
{
	struct sock *sk = endpoint_sk(e);

	sock_set_flag(sk, SOCK_DEAD);
	xtcp_timers_kill(sk);
	xtcp_write_queue_purge(sk);
	xtcp_ooo_purge(sk);
	__skb_queue_purge(&sk->sk_receive_queue);
	check_that(!sk->sk_wmem_queued, e, "send memory is left");
	check_that(!atomic_read(&sk->sk_rmem_alloc), e,
		   "receive memory is left");
	check_that(!atomic_read(&sk->sk_wmem_alloc), e,
		   "memory of sent packets is left");
	check_that(sk->sk_forward_alloc == sk->sk_reserved, e,
		   "charged memory is left");
	check_that(sk->sk_refcnt.n == 1, e, "references are left");
}
