// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/xtcp and xtcp6, with the columns of /proc/net/tcp and tcp6, and
 * /proc/net/xtcp_netstat.
 *
 * Listeners come first, by their id. Connections, requests and TIME-WAIT
 * entries follow, by bucket and position in the chain. A read resumes at the
 * position of the last one, so the time to read the file is proportional to the
 * number of entries and buckets.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>

#include "conn/conn.h"
#include "ip/ip.h"
#include "open/open.h"
#include "show.h"
#include "table/table.h"

/**
 * struct walk - position of a reader of the file
 * @p: state of seq_file for a file of a namespace
 * @listeners: the position is among the listeners
 * @id: the listener being shown, or the first candidate for the next
 * @bucket: bucket of the connection table
 * @skip: entries of the bucket that were already shown
 * @num: number in the first column
 * @cur: the entry being shown, a reference
 */
struct walk {
	struct seq_net_private p;
	bool listeners;
	unsigned long id;
	u32 bucket;
	u32 skip;
	u32 num;
	struct sock *cur;
};

static bool entry_matches_file(struct seq_file *m, struct walk *w,
			       const struct sock *sk)
{
	u16 family = (unsigned long)pde_data(file_inode(m->file));

	return sk->sk_family == family && net_eq(sock_net(sk), seq_file_net(m));
}

/* The next listener from w->id on, with a reference, or NULL. */
static struct sock *next_listener(struct seq_file *m, struct walk *w)
{
	struct sock *sk;

	while ((sk = xtcp_listen_next(&w->id)) &&
	       !entry_matches_file(m, w, sk)) {
		sock_put(sk);
		w->id++;
		cond_resched();
	}
	return sk;
}

static struct sock *nth_entry(struct seq_file *m, struct walk *w)
{
	struct hlist_nulls_head *chain = &xtcp_table.buckets[w->bucket].chain;
	spinlock_t *lock = xtcp_bucket_lock(w->bucket);
	const struct hlist_nulls_node *node;
	struct sock *sk, *found = NULL;
	u32 n = 0;

	if (hlist_nulls_empty(chain))
		return NULL;
	spin_lock_bh(lock);
	sk_nulls_for_each(sk, node, chain)
		if (entry_matches_file(m, w, sk) && n++ == w->skip &&
		    refcount_inc_not_zero(&sk->sk_refcnt)) {
			found = sk;
			break;
		}
	spin_unlock_bh(lock);
	return found;
}

/* The next entry from w->bucket and w->skip on, with a reference, or NULL. */
static struct sock *next_connection(struct seq_file *m, struct walk *w)
{
	struct sock *sk = NULL;

	while (w->bucket <= xtcp_table.mask && !(sk = nth_entry(m, w))) {
		w->bucket++;
		w->skip = 0;
		cond_resched();
	}
	return sk;
}

static struct sock *find_entry(struct seq_file *m, struct walk *w)
{
	if (w->listeners) {
		w->cur = next_listener(m, w);
		if (w->cur)
			return w->cur;
		w->listeners = false;
	}
	w->cur = next_connection(m, w);
	return w->cur;
}

static void put_entry(struct walk *w)
{
	if (w->cur)
		xtcp_entry_put(w->cur);
	w->cur = NULL;
}

static void *walk_start(struct seq_file *m, loff_t *pos)
{
	struct walk *w = m->private;

	if (!*pos) {
		w->listeners = true;
		w->id = 0;
		w->bucket = 0;
		w->skip = 0;
		w->num = 0;
		return SEQ_START_TOKEN;
	}
	/* Show an entry again that did not fit into the buffer. */
	return find_entry(m, w);
}

static void *walk_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct walk *w = m->private;

	++*pos;
	put_entry(w);
	if (v != SEQ_START_TOKEN) {
		w->num++;
		if (w->listeners)
			w->id++;
		else
			w->skip++;
	}
	return find_entry(m, w);
}

static void walk_stop(struct seq_file *m, void *v)
{
	put_entry(m->private);
}

static void show_address(struct seq_file *m, u16 family,
			 const struct in6_addr *addr, u16 port)
{
	if (family == AF_INET)
		seq_printf(m, "%08X:%04X ", (__force u32)addr->s6_addr32[3],
			   port);
	else
		seq_printf(m, "%08X%08X%08X%08X:%04X ",
			   (__force u32)addr->s6_addr32[0],
			   (__force u32)addr->s6_addr32[1],
			   (__force u32)addr->s6_addr32[2],
			   (__force u32)addr->s6_addr32[3], port);
}

/* The columns that are common to all kinds of entries. */
static void show_head(struct seq_file *m, struct sock *sk, u32 num, u8 state,
		      u32 tx, u32 rx)
{
	u16 family = sk->sk_family;

	seq_printf(m, "%4u: ", num);
	show_address(m, family, &sk->sk_v6_rcv_saddr, sk->sk_num);
	show_address(m, family, &sk->sk_v6_daddr, ntohs(sk->sk_dport));
	seq_printf(m, "%02X %08X:%08X ", state, tx, rx);
}

static unsigned long to_ticks(u64 ns)
{
	return div_u64(ns, NSEC_PER_SEC / USER_HZ);
}

static unsigned long ticks_until(u64 deadline)
{
	u64 now = ktime_get_ns();

	return deadline > now ? to_ticks(deadline - now) : 0;
}

static void show_timer(const struct xtcp_sock *xs, u32 *kind,
		       unsigned long *when)
{
	u64 rtx = READ_ONCE(xs->rtx.deadline);
	u64 keep = READ_ONCE(xs->keep.deadline);

	*kind = 0;
	*when = 0;
	if (rtx) {
		*kind = xs->rtx_purpose == XTCP_RTX_PROBE ? 4 : 1;
		*when = ticks_until(rtx);
	} else if (keep) {
		*kind = 2;
		*when = ticks_until(keep);
	}
}

