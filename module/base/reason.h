/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a RST leaves.
 */
#ifndef XTCP_REASON_H
#define XTCP_REASON_H

/**
 * enum xtcp_reset_reason - why a RST was sent, for the tracepoint
 * @XTCP_RESET_CLOSED: no connection, no listener
 * @XTCP_RESET_LISTEN_ACK: an ACK to a listener
 * @XTCP_RESET_SYN_SENT: SYN-SENT, an ACK of what was not sent
 * @XTCP_RESET_SYN_RCVD: SYN-RECEIVED, an ACK of what was not sent
 * @XTCP_RESET_OVERFLOW: accept queue full, and abort_on_overflow
 * @XTCP_RESET_ABORT: the user aborted the connection
 * @XTCP_RESET_UNREAD: closed with data unread
 * @XTCP_RESET_DATA: data came after close
 * @XTCP_RESET_LINGER: FIN-WAIT-2 without a user, and no time for it
 * @XTCP_RESET_MEMORY: too many orphans
 * @XTCP_RESET_LISTENER: the listener closed before accept
 * @XTCP_RESET_KEEPALIVE: the peer did not answer
 * @XTCP_RESET_ECN: classic and accurate ECN were asked for in one handshake
 */
enum xtcp_reset_reason {
	XTCP_RESET_CLOSED,
	XTCP_RESET_LISTEN_ACK,
	XTCP_RESET_SYN_SENT,
	XTCP_RESET_SYN_RCVD,
	XTCP_RESET_OVERFLOW,
	XTCP_RESET_ABORT,
	XTCP_RESET_UNREAD,
	XTCP_RESET_DATA,
	XTCP_RESET_LINGER,
	XTCP_RESET_MEMORY,
	XTCP_RESET_LISTENER,
	XTCP_RESET_KEEPALIVE,
	XTCP_RESET_ECN,
};

#endif /* XTCP_REASON_H */
