/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: xtcp:xtcp_state, xtcp_receive, xtcp_send, xtcp_retransmit,
 * xtcp_reset.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xtcp

#if !defined(XTCP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define XTCP_TRACE_H

#include <linux/tracepoint.h>

#include "reason.h"
#include "sock.h"

void xtcp_state_trace(struct sock *sk, const struct xtcp_row *row);

#define xtcp_show_state(state)						\
	__print_symbolic(state,						\
			 { XTCP_ESTABLISHED, "TCP_ESTABLISHED" },	\
			 { XTCP_SYN_SENT, "TCP_SYN_SENT" },		\
			 { XTCP_SYN_RCVD, "TCP_SYN_RECV" },		\
			 { XTCP_FIN_WAIT_1, "TCP_FIN_WAIT1" },		\
			 { XTCP_FIN_WAIT_2, "TCP_FIN_WAIT2" },		\
			 { XTCP_TIME_WAIT, "TCP_TIME_WAIT" },		\
			 { XTCP_CLOSED, "TCP_CLOSE" },			\
			 { XTCP_CLOSE_WAIT, "TCP_CLOSE_WAIT" },		\
			 { XTCP_LAST_ACK, "TCP_LAST_ACK" },		\
			 { XTCP_LISTEN, "TCP_LISTEN" },			\
			 { XTCP_CLOSING, "TCP_CLOSING" },		\
			 { XTCP_SYN_RCVD_PASSIVE, "TCP_SYN_RECV" })

#define xtcp_show_event(event)						\
	__print_symbolic(event,						\
			 { XTCP_EV_PASSIVE_OPEN, "PASSIVE_OPEN" },	\
			 { XTCP_EV_ACTIVE_OPEN, "ACTIVE_OPEN" },	\
			 { XTCP_EV_CLOSE, "CLOSE" },			\
			 { XTCP_EV_ABORT, "ABORT" },			\
			 { XTCP_EV_RCV_SYN, "RCV_SYN" },		\
			 { XTCP_EV_RCV_SYN_COOKIE, "RCV_SYN_COOKIE" },	\
			 { XTCP_EV_RCV_SYN_ACK, "RCV_SYN_ACK" },	\
			 { XTCP_EV_RCV_ACK_OF_SYN, "RCV_ACK_OF_SYN" },	\
			 { XTCP_EV_RCV_FIN, "RCV_FIN" },		\
			 { XTCP_EV_RCV_ACK_OF_FIN, "RCV_ACK_OF_FIN" },	\
			 { XTCP_EV_RCV_RST, "RCV_RST" },		\
			 { XTCP_EV_TIMEOUT, "TIMEOUT" },		\
			 { XTCP_EV_2MSL, "2MSL" })

#define xtcp_show_flags(flags)						\
	__print_flags(flags, "|",					\
		      { XTCP_FIN, "FIN" }, { XTCP_SYN, "SYN" },		\
		      { XTCP_RST, "RST" }, { XTCP_PSH, "PSH" },		\
		      { XTCP_ACK, "ACK" }, { XTCP_URG, "URG" },		\
		      { XTCP_ECE, "ECE" }, { XTCP_CWR, "CWR" })

#define xtcp_show_reason(reason)					\
	__print_symbolic(reason,					\
			 { XTCP_RESET_CLOSED, "CLOSED" },		\
			 { XTCP_RESET_LISTEN_ACK, "LISTEN_ACK" },	\
			 { XTCP_RESET_SYN_SENT, "SYN_SENT" },		\
			 { XTCP_RESET_SYN_RCVD, "SYN_RCVD" },		\
			 { XTCP_RESET_OVERFLOW, "OVERFLOW" },		\
			 { XTCP_RESET_ABORT, "ABORT" },			\
			 { XTCP_RESET_UNREAD, "UNREAD" },		\
			 { XTCP_RESET_DATA, "DATA_AFTER_CLOSE" },	\
			 { XTCP_RESET_LINGER, "LINGER" },		\
			 { XTCP_RESET_MEMORY, "MEMORY" },		\
			 { XTCP_RESET_LISTENER, "LISTENER_CLOSED" },	\
			 { XTCP_RESET_KEEPALIVE, "KEEPALIVE" },	\
			 { XTCP_RESET_ECN, "ECN" })

#define XTCP_TRACE_ADDR							\
	__field(__u16, family)						\
	__field(__u16, sport)						\
	__field(__u16, dport)						\
	__array(__u8, saddr_v6, 16)					\
	__array(__u8, daddr_v6, 16)					\
	__field(unsigned int, netns)

