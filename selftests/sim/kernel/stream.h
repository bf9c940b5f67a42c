/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What user/stream.c needs: messages, the page that data is copied to, and
 * waiting, which fails, because all calls have MSG_DONTWAIT.
 */
#ifndef XTCP_SIM_STREAM_H
#define XTCP_SIM_STREAM_H

#include "basics.h"
#include "sock.h"

/* <sys/socket.h> has the type that programs use. */
#define msghdr	kernel_msghdr

/**
 * struct iov_iter - the data of a call
 * @count: bytes left
 * @position: reading: where the next byte must be in the stream
 * @bad: reading: a byte was not the one that is at this position
 */
struct iov_iter {
	size_t count;
	u32 position;
	bool bad;
};

struct msghdr {
	struct iov_iter msg_iter;
	int msg_flags;
	size_t msg_controllen;
	int msg_inq;
	bool msg_get_inq;
};

struct sockcm_cookie {
	u32 mark;
};

struct file {
	unsigned int f_flags;
};

struct poll_table_struct;
struct pipe_inode_info;

#define MSG_NOSIGNAL_UNUSED
#define msg_data_left(msg)		((msg)->msg_iter.count)
#define xtcp_wants_tx_stamps(sk)	((void)(sk), false)
#define sock_cmsg_send(sk, msg, to)	((void)(to), -EINVAL)
#define inet_recv_error(sk, msg, len)	((void)(msg), (void)(len), -EAGAIN)
#define memcpy_to_msg(msg, from, n)	((void)(msg), (void)(from), 0)
#define put_user(v, p)			((void)(v), (void)(p), 0)
#define signal_pending(task)		false
#define sock_intr_errno(timeo)		((void)(timeo), -EINTR)
#define sock_error(sk)			(-(sk)->sk_err)
#define sock_sndtimeo(sk, noblock)	((void)(noblock), 0L)
#define sock_rcvtimeo(sk, noblock)	((void)(noblock), 0L)
#define sock_rcvlowat(sk, all, len)	((void)(all), (void)(len), 1)
#define sk_flush_backlog(sk)		((void)(sk), false)
#define sk_wait_data(sk, timeo, skb)	((void)(timeo), (void)(skb), 0)
#define sk_peek_offset(sk, flags)	((void)(flags), 0)
#define sk_peek_offset_bwd(sk, n)	((void)(sk))
#define sk_peek_offset_fwd(sk, n)	((void)(sk))
#define sk_clear_bit(nr, sk)		((void)(sk))
#define sk_set_bit(nr, sk)		((void)(sk))
#define sock_poll_wait(file, sock, p)	((void)(file), (void)(p))
#define sk_stream_wait_connect(sk, t)	((void)(t), -EPIPE)
#define sk_stream_wait_memory(sk, t)	((void)(t), -EAGAIN)
#define sk_stream_error(sk, flags, err)	((void)(flags), (err))
#define sk_page_frag(sk)		(&(sk)->sk_frag)

bool sk_page_frag_refill(struct sock *sk, struct page_frag *frag);
int skb_copy_to_page_nocache(struct sock *sk, struct iov_iter *from,
			     struct sk_buff *skb, struct page *page, u32 off,
			     int copy);
/* TCP_INQ and splice() are not simulated. */
#ifndef O_NONBLOCK
#define O_NONBLOCK	04000
#endif

static inline int put_cmsg(struct msghdr *msg, int level, int type, int len,
			   void *data)
{
	return 0;
}

static inline int skb_splice_bits(struct sk_buff *skb, struct sock *sk,
				  u32 offset, struct pipe_inode_info *pipe,
				  u32 n, unsigned int flags)
{
	return -EINVAL;
}

int skb_copy_datagram_msg(const struct sk_buff *skb, u32 offset,
			  struct msghdr *msg, u32 n);

static inline void sk_eat_skb(struct sock *sk, struct sk_buff *skb)
{
	__skb_unlink(skb, &sk->sk_receive_queue);
	kfree_skb(skb);
}

#endif /* XTCP_SIM_STREAM_H */
