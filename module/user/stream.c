// SPDX-License-Identifier: GPL-2.0
/*
 * Calls on the byte stream: send, receive, poll, ioctl.
 */
#include <asm/ioctls.h>
#include <linux/poll.h>
#include <linux/skbuff.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "conn/conn.h"
#include "stream.h"

/* Sending */

/*
 * The unsent segment at the end of the write queue, if it has less than @goal
 * bytes and does not end with MSG_EOR; else NULL.
 */
static struct sk_buff *open_segment(struct sock *sk, u32 goal)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (!skb || skb->len >= goal ||
	    (XTCP_CB(skb)->marks & XTCP_MARK_EOR))
		return NULL;
	return skb;
}

static struct sk_buff *new_segment(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = xtcp_skb_new(sk, sk->sk_allocation);

	if (!skb)
		return NULL;
	XTCP_CB(skb)->seq = xs->tcb.write_seq;
	XTCP_CB(skb)->end_seq = xs->tcb.write_seq;
	XTCP_CB(skb)->flags = XTCP_ACK;
	xtcp_queue_tail(sk, skb);
	return skb;
}

/* Free an empty segment at the tail of the write queue: the copy failed. */
static void drop_empty_tail(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (!skb || skb->len || XTCP_CB(skb)->end_seq != XTCP_CB(skb)->seq)
		return;
	__skb_unlink(skb, &sk->sk_write_queue);
	xtcp_skb_free(sk, skb);
}

/*
 * Copy up to @max bytes of @msg to the end of @skb.
 * Return: bytes copied; 0 if @skb has no free fragment; -EAGAIN without memory;
 * -EFAULT.
 */
static int append(struct sock *sk, struct sk_buff *skb, struct msghdr *msg,
		  u32 max)
{
	struct page_frag *frag = sk_page_frag(sk);
	int i = skb_shinfo(skb)->nr_frags;
	bool merge;
	int n, err;

	if (!sk_page_frag_refill(sk, frag))
		return -EAGAIN;
	merge = skb_can_coalesce(skb, i, frag->page, frag->offset);
	if (!merge && i >= MAX_SKB_FRAGS)
		return 0;
	n = min_t(size_t, min_t(u32, max, frag->size - frag->offset),
		  msg_data_left(msg));
	if (!sk_wmem_schedule(sk, n))
		return -EAGAIN;
	err = skb_copy_to_page_nocache(sk, &msg->msg_iter, skb, frag->page,
				       frag->offset, n);
	if (err)
		return err;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], n);
	} else {
		skb_fill_page_desc(skb, i, frag->page, frag->offset, n);
		page_ref_inc(frag->page);
	}
	frag->offset += n;
	XTCP_CB(skb)->end_seq += n;
	WRITE_ONCE(xtcp_sk(sk)->tcb.write_seq,
		   xtcp_sk(sk)->tcb.write_seq + n);
	return n;
}

/* All data that is queued gets PSH at its end, in @skb, the last one. */
static void mark_push(struct sock *sk, struct sk_buff *skb)
{
	XTCP_CB(skb)->flags |= XTCP_PSH;
	xtcp_sk(sk)->pushed_seq = xtcp_sk(sk)->tcb.write_seq;
}

/*
 * Send queued data, as far as the windows and Nagle's rule allow. @flags:
 * MSG_MORE: cork for this call; MSG_OOB: the urgent pointer covers all queued
 * data.
 */
static void push_queued(struct sock *sk, int flags)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u8 corked = xs->tcb.corked;

	xs->now = ktime_get_ns();
	if (flags & MSG_OOB) {
		xs->tcb.snd_up = xs->tcb.write_seq;
		xs->tcb.urg_out = 1;
	}
	if (flags & MSG_MORE)
		xs->tcb.corked = 1;
	xtcp_push(sk);
	xtcp_limit_note(sk);
	xs->tcb.corked = corked;
}

/* More than half of the largest window offered was queued without PSH. */
static bool push_due(const struct xtcp_sock *xs)
{
	return seq_after(xs->tcb.write_seq,
			 xs->pushed_seq + xs->tcb.max_snd_wnd / 2);
}

/*
 * Send while the rest of @msg is still being copied, if a segment is full or if
 * PSH is due. Urgent data waits until all of it is queued: already the first
 * segment's urgent pointer names its end.
 */
