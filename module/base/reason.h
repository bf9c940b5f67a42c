/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reasons for a RST.
 */
#ifndef XTCP_REASON_H
#define XTCP_REASON_H

/**
 * enum xtcp_reset_reason - reason for a RST, for the tracepoint
 * @XTCP_RESET_CLOSED: no connection and no listener
 * @XTCP_RESET_LISTEN_ACK: an ACK to a listener
 * @XTCP_RESET_SYN_SENT: SYN-SENT: SEG.ACK is unacceptable
 * @XTCP_RESET_SYN_RCVD: SYN-RECEIVED: SEG.ACK is unacceptable
 * @XTCP_RESET_OVERFLOW: the accept queue is full, and abort_on_overflow is 1
 * @XTCP_RESET_ABORT: the user aborted the connection: SO_LINGER 0, or
 *	connect(AF_UNSPEC)
 * @XTCP_RESET_UNREAD: closed with unread data
 * @XTCP_RESET_DATA: data arrived after both directions were shut down
 * @XTCP_RESET_LINGER: an orphan in FIN-WAIT-2 whose timeout is zero
 *	(TCP_LINGER2)
 * @XTCP_RESET_MEMORY: too many orphans
 * @XTCP_RESET_LISTENER: the listener ended before accept()
 * @XTCP_RESET_KEEPALIVE: the peer did not answer keepalive probes
 * @XTCP_RESET_ECN: classic and accurate ECN requested in one handshake
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
