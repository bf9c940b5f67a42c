/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, per network namespace and CPU, shown in /proc/net/xtcp_netstat.
 *
 * One list defines both the numbers and the names. A counter that the kernel's
 * TCP has as well has the same name.
 */
#ifndef XTCP_MIB_H
#define XTCP_MIB_H

#include <linux/percpu.h>

#include "net.h"
#include <linux/types.h>

/* Counters of the group Tcp in /proc/net/snmp. */
#define XTCP_MIB_BASIC(X)		\
	X(ActiveOpens)			\
	X(PassiveOpens)			\
	X(AttemptFails)			\
	X(EstabResets)			\
	X(CurrEstab)			\
	X(InSegs)			\
	X(OutSegs)			\
	X(RetransSegs)			\
	X(InErrs)			\
	X(OutRsts)			\
	X(InCsumErrors)

/* Counters of the group TcpExt in /proc/net/netstat, and those of XTCP only. */
#define XTCP_MIB_EXT(X)			\
	X(EmbryonicRsts)		\
	X(OutOfWindowIcmps)		\
	X(TW)				\
	X(TWReopened)			\
	X(TWOverflow)			\
	X(TWRstIgnored)			\
	X(PAWSEstab)			\
	X(PAWSTimewait)			\
	X(NoTimestamp)			\
	X(DelayedACKs)			\
	X(DelayedACKLocked)		\
	X(ListenOverflows)		\
	X(ListenDrops)			\
	X(ReqQFullDoCookies)		\
	X(ReqQFullDrop)			\
	X(SyncookiesSent)		\
	X(SyncookiesRecv)		\
	X(SyncookiesFailed)		\
	X(SynFinDrop)			\
	X(SynIgnored)			\
	X(PureAcks)			\
	X(DupAcksRcvd)			\
	X(RenoRecovery)			\
	X(SackRecovery)			\
	X(SACKReneging)			\
	X(SACKDiscard)			\
	X(FastRetrans)			\
	X(SlowStartRetrans)		\
	X(LostRetransmit)		\
	X(LossProbes)			\
	X(LossProbeRecovery)		\
	X(FullUndo)			\
	X(DSACKUndo)			\
	X(LossUndo)			\
	X(SpuriousRTOs)			\
	X(HostQueueLimited)		\
	X(SpuriousRtxHostQueues)	\
	X(Timeouts)			\
	X(DSACKOldSent)			\
	X(DSACKOfoSent)			\
	X(DSACKRecv)			\
	X(DeliveredCE)			\
	X(EcnReduced)			\
	X(EcnFallback)			\
	X(AbortOnData)			\
	X(AbortOnClose)			\
	X(AbortOnMemory)		\
	X(AbortOnTimeout)		\
	X(AbortOnLinger)		\
	X(AbortFailed)			\
	X(MemoryPressures)		\
	X(BacklogDrop)			\
	X(RcvQDrop)			\
	X(ZeroWindowDrop)		\
	X(DeferAcceptDrop)		\
	X(FastOpenActive)		\
	X(FastOpenActiveFail)		\
	X(FastOpenPassive)		\
	X(FastOpenPassiveFail)		\
	X(FastOpenListenOverflow)	\
	X(FastOpenCookieReqd)		\
	X(FastOpenBlackhole)		\
	X(FastOpenPassiveAltKey)	\
	X(OFOQueue)			\
	X(OFODrop)			\
	X(OFOMerge)			\
	X(OutOfWindow)			\
	X(NoAckBit)			\
	X(AckUnsent)			\
	X(AckTooOld)			\
	X(SYNChallenge)			\
	X(RSTChallenge)			\
	X(ChallengeACK)			\
	X(SkippedChallenge)		\
	X(SkippedOowAck)		\
	X(RstRcvdSynRcvd)		\
	X(WantZeroWindowAdv)		\
	X(KeepAlive)			\
	X(WinProbe)			\
	X(BadHeader)			\
	X(BadOption)			\
	X(ClosedPort)			\
	X(FilterDrop)			\
	X(MinTTLDrop)			\
	X(UrgentRcvd)			\
	X(MTUReduced)			\
	X(MTUDoubted)			\
	X(MTUPSuccess)			\
	X(MTUPFail)			\
	X(MTUBlackHole)			\
	X(UserTimeoutRcvd)		\
	X(WqueueTooBig)			\
	X(OrphanOverflow)		\
	X(PortHoldFailed)		\
	X(RouteFailed)			\
	X(StateNoRow)

#define X(name) XTCP_MIB_##name,
enum xtcp_mib_item {
	XTCP_MIB_BASIC(X)
	XTCP_MIB_EXT(X)
	XTCP_MIB_ITEMS
};

#undef X

/**
 * struct xtcp_mib - the counters of one CPU
 * @v: values, indexed by enum xtcp_mib_item
 */
struct xtcp_mib {
	unsigned long v[XTCP_MIB_ITEMS];
};

/* Count by struct xtcp_net; or by struct net, with a lookup of xtcp_net(). */
#define xtcp_net_count(xn, item)					\
	this_cpu_inc((xn)->mib->v[XTCP_MIB_##item])
#define xtcp_net_count_n(xn, item, n)					\
	this_cpu_add((xn)->mib->v[XTCP_MIB_##item], n)
#define xtcp_count(net, item)	xtcp_net_count(xtcp_net(net), item)
#define xtcp_count_n(net, item, n) xtcp_net_count_n(xtcp_net(net), item, n)

struct seq_file;
struct net;

unsigned long xtcp_mib_sum(struct net *net, enum xtcp_mib_item item);
int xtcp_mib_show(struct seq_file *m, void *v);

#endif /* XTCP_MIB_H */