static void push_early(struct sock *sk, struct sk_buff *skb, struct msghdr *msg,
		       u32 goal)
{
	bool due = push_due(xtcp_sk(sk));

	if (!msg_data_left(msg) || (msg->msg_flags & MSG_OOB))
		return;
	if (due)
		mark_push(sk, skb);
	if (due || skb->len >= goal)
		push_queued(sk, 0);
}

/* The end of a write: PSH, unless MSG_MORE announces more. */
static void push_end(struct sock *sk, int flags)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (skb && (!(flags & MSG_MORE) || push_due(xtcp_sk(sk))))
		mark_push(sk, skb);
	push_queued(sk, flags);
}

/*
 * The send buffer is full, so no data can complete a partial segment: send it
 * despite Nagle's rule and TCP_CORK. Otherwise sender and receiver could wait
 * for each other until a timer expires.
 */
static void push_full_buffer(struct sock *sk, int flags)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;
	u8 nagle_off = tcb->nagle_off, corked = tcb->corked;

	tcb->nagle_off = 1;
	tcb->corked = 0;
	push_queued(sk, flags);
	tcb->nagle_off = nagle_off;
	tcb->corked = corked;
}

/*
 * Send all queued data, then wait for room in the send buffer, at most *@timeo
 * jiffies. @copied: part of this message is queued, so that MSG_OOB in @flags
 * applies.
 * Return: 0 or the errno of sk_stream_wait_memory().
 */
static int wait_for_room(struct sock *sk, long *timeo, bool copied, int flags)
{
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	push_full_buffer(sk, copied ? flags & MSG_OOB : 0);
	xtcp_join_sent(sk);
	if (sk_stream_memory_free(sk))
		return 0;
	return sk_stream_wait_memory(sk, timeo);
}

/**
 * xtcp_control_messages() - check the control messages of sendmsg()
 * @sk: the socket, lock held
 * @msg: the message
 *
 * Return: 0; -EINVAL for any malformed one, as the kernel's TCP does;
 * -EOPNOTSUPP for an skb mark, a transmit time or a timestamp of this message
 * alone, or if SO_TIMESTAMPING asks for transmit timestamps.
 */
int xtcp_control_messages(struct sock *sk, struct msghdr *msg)
{
	struct sockcm_cookie own, asked;

	if (unlikely(xtcp_wants_tx_stamps(sk)))
		return -EOPNOTSUPP;
	if (likely(!msg->msg_controllen))
		return 0;
	memset(&own, 0, sizeof(own));
	own.mark = READ_ONCE(sk->sk_mark);
	memcpy(&asked, &own, sizeof(asked));
	if (sock_cmsg_send(sk, msg, &asked))
		return -EINVAL;
	return memcmp(&asked, &own, sizeof(asked)) ? -EOPNOTSUPP : 0;
}

static bool may_not_send(const struct sock *sk)
{
	return READ_ONCE(sk->sk_err) || (sk->sk_shutdown & SEND_SHUTDOWN);
}

/*
 * Queue all of @msg; wait for room, at most *@timeo jiffies.
 * Return: 0 or errno. In both cases *@copied is increased by the bytes queued.
 */
static int queue_message(struct sock *sk, struct msghdr *msg, long *timeo,
			 int *copied)
{
	struct sk_buff *skb;
	u32 goal;
	int n;

	/* The previous write does not end a segment: this one is joined. */
	skb = open_segment(sk, xtcp_size_goal(sk));
	if (skb)
		XTCP_CB(skb)->flags &= ~XTCP_PSH;
	while (msg_data_left(msg)) {
		if (may_not_send(sk))
			return -EPIPE;
		goal = xtcp_size_goal(sk);
		skb = open_segment(sk, goal);
		if (!skb && sk_stream_memory_free(sk))
			skb = new_segment(sk);
		n = skb ? append(sk, skb, msg, goal - skb->len) : -EAGAIN;
		if (!n && sk_stream_memory_free(sk)) {
			skb = new_segment(sk);
			n = skb ? append(sk, skb, msg, goal) : -EAGAIN;
		} else if (!n) {
			n = -EAGAIN;
		}
		if (n == -EAGAIN) {
			drop_empty_tail(sk);
			n = wait_for_room(sk, timeo, *copied, msg->msg_flags);
			if (n)
				return n;
			continue;
		}
		if (n < 0)
			return n;
		*copied += n;
		if (!msg_data_left(msg) && (msg->msg_flags & MSG_EOR))
			XTCP_CB(skb)->marks |= XTCP_MARK_EOR;
		push_early(sk, skb, msg, goal);
	}
	return 0;
}

