/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls on the byte stream: send, receive, poll, ioctl.
 */
#ifndef XTCP_STREAM_H
#define XTCP_STREAM_H

#include "base/sock.h"

int xtcp_control_messages(struct sock *sk, struct msghdr *msg);
int xtcp_syn_release(struct sock *sk, struct msghdr *msg);
int xtcp_send_locked(struct sock *sk, struct msghdr *msg);
int xtcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);
int xtcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags);
__poll_t xtcp_poll(struct file *file, struct socket *sock,
		   struct poll_table_struct *wait);
int xtcp_ioctl(struct sock *sk, unsigned int cmd, unsigned long arg);
int xtcp_peek_len(struct socket *sock);
ssize_t xtcp_splice_read(struct socket *sock, loff_t *ppos,
			 struct pipe_inode_info *pipe, size_t len,
			 unsigned int flags);
int xtcp_set_rcvlowat(struct sock *sk, int val);

#endif /* XTCP_STREAM_H */
