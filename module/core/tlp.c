// SPDX-License-Identifier: GPL-2.0
/*
 * TLP (RFC 8985 section 7): the last segment of a flight has no later one whose
 * SACK would show its loss. After about two round trips without an ACK one
 * segment is sent as a probe: its ACK shows the loss long before the
 * retransmission timer expires.
 */
#include "rtt.h"
#include "seq.h"
#include "tlp.h"

/**
 * xtcp_tlp_timeout() - time from the last transmission or ACK to the probe
 * @srtt: smoothed round-trip time, us; 0 if unknown
 * @single: one segment is in flight, whose ACK the peer may delay
 *
 * The probe is never later than the retransmission timeout: the caller limits
 * the result.
 *
 * Source: RFC 8985 7.2.
 *
 * Return: us.
 */
u32 xtcp_tlp_timeout(u32 srtt, bool single)
{
	if (!srtt)
		return XTCP_RTO_INIT;
	return 2 * srtt + (single ? XTCP_TLP_ACK_DELAY : XTCP_TLP_SLACK);
}

/**
 * xtcp_tlp_sent() - a probe was sent
 * @t: TLP of the connection
 * @nxt: SND.NXT after it
 * @flight: FlightSize before it, bytes
 * @is_retrans: it was a retransmission, not new data
 *
 * Source: RFC 8985 7.3.
 */
void xtcp_tlp_sent(struct xtcp_tlp *t, u32 nxt, u32 flight, bool is_retrans)
{
	t->active = true;
	t->is_retrans = is_retrans;
	t->end_seq = nxt;
	t->flight = flight;
}

/**
 * xtcp_tlp_repaired() - has the probe repaired a loss
 * @t: TLP of the connection
 * @a: an ACK that arrived since
 *
 * The peer acknowledges both the original and the probe if nothing was lost: by
 * a DSACK, or a second ACK with the same number. If an ACK of later data comes
 * instead, there was a loss that only the probe has repaired.
 *
 * Source: RFC 8985 7.4.2.
 *
 * Return: true if cwnd must be reduced as for a loss.
 */
bool xtcp_tlp_repaired(struct xtcp_tlp *t, const struct xtcp_tlp_ack *a)
{
	if (!t->active || seq_before(a->ack, t->end_seq))
		return false;
	if (!t->is_retrans || a->dsack) {
		t->active = false;
		return false;
	}
	if (seq_after(a->ack, t->end_seq)) {
		t->active = false;
		return true;
	}
	if (a->plain_dup)
		t->active = false;
	return false;
}