/**
 * xtcp_syn_release() - send the SYN that Fast Open held, with data if allowed
 * @sk: the socket, lock held, in SYN-SENT; xs->fo.syn_held is set
 * @msg: the data
 *
 * The SYN carries at most as much data as fits into one segment with
 * XTCP_OPT_SPACE bytes of options (RFC 7413 4.2.2, client). If copying fails,
 * the SYN carries the data copied before; a later ordinary send returns the
 * error.
 *
 * Context: process.
 * Return: bytes taken of @msg.
 */
int xtcp_syn_release(struct sock *sk, struct msghdr *msg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb = NULL;
	int copied = 0, n;
	u32 room;

	xs->now = ktime_get_ns();
	xtcp_mss_sync(sk);
	room = xs->tcb.snd_mss + (xs->tcb.ts_ok ? XTCP_OPT_TS_LEN : 0);
	room = room > XTCP_OPT_SPACE ? room - XTCP_OPT_SPACE : 0;
	if (xs->fo.syn_data_ok && room && msg_data_left(msg))
		skb = new_segment(sk);
	while (skb && (u32)copied < room && msg_data_left(msg)) {
		n = append(sk, skb, msg, room - copied);
		if (n <= 0)
			break;
		copied += n;
	}
	drop_empty_tail(sk);
	xs->fo.syn_held = false;
	xtcp_syn_send(sk);
	return copied;
}

/**
 * xtcp_send_locked() - SEND (RFC 9293 3.10.2)
 * @sk: the socket, lock held
 * @msg: the data
 *
 * Context: process.
 * Return: bytes queued, or errno if none.
 */
int xtcp_send_locked(struct sock *sk, struct msghdr *msg)
{
	long timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	int copied = 0;
	int err = 0;

	if (!xtcp_state_in(sk, XTCPF_CAN_SEND) && !xtcp_is_fastopen_child(sk))
		err = sk_stream_wait_connect(sk, &timeo);
	if (!err)
		err = xtcp_control_messages(sk, msg);
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	if (!err && may_not_send(sk))
		err = -EPIPE;
	xtcp_note_app_limit(sk);
	if (!err)
		err = queue_message(sk, msg, &timeo, &copied);
	drop_empty_tail(sk);
	if (copied) {
		push_end(sk, msg->msg_flags);
		/*
		 * Join sent segments now to free memory: a caller that waits
		 * for EPOLLOUT never reaches wait_for_room().
		 */
		if (!sk_stream_memory_free(sk))
			xtcp_join_sent(sk);
	}
	if (copied || !err)
		return copied;
	err = sk_stream_error(sk, msg->msg_flags, err);
	/*
	 * Edge-triggered epoll: no ACK will come for an empty queue, so wake
	 * the writer now.
	 */
	if (err == -EAGAIN && xtcp_queue_empty(sk))
		sk->sk_write_space(sk);
	return err;
}

/**
 * xtcp_sendmsg() - SEND on a socket that is not locked (proto.sendmsg)
 * @sk: the socket
 * @msg: the data
 * @size: its length, bytes
 *
 * Context: process.
 * Return: bytes queued, or errno if none.
 */
int xtcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size)
{
	int ret;

	lock_sock(sk);
	ret = xtcp_send_locked(sk, msg);
	release_sock(sk);
	return ret;
}

/* Receiving */

static int recv_urgent(struct sock *sk, struct msghdr *msg, int len, int flags)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	char byte;
	int err = 0;

	/* In line, not announced, or already read: no urgent byte to return. */
	if (sock_flag(sk, SOCK_URGINLINE) || !xs->urg_data ||
	    xs->urg_data == XTCP_URG_READ)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (xs->urg_data & XTCP_URG_VALID) {
		byte = xs->urg_data;
		if (!(flags & MSG_PEEK))
			WRITE_ONCE(xs->urg_data, XTCP_URG_READ);
		msg->msg_flags |= MSG_OOB;
		if (len > 0) {
			if (!(flags & MSG_TRUNC))
				err = memcpy_to_msg(msg, &byte, 1);
			len = 1;
		} else {
			msg->msg_flags |= MSG_TRUNC;
		}
		return err ? -EFAULT : len;
	}
	if (sk->sk_state == TCP_CLOSE || (sk->sk_shutdown & RCV_SHUTDOWN))
		return 0;
	/* Announced, but not received; MSG_OOB never waits. */
	return -EAGAIN;
}

