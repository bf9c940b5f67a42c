// SPDX-License-Identifier: GPL-2.0
/*
 * Functions of the module outside of the files that are simulated. There are no
 * tables, no Fast Open, no TIME-WAIT entries, and no ICMP errors: connections
 * begin in ESTABLISHED, and their endpoints never forget them.
 */
#include "base/memcg.h"
#include "base/trace.h"
#include "conn/conn.h"
#include "conn/fastopen.h"
#include "conn/timewait.h"
#include "ip/ip.h"
#include "table/table.h"

void xtcp_mem_charge_forced(struct sock *sk, int size)
{
	sk_wmem_schedule(sk, size);
}

void xtcp_state_trace(struct sock *sk, const struct xtcp_row *row)
{
	(void)sk;
	(void)row;
}

bool xtcp_table_remove(struct sock *sk)
{
	(void)sk;
	return true;
}

void xtcp_port_put(struct sock *sk)
{
	(void)sk;
}

bool xtcp_tw_enter(struct sock *sk, u8 substate, u64 wait)
{
	(void)sk;
	(void)substate;
	(void)wait;
	return false;
}

void xtcp_fastopen_settled(struct sock *child, bool reset)
{
	(void)child;
	(void)reset;
}

void xtcp_fastopen_answered(struct sock *sk, const struct xtcp_segment *seg)
{
	(void)sk;
	(void)seg;
}

void xtcp_fastopen_timeout(struct sock *sk, bool expired)
{
	(void)sk;
	(void)expired;
}

void xtcp_reset_sock(const struct sock *sk, const struct sk_buff *skb,
		     const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		     enum xtcp_reset_reason reason)
{
	(void)sk;
	(void)skb;
	(void)t;
	(void)seg;
	(void)reason;
}