#define xtcp_trace_tuple(_net, _t) do {					\
	__entry->family = ipv6_addr_v4mapped(&(_t)->laddr) ?		\
			  AF_INET : AF_INET6;				\
	__entry->sport = ntohs((_t)->lport);				\
	__entry->dport = ntohs((_t)->rport);				\
	memcpy(__entry->saddr_v6, &(_t)->laddr, 16);			\
	memcpy(__entry->daddr_v6, &(_t)->raddr, 16);			\
	__entry->netns = (_net)->ns.inum;				\
} while (0)

#define XTCP_TRACE_ADDR_FMT						\
	"family=%s sport=%u dport=%u saddr=%pI4 daddr=%pI4 "		\
	"saddrv6=%pI6c daddrv6=%pI6c"

#define XTCP_TRACE_ADDR_ARGS						\
	__entry->family == AF_INET ? "AF_INET" : "AF_INET6",		\
	__entry->sport, __entry->dport,					\
	__entry->saddr_v6 + 12, __entry->daddr_v6 + 12,			\
	__entry->saddr_v6, __entry->daddr_v6

TRACE_EVENT(xtcp_state,
	TP_PROTO(const struct sock *sk, u8 oldstate, u8 newstate, u8 event),

	TP_ARGS(sk, oldstate, newstate, event),

	TP_STRUCT__entry(
		XTCP_TRACE_ADDR
		__field(__u8, oldstate)
		__field(__u8, newstate)
		__field(__u8, event)
	),

	TP_fast_assign(
		struct xtcp_tuple t;

		xtcp_tuple_of(sk, &t);
		xtcp_trace_tuple(sock_net(sk), &t);
		__entry->oldstate = oldstate;
		__entry->newstate = newstate;
		__entry->event = event;
	),

	TP_printk(XTCP_TRACE_ADDR_FMT
		  " oldstate=%s newstate=%s event=%s netns=%u",
		  XTCP_TRACE_ADDR_ARGS,
		  xtcp_show_state(__entry->oldstate),
		  xtcp_show_state(__entry->newstate),
		  xtcp_show_event(__entry->event), __entry->netns)
);

DECLARE_EVENT_CLASS(xtcp_segment_class,
	TP_PROTO(const struct net *net, const struct xtcp_tuple *t,
		 const struct xtcp_segment *seg),

	TP_ARGS(net, t, seg),

	TP_STRUCT__entry(
		XTCP_TRACE_ADDR
		__field(__u32, seq)
		__field(__u32, ack)
		__field(__u32, len)
		__field(__u16, wnd)
		__field(__u8, flags)
	),

	TP_fast_assign(
		xtcp_trace_tuple(net, t);
		__entry->seq = seg->seq;
		__entry->ack = seg->ack;
		__entry->len = seg->len;
		__entry->wnd = seg->wnd;
		__entry->flags = seg->flags;
	),

	TP_printk(XTCP_TRACE_ADDR_FMT
		  " flags=%s seq=%u ack=%u len=%u wnd=%u netns=%u",
		  XTCP_TRACE_ADDR_ARGS, xtcp_show_flags(__entry->flags),
		  __entry->seq, __entry->ack, __entry->len, __entry->wnd,
		  __entry->netns)
);

DEFINE_EVENT(xtcp_segment_class, xtcp_receive,
	TP_PROTO(const struct net *net, const struct xtcp_tuple *t,
		 const struct xtcp_segment *seg),
	TP_ARGS(net, t, seg)
);

DEFINE_EVENT(xtcp_segment_class, xtcp_send,
	TP_PROTO(const struct net *net, const struct xtcp_tuple *t,
		 const struct xtcp_segment *seg),
	TP_ARGS(net, t, seg)
);

DEFINE_EVENT(xtcp_segment_class, xtcp_retransmit,
	TP_PROTO(const struct net *net, const struct xtcp_tuple *t,
		 const struct xtcp_segment *seg),
	TP_ARGS(net, t, seg)
);

TRACE_EVENT(xtcp_reset,
	TP_PROTO(const struct net *net, const struct xtcp_tuple *t, u8 reason),

	TP_ARGS(net, t, reason),

	TP_STRUCT__entry(
		XTCP_TRACE_ADDR
		__field(__u8, reason)
	),

	TP_fast_assign(
		xtcp_trace_tuple(net, t);
		__entry->reason = reason;
	),

	TP_printk(XTCP_TRACE_ADDR_FMT " reason=%s netns=%u",
		  XTCP_TRACE_ADDR_ARGS, xtcp_show_reason(__entry->reason),
		  __entry->netns)
);

#endif /* XTCP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH base
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