/*
 * The segment of the receive queue that has the byte @seq, at *@offset; NULL if
 * there is none.
 */
static struct sk_buff *find_data(struct sock *sk, u32 seq, u32 *offset)
{
	struct sk_buff *skb;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		*offset = seq - XTCP_CB(skb)->seq;
		if (*offset < skb->len)
			return skb;
	}
	return NULL;
}

static bool at_urgent(const struct xtcp_sock *xs, u32 seq)
{
	return unlikely(xs->urg_data) && xs->urg_seq == seq;
}

/*
 * The receive queue has no data to read. Return: 1 to return @copied, 0 to wait
 * for data, or errno.
 */
static int why_no_data(struct sock *sk, int copied, long timeo)
{
	if (copied) {
		if (READ_ONCE(sk->sk_err) || sk->sk_state == TCP_CLOSE ||
		    (sk->sk_shutdown & RCV_SHUTDOWN) || !timeo ||
		    signal_pending(current))
			return 1;
		return 0;
	}
	if (sock_flag(sk, SOCK_DONE))
		return 1;
	if (READ_ONCE(sk->sk_err))
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 1;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(timeo);
	return 0;
}

/* Return: 0, or -EPIPE if another task disconnected the socket meanwhile. */
static int wait_for_data(struct sock *sk, long *timeo)
{
	/* The backlog had segments: check the receive queue before sleeping. */
	if (sk_flush_backlog(sk))
		return 0;
	return min(sk_wait_data(sk, timeo,
				skb_peek_tail(&sk->sk_receive_queue)), 0);
}

/**
 * struct reading - progress of one recvmsg()
 * @msg: destination
 * @flags: MSG_*
 * @len: bytes still to read
 * @copied: bytes read
 * @seq: sequence number of the next byte to read; xs->copied_seq is set to it
 *	unless MSG_PEEK
 */
struct reading {
	struct msghdr *msg;
	int flags;
	size_t len;
	int copied;
	u32 seq;
};

/*
 * Read up to rd->len bytes of @skb from @offset, ending before the urgent byte.
 * If the urgent byte is first, it is skipped unless SO_OOBINLINE is set.
 * Return: 0 or -EFAULT.
 */
static int read_segment(struct sock *sk, struct reading *rd,
			struct sk_buff *skb, u32 offset)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 n = min_t(size_t, skb->len - offset, rd->len);
	u32 ahead = xs->urg_seq - rd->seq;

	if (unlikely(xs->urg_data) && ahead < n) {
		if (ahead) {
			n = ahead;
		} else if (!sock_flag(sk, SOCK_URGINLINE)) {
			rd->seq++;
			offset++;
			n--;
		}
	}
	if (n && !(rd->flags & MSG_TRUNC) &&
	    skb_copy_datagram_msg(skb, offset, rd->msg, n))
		return -EFAULT;
	rd->seq += n;
	rd->len -= n;
	rd->copied += n;
	if (rd->flags & MSG_PEEK)
		return 0;
	WRITE_ONCE(xs->copied_seq, rd->seq);
	if (unlikely(xs->urg_data) && seq_after(xs->copied_seq, xs->urg_seq))
		WRITE_ONCE(xs->urg_data, 0);
	if (offset + n >= skb->len)
		sk_eat_skb(sk, skb);
	return 0;
}

