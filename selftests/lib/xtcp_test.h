/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the socket tests: sockets of either stack, addresses, network
 * namespaces, a link that can be cut, waiting, and variants of tests.
 *
 * Include it first; it includes the kernel's harness. A test program ends with
 * TEST_MAIN.
 */
#ifndef XTCP_TEST_H
#define XTCP_TEST_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <linux/xtcp.h>

/* only one file of a program may include the harness; others define this */
#ifndef XTCP_NO_HARNESS
#include "kselftest_harness.h"
#include "lib/one_family.h"
#endif

#ifndef SOL_TCP
#define SOL_TCP IPPROTO_TCP
#endif

/* states in TCP_INFO and /proc/net/tcp, which uapi headers do not define */
enum tcp_state {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_CLOSING,
};

enum stack {
	XTCP,
	TCP,
};

/* Endpoints ************************************************************/

struct address {
	socklen_t len;
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_storage room;
	};
};

struct address address_of(int family, const char *text, int port);
struct address loopback(int family, int port);
struct address any_address(int family, int port);
struct address name_of(int fd);
struct address peer_of(int fd);
int port_of(int fd);
int address_port(const struct address *address);
void set_port(struct address *address, int port);
/* compares family, address and port only */
bool same_address(const struct address *a, const struct address *b);

/* type may hold SOCK_NONBLOCK and SOCK_CLOEXEC */
int open_type(enum stack stack, int family, int type);
int open_socket(enum stack stack, int family);
int open_nonblock(enum stack stack, int family);
int set_nonblock(int fd, bool on);

int do_bind(int fd, const struct address *address);
int do_connect(int fd, const struct address *address);
/* the same by io_uring, whose memory may hold the address of an earlier call */
int ring_bind(int fd, const struct address *address);
int ring_connect(int fd, const struct address *address);
/* a new, bound socket; reuse: SO_REUSEADDR, SO_REUSEPORT or 0 */
int bound(enum stack stack, const struct address *address, int reuse);
/* binds with SO_REUSEADDR and listens; sets the port of *address */
int listen_on(enum stack stack, struct address *address, int backlog);
int connect_to(enum stack stack, const struct address *address);
/* connects to the listener's address, and accepts: 0 or -1 */
int make_pair(enum stack client_stack, int listener, int *client, int *server);

int set_int(int fd, int level, int name, int value);
/* -1 if there is no such option */
int get_int(int fd, int level, int name);
/* reads and so clears SO_ERROR */
int take_error(int fd);

/* Connections and processes ********************************************/

/* TCP_INFO's state */
int state_of(int fd);
/* the state of a connection in /proc/net/{x,}tcp{,6}, 0 if there is none */
int proc_state(enum stack stack, int family, int local_port, int remote_port);
/* revents of poll(), without waiting or within milliseconds */
int events(int fd, int mask);
int events_within(int fd, int mask, int milliseconds);
/* whether a child is blocked in a call */
bool is_sleeping(pid_t pid);
/* fork(); the child is killed when the test ends */
pid_t child(void);
/* waits for a child: its exit status, 128 + signal, or -1 */
int child_status(pid_t pid);

/* net.xtcp.LEAF; of the kernel's TCP net.ipv4.tcp_LEAF, or net.ipv4.ip_* */
int get_sysctl(enum stack stack, const char *leaf, char *text, size_t size);
int set_sysctl(enum stack stack, const char *leaf, const char *text);

/* Time *****************************************************************/

#define SECOND		1000LL
#define MINUTE		(60 * SECOND)
#define HOUR		(60 * MINUTE)
#define PATIENCE	(20 * SECOND)

/* CLOCK_MONOTONIC in milliseconds */
long long now(void);
void pause_ms(long long milliseconds);
bool virtual_time(void);
/* a limit for delays: in real time 3 s longer than in virtual time */
long long slack(long long milliseconds);

/*
 * Wait until a condition holds. It is checked at intervals of 1 ms plus 0.2 %
 * of the time waited, so that a long wait in virtual time needs few checks.
 */
#define HOLDS_WITHIN(milliseconds, condition) ({			\
	long long __start = now(), __passed = 0;			\
	bool __holds;							\
	while (!(__holds = (condition)) && __passed < (milliseconds)) {	\
		pause_ms(1 + __passed / 500);				\
		__passed = now() - __start;				\
	}								\
	__holds; })

