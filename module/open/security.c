// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks of security modules (SELinux, Smack, AppArmor, BPF) for passive
 * opens. They take a struct request_sock; request_as_inet() builds one from a
 * struct xtcp_request.
 */
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/request_sock.h>

#include "ip/ip.h"
#include "security.h"

/* The hooks read only the family of it. */
static struct request_sock_ops v4_ops __ro_after_init = { .family = AF_INET };
static struct request_sock_ops v6_ops __ro_after_init = { .family = AF_INET6 };

static void request_as_inet(struct xtcp_request *rq,
			    struct inet_request_sock *ireq)
{
	memset(ireq, 0, sizeof(*ireq));
	ireq->req.__req_common = rq->c;
	ireq->req.rsk_listener = rq->listener;
	ireq->req.rsk_ops = rq->af == &xtcp_ipv4 ? &v4_ops : &v6_ops;
	ireq->ir_mark = rq->mark;
}

/*
 * NetLabel may attach IP options (CIPSO, CALIPSO) to a request, for the SYN-ACK
 * to carry. XTCP does not send them: free them. Return: true if there were any.
 */
static bool drop_options(struct xtcp_request *rq,
			 struct inet_request_sock *ireq)
{
	struct ip_options_rcu *v4;

	if (rq->af == &xtcp_ipv4) {
		v4 = rcu_dereference_protected(ireq->ireq_opt, true);
		if (v4)
			kfree_rcu(v4, rcu);
		return v4;
	}
	if (!ireq->ipv6_opt)
		return false;
	atomic_sub(ireq->ipv6_opt->tot_len, &rq->listener->sk_omem_alloc);
	kfree(ireq->ipv6_opt);
	return true;
}

/**
 * xtcp_security_admits() - ask the security modules about a new connection
 * @rq: the request, in no table yet; gets its secid
 * @skb: the SYN, or the ACK that brings a cookie back
 *
 * A module may refuse the connection. It is also refused if NetLabel requires
 * an IP option on it: XTCP could only send unlabelled packets.
 *
 * Context: softirq, RCU read side.
 * Return: true if the connection is admitted, false if it is refused.
 */
bool xtcp_security_admits(struct xtcp_request *rq, struct sk_buff *skb)
{
	struct flowi_common flow = {};
	struct inet_request_sock ireq;
	int err;

	if (!IS_ENABLED(CONFIG_SECURITY_NETWORK))
		return true;
	request_as_inet(rq, &ireq);
	err = security_inet_conn_request(rq->listener, skb, &ireq.req);
	if (drop_options(rq, &ireq) || err)
		return false;
	security_req_classify_flow(&ireq.req, &flow);
	rq->secid = flow.flowic_secid;
	return true;
}