static int recv_locked(struct sock *sk, struct reading *rd)
{
	long timeo = sock_rcvtimeo(sk, rd->flags & MSG_DONTWAIT);
	int target = sock_rcvlowat(sk, rd->flags & MSG_WAITALL, rd->len);
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct sk_buff *skb;
	u32 offset;
	int err;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	if (rd->flags & MSG_OOB)
		return recv_urgent(sk, rd->msg, rd->len, rd->flags);

	rd->seq = xs->copied_seq;
	if (rd->flags & MSG_PEEK)
		rd->seq += max(sk_peek_offset(sk, rd->flags), 0);
	do {
		/* Stop at the urgent mark, so that SIOCATMARK can report it. */
		if (at_urgent(xs, rd->seq)) {
			if (rd->copied)
				break;
			if (signal_pending(current))
				return timeo ? sock_intr_errno(timeo) : -EAGAIN;
		}
		skb = find_data(sk, rd->seq, &offset);
		if (skb) {
			err = read_segment(sk, rd, skb, offset);
			if (err)
				return rd->copied ?: err;
			continue;
		}
		if (rd->copied >= target && !sk->sk_backlog.tail)
			break;
		err = why_no_data(sk, rd->copied, timeo);
		if (err > 0)
			break;
		if (err)
			return rd->copied ?: err;
		if (!(rd->flags & MSG_PEEK))
			xtcp_window_update(sk, rd->copied > 0);
		err = wait_for_data(sk, &timeo);
		if (err)
			return rd->copied ?: err;
		/* Another reader or a skipped urgent byte moved copied_seq. */
		if (seq_before(rd->seq, xs->copied_seq))
			rd->seq = xs->copied_seq;
	} while (rd->len);
	return rd->copied;
}

/*
 * Once per round trip: if the program read more than in the round trip before,
 * the buffer grows.
 */
static void buffer_read(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	u32 window;

	if (!xtcp_rcvbuf_read_due(&xs->rcvbuf, xs->now))
		return;
	window = xtcp_rcvbuf_read(&xs->rcvbuf, xs->copied_seq, xs->tcb.rcv_nxt,
				  xs->tcb.adv_mss, xs->now);
	if (unlikely(window))
		xtcp_buffer_grow(sk, window);
}

/*
 * Bytes that can be read at once, for TCP_INQ, as tcp_inq_hint() of the kernel: a
 * FIN counts as one, and stays one at the end of the stream, so that a program
 * reads once more.
 */
static int inq_hint(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	return (int)(xs->tcb.rcv_nxt - xs->copied_seq) ?:
	       sock_flag(sk, SOCK_DONE);
}

/**
 * xtcp_recvmsg() - RECEIVE (RFC 9293 3.10.3)
 * @sk: the socket
 * @msg: destination
 * @len: bytes to read
 * @flags: MSG_*
 *
 * Context: process; takes the socket lock, sleeps.
 * Return: bytes read, 0 at the end of the stream, or errno.
 */
int xtcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct reading rd = { .msg = msg, .flags = flags, .len = len };
	bool inq;
	int ret;

	if (unlikely(flags & MSG_ERRQUEUE))
		return inet_recv_error(sk, msg, len);
	lock_sock(sk);
	ret = recv_locked(sk, &rd);
	if (ret > 0 && !(flags & (MSG_PEEK | MSG_OOB))) {
		sk_peek_offset_bwd(sk, ret);
		buffer_read(sk);
		xtcp_window_update(sk, true);
	}
	if (ret > 0 && (flags & MSG_PEEK) && !(flags & MSG_OOB))
		sk_peek_offset_fwd(sk, ret);
	inq = ret >= 0 && xtcp_sk(sk)->recv_inq;
	if (inq || (ret >= 0 && msg->msg_get_inq))
		msg->msg_inq = inq_hint(sk);
	release_sock(sk);
	if (inq)
		put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(msg->msg_inq),
			 &msg->msg_inq);
	return ret;
}

/* The user has taken @n bytes, by a call that did not peek. */
static void after_splice(struct sock *sk, int n)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	if (unlikely(xs->urg_data) && seq_after(xs->copied_seq, xs->urg_seq))
		WRITE_ONCE(xs->urg_data, 0);
	sk_peek_offset_bwd(sk, n);
	buffer_read(sk);
	xtcp_window_update(sk, true);
}

/*
 * Move queued data into @pipe, at most @len bytes, and not beyond the urgent byte.
 * Return: bytes; 0 if there is none; or errno.
 */
static int splice_queued(struct sock *sk, struct pipe_inode_info *pipe,
			 size_t len, unsigned int flags)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	int copied = 0, used;
	struct sk_buff *skb;
	u32 offset, n;

	while (len) {
		skb = find_data(sk, xs->copied_seq, &offset);
		if (!skb)
			break;
		n = min_t(size_t, skb->len - offset, len);
		if (unlikely(xs->urg_data))
			n = min_t(u32, n, xs->urg_seq - xs->copied_seq);
		if (!n)
			break;
		used = skb_splice_bits(skb, sk, offset, pipe, n, flags);
		if (used <= 0)
			return copied ?: used;
		WRITE_ONCE(xs->copied_seq, xs->copied_seq + used);
		copied += used;
		len -= used;
		if (offset + used >= skb->len)
			sk_eat_skb(sk, skb);
		if ((u32)used < n)
			break;
	}
	return copied;
}