#define WAIT_FOR(condition)						\
	ASSERT_TRUE(HOLDS_WITHIN(PATIENCE, condition))

#define EXPECT_ERRNO(error, call) do {					\
	errno = 0;							\
	EXPECT_EQ(-1, (long)(call));					\
	EXPECT_EQ(error, errno);					\
} while (0)

/* Runs code in a child; its exit status is usually the errno of socket(). */
#define IN_CHILD(...) ({						\
	pid_t __pid = child();						\
	if (!__pid) {							\
		__VA_ARGS__;						\
		_exit(99);						\
	}								\
	child_status(__pid); })

/* seen lies between low and high */
#define EXPECT_BETWEEN(low, seen, high) do {				\
	long long __value = (seen);					\
	EXPECT_LE(low, __value);					\
	EXPECT_GE(high, __value);					\
} while (0)

/* Network namespaces ***************************************************/

/* enters a new one, with the loopback interface up: 0 or -1 */
int new_netns(void);
int this_netns(void);
int enter_netns(int fd);
int add_address(const char *device, struct address address, int prefix);
int sh(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Two namespaces with a veth pair: near is 10.0.0.1 and fd00::1, far is
 * 10.0.0.2 and fd00::2. cable_plug() enters near.
 */
struct cable {
	int near;
	int far;
};

int cable_plug(struct cable *cable);
/* cut: packets that @side (-1: both) sends are lost; mend: they arrive again */
int cable_cut(struct cable *cable, int side);
int cable_mend(struct cable *cable, int side);
struct address near_address(int family, int port);
struct address far_address(int family, int port);

/* Variants *************************************************************/

/* A socket of one stack */
#define SOCKET_VARIANTS(fixture)					\
FIXTURE_VARIANT(fixture) {						\
	enum stack stack;						\
	int family;							\
};									\
FIXTURE_VARIANT_ADD(fixture, v4) { XTCP, AF_INET };			\
FIXTURE_VARIANT_ADD(fixture, v6) { XTCP, AF_INET6 };			\
FIXTURE_VARIANT_ADD(fixture, v4_reference) { TCP, AF_INET };		\
FIXTURE_VARIANT_ADD(fixture, v6_reference) { TCP, AF_INET6 }

/* A client and a server */
#define ENDS_VARIANTS(fixture)						\
FIXTURE_VARIANT(fixture) {						\
	enum stack client;						\
	enum stack server;						\
	int family;							\
};									\
FIXTURE_VARIANT_ADD(fixture, v4_xtcp_xtcp) { XTCP, XTCP, AF_INET };	\
FIXTURE_VARIANT_ADD(fixture, v6_xtcp_xtcp) { XTCP, XTCP, AF_INET6 };	\
FIXTURE_VARIANT_ADD(fixture, v4_xtcp_tcp) { XTCP, TCP, AF_INET };	\
FIXTURE_VARIANT_ADD(fixture, v6_xtcp_tcp) { XTCP, TCP, AF_INET6 };	\
FIXTURE_VARIANT_ADD(fixture, v4_tcp_xtcp) { TCP, XTCP, AF_INET };	\
FIXTURE_VARIANT_ADD(fixture, v6_tcp_xtcp) { TCP, XTCP, AF_INET6 };	\
FIXTURE_VARIANT_ADD(fixture, v4_reference) { TCP, TCP, AF_INET };	\
FIXTURE_VARIANT_ADD(fixture, v6_reference) { TCP, TCP, AF_INET6 }

/* Fixture: a namespace, and the address to use in it */
#define SOCKET_FIXTURE(fixture)						\
FIXTURE(fixture) {							\
	struct address address;						\
};									\
SOCKET_VARIANTS(fixture);						\
FIXTURE_SETUP(fixture)							\
{									\
	ASSERT_EQ(0, new_netns());					\
	self->address = loopback(variant->family, 0);			\
}									\
FIXTURE_TEARDOWN(fixture) { }

/* Fixture: a namespace and a listener of the server's stack */
#define LISTENER_FIXTURE(fixture)					\
FIXTURE(fixture) {							\
	struct address address;						\
	int listener;							\
};									\
ENDS_VARIANTS(fixture);							\
FIXTURE_SETUP(fixture)							\
{									\
	ASSERT_EQ(0, new_netns());					\
	self->address = loopback(variant->family, 0);			\
	self->listener = listen_on(variant->server, &self->address, 128); \
	ASSERT_LE(0, self->listener);					\
}									\
FIXTURE_TEARDOWN(fixture) { }

/* Fixture: a connection */
#define PAIR_FIXTURE(fixture)						\
FIXTURE(fixture) {							\
	struct address address;						\
	int listener;							\
	int client;							\
	int server;							\
};									\
ENDS_VARIANTS(fixture);							\
FIXTURE_SETUP(fixture)							\
{									\
	ASSERT_EQ(0, new_netns());					\
	self->address = loopback(variant->family, 0);			\
	self->listener = listen_on(variant->server, &self->address, 128); \
	ASSERT_LE(0, self->listener);					\
	ASSERT_EQ(0, make_pair(variant->client, self->listener,		\
			       &self->client, &self->server));		\
}									\
FIXTURE_TEARDOWN(fixture) { }

/* Fixture: two namespaces, a listener in far; tests run in near */
#define CABLE_FIELDS(fixture)						\
FIXTURE(fixture) {							\
	struct cable cable;						\
	struct address address;						\
	int listener;							\
}

#define CABLE_SETUP(fixture)						\
FIXTURE_SETUP(fixture)							\
{									\
	ASSERT_EQ(0, cable_plug(&self->cable));				\
	ASSERT_EQ(0, enter_netns(self->cable.far));			\
	self->address = far_address(variant->family, 0);		\
	self->listener = listen_on(variant->server, &self->address, 128); \
	ASSERT_LE(0, self->listener);					\
	ASSERT_EQ(0, enter_netns(self->cable.near));			\
}									\
FIXTURE_TEARDOWN(fixture) { }

#define CABLE_FIXTURE(fixture)						\
CABLE_FIELDS(fixture);							\
ENDS_VARIANTS(fixture);							\
CABLE_SETUP(fixture)

/*
 * Call test_harness_run() with the fixtures and variants that the environment
 * selects:
 * - XTCP_REFERENCE=1: only variants *reference, on the kernel's TCP; otherwise
 *   all others;
 * - XTCP_BOTH_ENDS=1: only variants with XTCP at both ends;
 * - XTCP_VIRTUAL_TIME=1: also fixtures *_virtual;
 * - XTCP_ONE_FAMILY=1: the variants v4* or v6* of each test, in turns.
 */
#define TEST_MAIN							\
static void drop_variants(struct __fixture_metadata *f, bool reference,	\
			  bool both_ends)				\
{									\
	struct __fixture_variant_metadata *v = f->variant, *kept = NULL; \
									\
	f->variant = NULL;						\
	for (; v; v = v->next) {					\
		if (!strstr(v->name, "reference") == reference)		\
			continue;					\
		if (both_ends && strstr(v->name, "_tcp"))		\
			continue;					\
		if (kept)						\
			kept->next = v;					\
		else							\
			f->variant = v;					\
		kept = v;						\
	}								\
	if (kept)							\
		kept->next = NULL;					\
	else								\
		f->tests = NULL;					\
}									\
									\
int main(int argc, char **argv)						\
{									\
	bool reference = is_asked("XTCP_REFERENCE");			\
	bool both_ends = is_asked("XTCP_BOTH_ENDS");			\
	struct __fixture_metadata *f;					\
	struct __test_metadata *t;					\
									\
	for (f = __fixture_list; f; f = f->next) {			\
		if (f->variant || reference)				\
			drop_variants(f, reference, both_ends);		\
		if (strstr(f->name, "_virtual") && !virtual_time())	\
			f->tests = NULL;				\
		for (t = f->tests; t; t = t->next)			\
			t->timeout = virtual_time() ? 7 * 24 * 3600 : 60; \
	}								\
	share_out_families();						\
	prepare();							\
	return test_harness_run(argc, argv);				\
}

/* whether an environment variable is 1 */
bool is_asked(const char *variable);
/* once per program: locks its pages in memory, ignores SIGPIPE */
void prepare(void);

#endif
