/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State of XTCP per network namespace.
 */
#ifndef XTCP_NET_H
#define XTCP_NET_H

#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

struct xtcp_cc_ops;

/**
 * enum xtcp_allow - permission to open sockets in a network namespace
 * @XTCP_ALLOW_NONE: no task; open sockets keep working
 * @XTCP_ALLOW_ADMIN: tasks with CAP_NET_ADMIN in the initial user namespace
 * @XTCP_ALLOW_NO_SANDBOX: all tasks except those with no_new_privs: a sandbox
 *	may have forbidden them the kernel's TCP (Documentation/security.rst)
 * @XTCP_ALLOW_ALL: all tasks
 */
enum xtcp_allow {
	XTCP_ALLOW_NONE,
	XTCP_ALLOW_ADMIN,
	XTCP_ALLOW_NO_SANDBOX,
	XTCP_ALLOW_ALL,
};

/**
 * struct xtcp_sysctls - /proc/sys/net/xtcp, read with READ_ONCE()
 * @allow: permission to open sockets, enum xtcp_allow
 * @syn_retries: retransmissions of a SYN
 * @syn_linear_timeouts: retransmissions of a SYN, besides @syn_retries, before
 *	its timeout doubles
 * @synack_retries: retransmissions of a SYN-ACK
 * @rto_min_us: minimum of the variance term of the RTO of new sockets, us
 * @rto_max_ms: maximum of the RTO of new sockets, ms
 * @retries1: retransmissions before IP is advised to check the route (R1)
 * @retries2: retransmissions that define the time R2, after which
 *	unacknowledged data ends the connection (xtcp_rtt_r2())
 * @orphan_retries: the same for orphans; 0 means 8
 * @fin_timeout: how long an orphan stays in FIN-WAIT-2
 * @keepalive_time: idle time before the first probe
 * @keepalive_intvl: time between probes
 * @keepalive_probes: unanswered probes before the connection ends
 * @max_syn_backlog: maximum of requests of a listener
 * @max_tw_buckets: maximum of entries in TIME-WAIT and FIN-WAIT-2, together
 * @max_orphans: maximum of orphans
 * @abort_on_overflow: 1: a full accept queue resets a completed handshake
 * @l3mdev_accept: 1: unbound sockets match packets of a VRF
 * @syncookies: 0: off, 1: if the request queue is full, 2: always
 * @reuse_tw: tw_reuse: connect() may reuse a tuple in TIME-WAIT: 0: never, 1:
 *	always, 2: on loopback
 * @tw_reuse_delay: least time in TIME-WAIT before that, ms
 * @rfc1337: 1: a RST does not end TIME-WAIT
 * @timestamps: 1: use timestamps (RFC 7323)
 * @sack: 1: use SACK
 * @dsack: 1: report duplicates (RFC 2883)
 * @window_scaling: 1: use window scaling
 * @ecn: 0 to 5, see xtcp_ecn_policy()
 * @ecn_fallback: 1: retransmit a SYN, or an AccECN SYN-ACK, without ECN
 * @ecn_option: enum xtcp_ecn_option
 * @ecn_generalized: 1: AccECN: control packets and retransmissions are ECT(0)
 * @slow_start_after_idle: 1: after an idle time, restart with the initial
 *	window
 * @reordering: duplicate ACKs that indicate a loss
 * @recovery: XTCP_RACK_* bits
 * @frto: F-RTO after a timeout
 * @early_retrans: 3 or 4: send tail loss probes
 * @pacing_ss_ratio: pacing rate in slow start, percent of cwnd / srtt
 * @pacing_ca_ratio: pacing rate otherwise, percent of cwnd / srtt
 * @min_tso_segs: segments that may leave as one large one, whatever the rate
 * @tso_rtt_log: large segments on short paths: 2^this us halve their size
 * @limit_output_bytes: memory of a socket that waits in queues below it
 * @challenge_ack_limit: challenge ACKs per second, INT_MAX: no limit
 * @invalid_ratelimit: least time between answers to out-of-window segments of a
 *	connection, ms
 * @min_snd_mss: least payload of a full segment, options included, bytes
 * @stdurg: 1: the urgent pointer points to the urgent byte, 0: to the byte
 *	after it
 * @mtu_probing: 0: off, 1: once a black hole is suspected, 2: on
 * @base_mss: payload with which a search for the path MTU begins, bytes
 * @mtu_probe_floor: least payload after a black hole, bytes
 * @probe_interval: time between two searches
 * @probe_threshold: a search ends if it could gain less than this, bytes
 * @user_timeout_option: 1: accept the peer's user timeout (RFC 5482)
 * @user_timeout_min: lower limit for the peer's user timeout
 * @user_timeout_max: upper limit for the peer's user timeout
 * @fastopen: use of Fast Open: the bits of net.ipv4.tcp_fastopen
 * @fastopen_blackhole_timeout_sec: first pause of Fast Open after a black hole;
 *	0: none
 * @notsent_lowat: with this number of unsent bytes a socket is not writable
 * @moderate_rcvbuf: 1: adapt receive buffers to the data read per round trip
 * @shrink_window: 1: the window follows the free receive buffer, also down
 * @wmem: send buffer: least (not used), default, largest, bytes
 * @rmem: receive buffer: least (not used), default, largest, bytes
 * @congestion_control: the algorithm of new sockets
 * @cc_allowed: allowed_congestion_control: set of algorithms, by
 *	xtcp_cc_index(); that of the initial namespace is in use everywhere
 * @ip_local_port_range: first and last port for connect() and bind() to port 0
 *
 * Each has the name, meaning and default of net.ipv4.tcp_* if the kernel has
 * one; Documentation/sysctl.rst describes the others. Times are in seconds
 * unless the name or description says otherwise.
 */