/**
 * xtcp_splice_read() - splice() from a socket (proto_ops.splice_read)
 * @sock: the socket
 * @ppos: must be 0
 * @pipe: destination, locked
 * @len: bytes
 * @flags: SPLICE_F_*
 *
 * The pages of the segments move to the pipe. It ends before the urgent byte, with
 * 0 if that is the next one: only a read can skip it. As tcp_splice_read() of the
 * kernel.
 *
 * Context: process; takes the socket lock, sleeps.
 * Return: bytes; 0 at the end of the stream, or at the urgent byte; or errno.
 */
ssize_t xtcp_splice_read(struct socket *sock, loff_t *ppos,
			 struct pipe_inode_info *pipe, size_t len,
			 unsigned int flags)
{
	struct sock *sk = sock->sk;
	long timeo = sock_rcvtimeo(sk, sock->file->f_flags & O_NONBLOCK);
	int n = 0, err = 0;

	if (unlikely(*ppos))
		return -ESPIPE;
	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN)
		err = -ENOTCONN;
	while (!err) {
		n = splice_queued(sk, pipe, len, flags);
		if (n)
			break;
		err = why_no_data(sk, 0, timeo);
		/* Data that was not moved: the next byte is urgent. */
		if (!err && !skb_queue_empty(&sk->sk_receive_queue))
			break;
		if (!err)
			err = wait_for_data(sk, &timeo);
	}
	if (n > 0)
		after_splice(sk, n);
	release_sock(sk);
	return n ?: min(err, 0);
}

/*
 * Bytes in order and not read (SIOCINQ), up to the urgent byte unless
 * SO_OOBINLINE is set.
 */
static int unread(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	u32 copied = READ_ONCE(xs->copied_seq);
	u32 end = READ_ONCE(xs->tcb.rcv_nxt) - READ_ONCE(xs->rcv_fin);

	if (xtcp_state_in(sk, TCPF_LISTEN | TCPF_SYN_SENT | TCPF_SYN_RECV) &&
	    !xtcp_is_fastopen_child(sk))
		return 0;
	if (sock_flag(sk, SOCK_URGINLINE) || !xs->urg_data ||
	    seq_before(xs->urg_seq, copied) || !seq_before(xs->urg_seq, end))
		return end - copied;
	return xs->urg_seq - copied;
}

/**
 * xtcp_peek_len() - amount of data that can be read (proto_ops.peek_len)
 * @sock: the socket
 *
 * Return: bytes, as SIOCINQ.
 */
int xtcp_peek_len(struct socket *sock)
{
	return unread(sock->sk);
}

/**
 * xtcp_set_rcvlowat() - SO_RCVLOWAT (proto_ops.set_rcvlowat)
 * @sk: the socket, lock held
 * @val: bytes; 0 is taken as 1, and the upper bound is half of the receive
 *	buffer or, unless SO_RCVBUF fixed that, half of rmem[2]
 *
 * Grows the receive buffer to hold @val bytes, unless SO_RCVBUF fixed it.
 *
 * Return: 0.
 */
int xtcp_set_rcvlowat(struct sock *sk, int val)
{
	int max = sk->sk_userlocks & SOCK_RCVBUF_LOCK ? sk->sk_rcvbuf >> 1 :
		  xtcp_sk_sysctl(sk, rmem[2]) >> 1;

	int space;

	WRITE_ONCE(sk->sk_rcvlowat, min(val, max) ?: 1);
	space = xtcp_rcvbuf_space(&xtcp_sk(sk)->rcvbuf, sk->sk_rcvlowat);
	if (!(sk->sk_userlocks & SOCK_RCVBUF_LOCK) && sk->sk_rcvbuf < space)
		WRITE_ONCE(sk->sk_rcvbuf, space);
	/* The data in the queue may satisfy a lower value: wake the reader. */
	xtcp_wake_reader(sk);
	return 0;
}