static void show_socket(struct seq_file *m, struct sock *sk, u32 num)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_tcb *tcb = &xs->tcb;
	/* Lockless: a connect() may be resetting the TCB, with snd_mss 0. */
	u32 mss = READ_ONCE(tcb->snd_mss) ?: 1;
	u8 state = inet_sk_state_load(sk);
	unsigned long when;
	u32 kind, tx, rx;

	if (state == TCP_LISTEN) {
		tx = 0;
		rx = READ_ONCE(sk->sk_ack_backlog);
	} else {
		tx = READ_ONCE(tcb->write_seq) - READ_ONCE(tcb->snd_una);
		rx = max_t(int, READ_ONCE(tcb->rcv_nxt) -
				READ_ONCE(xs->copied_seq), 0);
	}
	show_timer(xs, &kind, &when);
	show_head(m, sk, num, state, tx, rx);
	seq_printf(m, "%02X:%08lX %08X %5u %8d %llu %d %pK %u %u %u %u %d",
		   kind, when, xs->retransmits,
		   from_kuid_munged(seq_user_ns(m), xtcp_proc_uid(sk)),
		   xs->probes_out, (u64)sock_i_ino(sk),
		   refcount_read(&sk->sk_refcnt) - 1, sk,
		   xtcp_rtt_rto(&tcb->rtt) / (u32)(USEC_PER_SEC / USER_HZ),
		   xs->ato.delay / (u32)(NSEC_PER_SEC / USER_HZ),
		   xs->ato.quick << 1 | xs->ato.pingpong,
		   max_t(u32, 1, tcb->cc.cwnd / mss),
		   tcb->cc.ssthresh == XTCP_SSTHRESH_INF ? -1 :
		   (int)(tcb->cc.ssthresh / mss));
}

static void show_request(struct seq_file *m, struct sock *sk, u32 num)
{
	struct xtcp_request *rq = xtcp_rq(sk);
	struct sock *listener = rq->listener;
	s64 left = ktime_to_ns(hrtimer_get_remaining(&rq->timer.hr));

	show_head(m, sk, num, TCP_SYN_RECV, 0, 0);
	seq_printf(m, "%02X:%08lX %08X %5u %8d %d %d %pK", 1,
		   left > 0 ? to_ticks(left) : 0UL,
		   rq->retrans,
		   from_kuid_munged(seq_user_ns(m), xtcp_proc_uid(listener)),
		   0, 0, 0, rq);
}

static void show_timewait(struct seq_file *m, struct sock *sk, u32 num)
{
	struct xtcp_timewait *tw = xtcp_tw(sk);

	show_head(m, sk, num, READ_ONCE(tw->substate), 0, 0);
	seq_printf(m, "%02X:%08lX %08X %5d %8d %d %d %pK", 3,
		   ticks_until(READ_ONCE(tw->ends)), 0, 0, 0, 0,
		   refcount_read(&sk->sk_refcnt) - 1, tw);
}

static void show_title(struct seq_file *m)
{
	u16 family = (unsigned long)pde_data(file_inode(m->file));

	if (family == AF_INET)
		seq_puts(m, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode");
	else
		seq_puts(m, "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode");
}

static int walk_show(struct seq_file *m, void *v)
{
	struct walk *w = m->private;
	struct sock *sk = v;

	/* As in the kernel: lines of tcp are padded, those of tcp6 are not. */
	bool pad = (unsigned long)pde_data(file_inode(m->file)) == AF_INET;

	seq_setwidth(m, pad ? 149 : 0);
	if (v == SEQ_START_TOKEN)
		show_title(m);
	else if (sk->sk_state == TCP_NEW_SYN_RECV)
		show_request(m, sk, w->num);
	else if (sk->sk_state == TCP_TIME_WAIT)
		show_timewait(m, sk, w->num);
	else
		show_socket(m, sk, w->num);
	if (pad)
		seq_pad(m, '\n');
	else
		seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations walk_ops = {
	.start = walk_start,
	.next = walk_next,
	.stop = walk_stop,
	.show = walk_show,
};

/**
 * xtcp_proc_register() - create the files of a namespace
 * @net: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_proc_register(struct net *net)
{
	if (!proc_create_net_data("xtcp", 0444, net->proc_net, &walk_ops,
				  sizeof(struct walk), (void *)AF_INET))
		return -ENOMEM;
	if (xtcp_ipv6_enabled() &&
	    !proc_create_net_data("xtcp6", 0444, net->proc_net, &walk_ops,
				  sizeof(struct walk), (void *)AF_INET6))
		goto no_xtcp6;
	if (!proc_create_net_single("xtcp_netstat", 0444, net->proc_net,
				    xtcp_mib_show, NULL))
		goto no_netstat;
	return 0;

no_netstat:
	if (xtcp_ipv6_enabled())
		remove_proc_entry("xtcp6", net->proc_net);
no_xtcp6:
	remove_proc_entry("xtcp", net->proc_net);
	return -ENOMEM;
}

/**
 * xtcp_proc_unregister() - remove the files of a namespace
 * @net: the namespace
 */
void xtcp_proc_unregister(struct net *net)
{
	remove_proc_entry("xtcp_netstat", net->proc_net);
	if (xtcp_ipv6_enabled())
		remove_proc_entry("xtcp6", net->proc_net);
	remove_proc_entry("xtcp", net->proc_net);
}