struct xtcp_sysctls {
	int allow;			/* enum xtcp_allow */
	int syn_retries;
	int syn_linear_timeouts;
	int synack_retries;
	int rto_min_us;			/* us */
	int rto_max_ms;			/* ms */
	int retries1;
	int retries2;
	int orphan_retries;
	int fin_timeout;
	int keepalive_time;
	int keepalive_intvl;
	int keepalive_probes;
	int max_syn_backlog;
	int max_tw_buckets;
	int max_orphans;
	int abort_on_overflow;
	int l3mdev_accept;
	int syncookies;
	int reuse_tw;
	int tw_reuse_delay;		/* ms */
	int rfc1337;
	int timestamps;
	int sack;
	int dsack;
	int window_scaling;
	int ecn;
	int ecn_fallback;
	int ecn_option;
	int ecn_generalized;
	int slow_start_after_idle;
	int reordering;
	int recovery;
	int early_retrans;
	int frto;
	int pacing_ss_ratio;
	int pacing_ca_ratio;
	int min_tso_segs;
	int tso_rtt_log;
	int limit_output_bytes;
	int challenge_ack_limit;
	int invalid_ratelimit;		/* ms */
	int min_snd_mss;
	int stdurg;
	int mtu_probing;
	int base_mss;
	int mtu_probe_floor;
	int probe_interval;
	int probe_threshold;
	int user_timeout_option;
	int user_timeout_min;
	int user_timeout_max;
	int fastopen;
	int fastopen_blackhole_timeout_sec;
	unsigned int notsent_lowat;
	int moderate_rcvbuf;
	int shrink_window;
	int wmem[3];
	int rmem[3];
	const struct xtcp_cc_ops *congestion_control;
	unsigned long cc_allowed;
	int ip_local_port_range[2];
};

/**
 * struct xtcp_tw_queue - entries in TIME-WAIT (or FIN-WAIT-2), by end
 * @lock: protects @tree, and the fields ends, substate and rcv_nxt of its
 *	entries
 * @tree: struct xtcp_timewait, ordered by the time of their end
 * @timer: fires at the end of the first entry
 * @count: TIME-WAIT and FIN-WAIT-2 entries in the connection table; only the
 *	one of xtcp_net.tw is used, for both queues
 */
struct xtcp_tw_queue {
	spinlock_t lock;
	struct rb_root_cached tree;
	struct hrtimer timer;
	atomic_t count;
};

#define XTCP_FO_BUCKETS	64

struct xtcp_fastopen_keys;
struct xtcp_mib;

/**
 * struct xtcp_fastopen_net - Fast Open in a network namespace (fastopen.c)
 * @keys: keys of the cookies, RCU; NULL until a server needs one
 * @lock: protects @paths, @lru and @count
 * @paths: client: cached data about servers, hashed by their address
 * @lru: the entries of @paths, newest first
 * @count: number of entries in @paths
 * @seed: seed of the hash
 * @blackholes: consecutive suspected black holes
 * @blackhole_at: time of the last of them, ns of ktime_get()
 */
struct xtcp_fastopen_net {
	struct xtcp_fastopen_keys __rcu *keys;
	spinlock_t lock;
	struct hlist_head paths[XTCP_FO_BUCKETS];
	struct list_head lru;
	u32 count;
	u32 seed;
	u32 blackholes;
	u64 blackhole_at;
};

/**
 * struct xtcp_net - state of a network namespace
 * @net: the namespace
 * @sysctl: settings; no lock
 * @sysctl_header: registration of @sysctl
 * @mib: counters
 * @tw: entries in TIME-WAIT, for 2MSL
 * @fw2: orphans in FIN-WAIT-2, for fin_timeout
 * @fastopen: Fast Open: keys, and cached data about servers
 * @listen_lock: mutex of listen(): from the check that the port is free until
 *	the socket is in LISTEN
 * @isn_key: secret of initial sequence numbers (RFC 6528)
 * @ts_key: secret of timestamp offsets (RFC 7323 7.1)
 * @cookie_key: secret of SYN cookies (RFC 4987 A)
 * @orphans: number of orphans
 * @port_mutex: serializes bind() and the release of holds, which sleep
 * @dead_lock: protects @dead_holds
 * @dead_holds: retired struct xtcp_hold, whose hidden socket must be closed
 * @reap_work: closes these sockets, unless a system call has done so before
 * @challenge_lock: protects the two fields below
 * @challenge_second: the second for which @challenge_left counts
 * @challenge_left: challenge ACKs still allowed in this second
 * @quiet_until: no segment is sent before, ns of ktime_get() (RFC 9293 3.4.3)
 */
struct xtcp_net {
	struct net *net;
	struct xtcp_sysctls sysctl;
	struct ctl_table_header *sysctl_header;
	struct xtcp_mib __percpu *mib;
	struct xtcp_tw_queue tw;
	struct xtcp_tw_queue fw2;
	struct xtcp_fastopen_net fastopen;
	struct mutex listen_lock;
	siphash_key_t isn_key;
	siphash_key_t ts_key;
	siphash_key_t cookie_key;
	atomic_t orphans;
	struct mutex port_mutex;
	spinlock_t dead_lock;
	struct list_head dead_holds;
	struct work_struct reap_work;
	spinlock_t challenge_lock;
	u32 challenge_second;
	u32 challenge_left;
	u64 quiet_until;
};

extern unsigned int xtcp_net_id;

static inline struct xtcp_net *xtcp_net(const struct net *net)
{
	return net_generic(net, xtcp_net_id);
}

#define xtcp_sysctl(net, name) READ_ONCE(xtcp_net(net)->sysctl.name)

#endif /* XTCP_NET_H */