static bool readable(struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	int n = READ_ONCE(xs->tcb.rcv_nxt) - READ_ONCE(xs->rcv_fin) -
		READ_ONCE(xs->copied_seq);
	int target = sock_rcvlowat(sk, 0, INT_MAX);

	/* An ordinary read skips the urgent byte. */
	if (READ_ONCE(xs->urg_seq) == READ_ONCE(xs->copied_seq) &&
	    !sock_flag(sk, SOCK_URGINLINE) && xs->urg_data)
		n--;
	return n > 0 && xtcp_worth_reading(sk, n, target);
}

static __poll_t writable(struct sock *sk)
{
	if (__sk_stream_is_writeable(sk, 1))
		return EPOLLOUT | EPOLLWRNORM;
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	/*
	 * Pairs with smp_mb() in wake_writers(): memory may have been freed
	 * before the bit was set, so test again.
	 */
	smp_mb__after_atomic();
	if (__sk_stream_is_writeable(sk, 1))
		return EPOLLOUT | EPOLLWRNORM;
	return 0;
}

/**
 * xtcp_poll() - poll(), select(), epoll (proto_ops.poll)
 * @file: the file
 * @sock: its socket
 * @wait: the poll table to register with
 *
 * Runs without the socket lock: state and sk_shutdown are read once, after the
 * registration. Each later change of them wakes the waiters.
 *
 * Context: process.
 * Return: EPOLL* bits.
 */
__poll_t xtcp_poll(struct file *file, struct socket *sock,
		   struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	const struct xtcp_sock *xs = xtcp_sk(sk);
	__poll_t mask = 0;
	u8 shutdown;
	int state;

	sock_poll_wait(file, sock, wait);
	state = inet_sk_state_load(sk);
	shutdown = READ_ONCE(sk->sk_shutdown);
	if (state == TCP_LISTEN)
		return list_empty_careful(&xs->listener->accept) ?
		       0 : EPOLLIN | EPOLLRDNORM;

	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state != TCP_SYN_SENT &&
	    (state != TCP_SYN_RECV || READ_ONCE(xs->fo.passive))) {
		if (readable(sk))
			mask |= EPOLLIN | EPOLLRDNORM;
		if (shutdown & SEND_SHUTDOWN)
			mask |= EPOLLOUT | EPOLLWRNORM;
		else
			mask |= writable(sk);
		if (READ_ONCE(xs->urg_data) & XTCP_URG_VALID)
			mask |= EPOLLPRI;
	} else if (state == TCP_SYN_SENT && READ_ONCE(xs->fo.syn_held)) {
		/* TCP_FASTOPEN_CONNECT: the SYN waits for a write. */
		mask |= EPOLLOUT | EPOLLWRNORM;
	}
	/* Pairs with smp_wmb() in transition(). */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) || !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}

/**
 * xtcp_ioctl() - SIOCINQ, SIOCATMARK, SIOCOUTQ, SIOCOUTQNSD
 * @sk: the socket
 * @cmd: the request
 * @arg: user pointer to an int: bytes, or 0 and 1 for SIOCATMARK
 *
 * Context: process; SIOCINQ takes the socket lock.
 * Return: 0; -EINVAL for a listener, but not for SIOCATMARK; -EFAULT;
 * -ENOIOCTLCMD for any other @cmd.
 */
int xtcp_ioctl(struct sock *sk, unsigned int cmd, unsigned long arg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	bool opening = xtcp_state_in(sk, TCPF_SYN_SENT | TCPF_SYN_RECV) &&
		       !xtcp_is_fastopen_child(sk);
	int val;

	switch (cmd) {
	case SIOCINQ:
		if (sk->sk_state == TCP_LISTEN)
			return -EINVAL;
		lock_sock(sk);
		val = unread(sk);
		release_sock(sk);
		break;
	case SIOCATMARK:
		val = xs->urg_data &&
		      READ_ONCE(xs->urg_seq) == READ_ONCE(xs->copied_seq);
		break;
	case SIOCOUTQ:
		if (sk->sk_state == TCP_LISTEN)
			return -EINVAL;
		val = opening ? 0 : READ_ONCE(xs->tcb.write_seq) -
				    READ_ONCE(xs->tcb.snd_una);
		break;
	case SIOCOUTQNSD:
		if (sk->sk_state == TCP_LISTEN)
			return -EINVAL;
		val = opening ? 0 : READ_ONCE(xs->tcb.write_seq) -
				    READ_ONCE(xs->tcb.snd_nxt);
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return put_user(val, (int __user *)arg);
}
