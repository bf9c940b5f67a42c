/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What XTCP keeps for each network namespace.
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

/**
 * enum xtcp_allow - who may open a socket in a network namespace
 * @XTCP_ALLOW_NOBODY: nobody; what is open goes on
 * @XTCP_ALLOW_ADMIN: who has CAP_NET_ADMIN in the initial user namespace
 * @XTCP_ALLOW_FREE: all but tasks with no_new_privs, which a sandbox may have
 *	forbidden to use the kernel's TCP (Documentation/security.rst)
 * @XTCP_ALLOW_ALL: everybody
 */
enum xtcp_allow {
	XTCP_ALLOW_NOBODY,
	XTCP_ALLOW_ADMIN,
	XTCP_ALLOW_FREE,
	XTCP_ALLOW_ALL,
};

/**
 * struct xtcp_sysctls - /proc/sys/net/xtcp, read with READ_ONCE()
 * @allow: who may open sockets, enum xtcp_allow
 * @syn_retries: retransmissions of a SYN
 * @synack_retries: retransmissions of a SYN-ACK
 * @retries1: retransmissions before the route is doubted (R1)
 * @retries2: when the connection ends (R2), as a number of retransmissions
 * @orphan_retries: @retries2 of sockets whose file is closed; 0 means 8
 * @fin_timeout: how long an orphan stays in FIN-WAIT-2
 * @keepalive_time: idle time before the first probe
 * @keepalive_intvl: time between probes
 * @keepalive_probes: unanswered probes before the connection ends
 * @max_syn_backlog: requests that a listener may hold
 * @max_tw_buckets: entries in TIME-WAIT and FIN-WAIT-2
 * @max_orphans: sockets without a file
 * @abort_on_overflow: 1: a full accept queue resets a completed handshake
 * @l3mdev_accept: 1: unbound sockets match packets of a VRF
 * @syncookies: 0: none, 1: if the request queue is full, 2: always
 * @reuse_tw: tw_reuse: 0: never, 1: always, 2: on loopback
 * @rfc1337: 1: a RST does not end TIME-WAIT
 * @timestamps: 1: use the option of RFC 7323
 * @sack: 1: use SACK
 * @dsack: 1: report duplicates (RFC 2883)
 * @window_scaling: 1: use window scaling
 * @ecn: 0 to 5, see xtcp_ecn_policy()
 * @ecn_fallback: 1: a SYN that is sent again does without ECN
 * @ecn_option: when the AccECN option is sent: 0: never, 1: news, 2: if it
 *	fits
 * @slow_start_after_idle: 1: idle connections begin with the initial window
 * @reordering: duplicate ACKs that show a loss
 * @challenge_ack_limit: challenge ACKs in a second, INT_MAX: no limit
 * @invalid_ratelimit: ms between answers to segments outside of the window
 * @min_snd_mss: least payload of a full segment, bytes
 * @stdurg: 1: the urgent pointer points at the urgent byte
 * @mtu_probing: 0: off, 1: once a black hole is suspected, 2: on
 * @base_mss: payload that a search begins with, bytes
 * @mtu_probe_floor: least payload that a black hole leads to, bytes
 * @probe_interval: time until a search that ended looks for more
 * @probe_threshold: a search ends if less is to be gained, bytes
 * @user_timeout_option: 1: take the user timeout that a peer asks for (RFC
 *	5482)
 * @user_timeout_min: least user timeout that a peer may ask for
 * @user_timeout_max: largest user timeout that a peer may ask for
 * @fastopen: who may open fast, the bits of net.ipv4.tcp_fastopen
 * @fastopen_blackhole_timeout_sec: first pause after a black hole; 0: none
 * @notsent_lowat: bytes not yet sent from which on a socket is not writable
 * @moderate_rcvbuf: 1: receive buffers grow by what is read in a round trip
 * @wmem: send buffer: least (not used), default, largest, bytes
 * @rmem: receive buffer: least (not used), default, largest, bytes
 * @ip_local_port_range: first and last port for connect() and bind() to port 0
 *
 * Each has the name, meaning and default of net.ipv4.tcp_* where the kernel
 * has one; Documentation/sysctl.rst tells of the others. Times are in seconds
 * unless the name says otherwise.
 */
struct xtcp_sysctls {
	int allow;			/* enum xtcp_allow */
	int syn_retries;
	int synack_retries;
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
	int rfc1337;
	int timestamps;
	int sack;
	int dsack;
	int window_scaling;
	int ecn;
	int ecn_fallback;
	int ecn_option;
	int slow_start_after_idle;
	int reordering;
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
	int wmem[3];
	int rmem[3];
	int ip_local_port_range[2];
};

/**
 * struct xtcp_tw_queue - the connections in TIME-WAIT
 * @lock: protects @tree
 * @tree: struct xtcp_timewait, in the order they end
 * @timer: fires for the first
 * @count: entries in the tables
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
 * @keys: what cookies are made with, RCU; NULL until a server needs one
 * @lock: protects @paths, @lru and @count
 * @paths: what a client knows of servers, by their address
 * @lru: the same, newest first
 * @count: the same, how many
 * @seed: of the hash
 * @blackholes: times in a row that a black hole was suspected
 * @blackhole_at: when the last was, ns of ktime_get()
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
 * struct xtcp_net - a network namespace
 * @net: the namespace
 * @sysctl: settings
 * @sysctl_header: registration of @sysctl
 * @mib: counters
 * @tw: TIME-WAIT, 2MSL each
 * @fw2: FIN-WAIT-2 without a user, fin_timeout each
 * @fastopen: keys, and what is known of servers
 * @listen_lock: held from when listen() finds a port free until the socket is
 *	in LISTEN; sleeps
 * @isn_key: secret of initial sequence numbers (RFC 6528)
 * @ts_key: secret of timestamp offsets (RFC 7323 7.1)
 * @cookie_key: secret of SYN cookies (RFC 4987 A)
 * @orphans: sockets without a file
 * @port_mutex: serializes bind() and the end of holds, which sleep
 * @dead_lock: protects @dead_holds
 * @dead_holds: struct xtcp_hold whose hidden socket is to be closed
 * @reap_work: closes them, if no system call does
 * @challenge_lock: protects the two fields below
 * @challenge_second: the second that @challenge_left counts for
 * @challenge_left: challenge ACKs that may still be sent in it
 * @quiet_until: no segment leaves before, ns of ktime_get() (RFC 9293 3.4.3)
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
