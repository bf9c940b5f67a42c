// SPDX-License-Identifier: GPL-2.0
/* listen(): passive open, the queues, close */
#include "lib/xtcp_test.h"

#include <linux/filter.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/sysinfo.h>

SOCKET_FIXTURE(listen)

/* listen() without bind() chooses a port */
TEST_F(listen, unbound_gets_a_port)
{
	int fd = open_socket(variant->stack, variant->family);
	struct address any = any_address(variant->family, 0), name;

	ASSERT_EQ(0, listen(fd, 1));
	name = name_of(fd);
	EXPECT_LT(0, address_port(&name));
	set_port(&any, address_port(&name));
	EXPECT_TRUE(same_address(&any, &name));
	set_port(&self->address, address_port(&name));
	EXPECT_LE(0, connect_to(variant->stack, &self->address));
}

TEST_F(listen, acceptconn)
{
	int fd = listen_on(variant->stack, &self->address, 1);

	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_EQ(TCP_LISTEN, state_of(fd));
	EXPECT_EQ(0, events(fd, POLLIN | POLLOUT | POLLRDHUP));
}

TEST_F(listen, again)
{
	int fd = listen_on(variant->stack, &self->address, 1);

	EXPECT_EQ(0, listen(fd, 100));
	EXPECT_EQ(0, listen(fd, 0));
	EXPECT_EQ(0, listen(fd, -1));
	EXPECT_EQ(0, listen(fd, INT32_MAX));
}

TEST_F(listen, second_on_port)
{
	int first = open_socket(variant->stack, variant->family);
	int second = open_socket(variant->stack, variant->family);

	set_int(first, SOL_SOCKET, SO_REUSEADDR, 1);
	set_int(second, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(0, do_bind(first, &self->address));
	self->address = name_of(first);
	ASSERT_EQ(0, do_bind(second, &self->address));
	ASSERT_EQ(0, listen(first, 1));
	EXPECT_ERRNO(EADDRINUSE, listen(second, 1));
	ASSERT_EQ(0, close(first));
	EXPECT_EQ(0, listen(second, 1));
}

static atomic_int turn, done;
static int racer, racer_ret;

static void *listens_in_turn(void *rounds)
{
	for (int i = 1; i <= (long)rounds; i++) {
		while (atomic_load(&turn) != i)
			;
		racer_ret = listen(racer, 1);
		atomic_store(&done, i);
	}
	return NULL;
}

/* of two concurrent listen() calls at most one succeeds */
TEST_F(listen, second_on_port_at_once)
{
	long rounds = 300;
	pthread_t other;

	if (get_nprocs() < 2)
		SKIP(return, "needs two CPUs");
	set_port(&self->address, 12345);
	atomic_store(&turn, 0);
	ASSERT_EQ(0, pthread_create(&other, NULL, listens_in_turn, (void *)rounds));
	for (int i = 1; i <= rounds; i++) {
		int fd = bound(variant->stack, &self->address, SO_REUSEADDR), ret;

		racer = bound(variant->stack, &self->address, SO_REUSEADDR);
		ASSERT_LE(0, fd);
		ASSERT_LE(0, racer);
		atomic_store(&turn, i);
		ret = listen(fd, 1);
		while (atomic_load(&done) != i)
			;
		ASSERT_FALSE(!ret && !racer_ret) TH_LOG("round %d", i);
		close(fd);
		close(racer);
	}
	ASSERT_EQ(0, pthread_join(other, NULL));
}

TEST_F(listen, shutdown_ends_it)
{
	int fd, port = 12345;

	set_port(&self->address, port);
	fd = listen_on(variant->stack, &self->address, 1);
	/* SHUT_WR has no effect on a listener */
	EXPECT_EQ(0, shutdown(fd, SHUT_WR));
	EXPECT_EQ(TCP_LISTEN, state_of(fd));
	EXPECT_EQ(0, shutdown(fd, SHUT_RD));
	EXPECT_EQ(TCP_CLOSE, state_of(fd));
	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(variant->stack, &self->address));
	/* the port is kept, and listen() works again */
	EXPECT_EQ(port, port_of(fd));
	EXPECT_EQ(0, listen(fd, 1));
	EXPECT_LE(0, connect_to(variant->stack, &self->address));
}

TEST_F(listen, shutdown_wakes_accept)
{
	int fd = listen_on(variant->stack, &self->address, 1);
	pid_t pid = child();

	if (!pid)
		_exit(accept(fd, NULL, NULL) < 0 ? errno : 0);
	WAIT_FOR(is_sleeping(pid));
	ASSERT_EQ(0, shutdown(fd, SHUT_RDWR));
	EXPECT_EQ(EINVAL, child_status(pid));
}

/* RFC 9293 3.10.1: connect() on a listener wakes accept(), which fails. */
TEST_F(listen, connect_wakes_accept)
{
	int v6 = variant->family == AF_INET6, fd;
	struct address far = address_of(variant->family, v6 ? "fd09::2" : "10.9.9.2", 9);
	long long start;
	pid_t waits, connects;

	if (variant->stack == TCP)
		SKIP(return, "the kernel's TCP refuses connect() on a listener");
	ASSERT_EQ(0, sh("ip link add silent type dummy && ip link set silent up"));
	ASSERT_EQ(0, sh("ip addr add %s dev silent", v6 ? "fd09::1/64 nodad" : "10.9.9.1/24"));
	self->address = any_address(variant->family, 0);
	fd = listen_on(variant->stack, &self->address, 1);
	ASSERT_LE(0, fd);
	waits = child();
	if (!waits)
		_exit(accept(fd, NULL, NULL) < 0 ? errno : 0);
	WAIT_FOR(is_sleeping(waits));
	start = now();
	connects = child();
	if (!connects)
		_exit(do_connect(fd, &far) < 0 ? errno : 0);
	EXPECT_EQ(EINVAL, child_status(waits));
	EXPECT_GT(slack(2 * SECOND), now() - start);
}

/* A failed shutdown() before listen() has no effect on accepted connections. */
TEST_F(listen, failed_shutdown_before)
{
	int fd = bound(variant->stack, &self->address, 0), c, s;
	char byte;

	if (variant->stack == TCP)
		SKIP(return, "accepted sockets of the kernel's TCP inherit it");
	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_RDWR));
	ASSERT_EQ(0, listen(fd, 1));
	ASSERT_EQ(0, make_pair(variant->stack, fd, &c, &s));
	ASSERT_EQ(1, write(c, "x", 1));
	EXPECT_EQ(1, read(s, &byte, 1));
	EXPECT_EQ(1, write(s, "x", 1));
	EXPECT_EQ(1, read(c, &byte, 1));
}

/* ::ffff:0.0.0.0 is the wildcard for IPv4 only. */
TEST_F(listen, mapped_wildcard)
{
	struct address any = address_of(AF_INET6, "::ffff:0.0.0.0", 0), to;
	int fd, c, s;

	if (variant->family == AF_INET)
		SKIP(return, "IPv6 sockets only");
	fd = listen_on(variant->stack, &any, 1);
	ASSERT_LE(0, fd);
	to = loopback(AF_INET, address_port(&any));
	c = connect_to(variant->stack, &to);
	ASSERT_LE(0, c);
	s = accept(fd, NULL, NULL);
	EXPECT_LE(0, s);
	to = loopback(AF_INET6, address_port(&any));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(variant->stack, &to));
}

static int listen_at(enum stack stack, const struct address *a, const char *device)
{
	int fd = open_nonblock(stack, a->sa.sa_family);

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device)) ||
	    do_bind(fd, a) || listen(fd, 8))
		return -1;
	return fd;
}

/* A listener that was unbound from its device ranks below a bound one. */
TEST_F(listen, device_changed_later)
{
	struct address any = any_address(variant->family, 12345);
	int here, other;

	ASSERT_EQ(0, sh("ip link add other type dummy && ip link set other up"));
	set_port(&self->address, 12345);
	here = listen_at(variant->stack, &any, "lo");
	ASSERT_LE(0, here);
	other = listen_at(variant->stack, &any, "other");
	ASSERT_LE(0, other);
	ASSERT_EQ(0, setsockopt(other, SOL_SOCKET, SO_BINDTODEVICE, "", 0));
	ASSERT_LE(0, connect_to(variant->stack, &self->address));
	EXPECT_LE(0, accept(here, NULL, NULL));
	EXPECT_ERRNO(EAGAIN, accept(other, NULL, NULL));
}

LISTENER_FIXTURE(listener)

/* the accept queue holds backlog + 1; the next connection waits for room */
TEST_F(listener, backlog)
{
	int c[3], s;

	ASSERT_EQ(0, listen(self->listener, 1));
	for (int i = 0; i < 2; i++) {
		c[i] = connect_to(variant->client, &self->address);
		ASSERT_LE(0, c[i]);
	}
	c[2] = open_nonblock(variant->client, variant->family);
	EXPECT_ERRNO(EINPROGRESS, do_connect(c[2], &self->address));
	EXPECT_EQ(0, events_within(c[2], POLLOUT, 500));
	EXPECT_EQ(TCP_SYN_SENT, state_of(c[2]));
	s = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, s);
	EXPECT_EQ(POLLOUT, events_within(c[2], POLLOUT, PATIENCE));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(c[2]));
}

TEST_F(listener, backlog_in_tcp_info)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	ASSERT_EQ(0, listen(self->listener, 17));
	for (int i = 0; i < 3; i++) {
		ASSERT_LE(0, connect_to(variant->client, &self->address));
	}
	ASSERT_EQ(0, getsockopt(self->listener, SOL_TCP, TCP_INFO, &info, &len));
	EXPECT_EQ(3, info.tcpi_unacked);
	EXPECT_EQ(17, info.tcpi_sacked);
}

/* net.core.somaxconn limits the backlog */
TEST_F(listener, somaxconn)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	ASSERT_EQ(0, sh("echo 5 > /proc/sys/net/core/somaxconn"));
	ASSERT_EQ(0, listen(self->listener, 1000));
	ASSERT_EQ(0, getsockopt(self->listener, SOL_TCP, TCP_INFO, &info, &len));
	EXPECT_EQ(5, info.tcpi_sacked);
}

/* UC-8: close() resets connections that were not accepted */
TEST_F(listener, close_resets_waiting)
{
	int c[5];
	char byte;

	for (int i = 0; i < 5; i++)
		c[i] = connect_to(variant->client, &self->address);
	ASSERT_EQ(0, close(self->listener));
	for (int i = 0; i < 5; i++) {
		EXPECT_ERRNO(ECONNRESET, read(c[i], &byte, 1));
	}
	EXPECT_ERRNO(ECONNREFUSED, connect_to(variant->client, &self->address));
}

TEST_F(listener, shutdown_resets_waiting)
{
	int c = connect_to(variant->client, &self->address);
	char byte;

	ASSERT_EQ(0, shutdown(self->listener, SHUT_RDWR));
	EXPECT_ERRNO(ECONNRESET, read(c, &byte, 1));
}

/* Accepted connections survive the listener */
TEST_F(listener, close_leaves_accepted)
{
	char byte;
	int c, s;

	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	ASSERT_EQ(0, close(self->listener));
	EXPECT_EQ(1, write(c, "x", 1));
	EXPECT_EQ(1, read(s, &byte, 1));
	EXPECT_EQ(1, write(s, "x", 1));
	EXPECT_EQ(1, read(c, &byte, 1));
}

/* MUST-41: a new passive open on the port of existing connections */
TEST_F(listener, again_beside_connections)
{
	int c, s, x, y;
	char byte;

	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	ASSERT_EQ(0, close(self->listener));
	self->listener = listen_on(variant->server, &self->address, 1);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, make_pair(variant->client, self->listener, &x, &y));
	EXPECT_EQ(1, write(c, "x", 1));
	EXPECT_EQ(1, read(s, &byte, 1));
	EXPECT_EQ(1, write(x, "y", 1));
	EXPECT_EQ(1, read(y, &byte, 1));
	EXPECT_EQ('y', byte);
}

/* without SO_REUSEADDR the port of existing connections cannot be bound */
TEST_F(listener, port_held_by_connections)
{
	struct address a = self->address;
	int c, s, fd;

	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	ASSERT_EQ(0, close(self->listener));
	fd = open_socket(variant->server, variant->family);
	EXPECT_ERRNO(EADDRINUSE, do_bind(fd, &a));
}

/* A listener on a specific address is preferred to the wildcard */
TEST_F(listener, most_specific_wins)
{
	struct address any = any_address(variant->family, 0);
	int wild = open_socket(variant->server, variant->family);
	int own = open_socket(variant->server, variant->family);

	set_int(wild, SOL_SOCKET, SO_REUSEPORT, 1);
	set_int(own, SOL_SOCKET, SO_REUSEPORT, 1);
	ASSERT_EQ(0, do_bind(own, &any));
	set_port(&self->address, port_of(own));
	ASSERT_EQ(0, close(own));
	own = open_socket(variant->server, variant->family);
	set_int(own, SOL_SOCKET, SO_REUSEPORT, 1);
	set_port(&any, address_port(&self->address));
	ASSERT_EQ(0, do_bind(wild, &any));
	ASSERT_EQ(0, do_bind(own, &self->address)) {
		TH_LOG("%s", strerror(errno));
	}
	ASSERT_EQ(0, listen(own, 10));
	ASSERT_EQ(0, listen(wild, 10));
	ASSERT_EQ(0, add_address("lo", near_address(variant->family, 0),
				 variant->family == AF_INET6 ? 128 : 32));
	for (int i = 0; i < 5; i++) {
		ASSERT_LE(0, connect_to(variant->client, &self->address));
	}
	EXPECT_EQ(POLLIN, events_within(own, POLLIN, PATIENCE));
	EXPECT_EQ(0, events(wild, POLLIN));
	any = near_address(variant->family, address_port(&self->address));
	ASSERT_LE(0, connect_to(variant->client, &any)) {
		TH_LOG("%s", strerror(errno));
	}
	EXPECT_EQ(POLLIN, events_within(wild, POLLIN, PATIENCE));
}

TEST_F(listener, reuseport_spreads)
{
	struct address a = loopback(variant->family, 0);
	int l[4], got[4] = {}, c;

	for (int i = 0; i < 4; i++) {
		l[i] = open_nonblock(variant->server, variant->family);
		set_int(l[i], SOL_SOCKET, SO_REUSEPORT, 1);
		ASSERT_EQ(0, do_bind(l[i], &a));
		ASSERT_EQ(0, listen(l[i], 128));
		a = name_of(l[i]);
	}
	for (int i = 0; i < 128; i++) {
		c = connect_to(variant->client, &a);
		ASSERT_LE(0, c);
		WAIT_FOR(({
			bool found = false;

			for (int j = 0; j < 4 && !found; j++) {
				found = accept(l[j], NULL, NULL) >= 0;
				got[j] += found;
			}
			found; }));
	}
	/* if the choice is uniform, this fails in one of 10^15 runs */
	for (int i = 0; i < 4; i++) {
		EXPECT_LT(0, got[i]);
	}
}

/* the program sees the payload after the TCP header, as in the kernel's TCP */
TEST_F(listener, reuseport_program)
{
	struct sock_filter first_byte[] = {
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 },
		{ BPF_RET | BPF_A, 0, 0, 0 },
	};
	struct sock_fprog program = { 2, first_byte };
	struct address a = loopback(variant->family, 0);
	int l[4], c, s;

	/*
	 * 5: the client sends data in the SYN without a cookie. The server
	 * ignores it, so the client sends it again after the handshake.
	 */
	ASSERT_EQ(0, sh("for file in /proc/sys/net/*/*fastopen; do echo 5 >$file; done"));
	for (int i = 0; i < 4; i++) {
		l[i] = open_nonblock(variant->server, variant->family);
		set_int(l[i], SOL_SOCKET, SO_REUSEPORT, 1);
		ASSERT_EQ(0, do_bind(l[i], &a));
		ASSERT_EQ(0, listen(l[i], 128));
		a = name_of(l[i]);
	}
	ASSERT_EQ(0, setsockopt(l[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
				sizeof(program)));
	for (char i = 3; i >= 0; i--) {
		c = open_socket(variant->client, variant->family);
		ASSERT_EQ(1, sendto(c, &i, 1, MSG_FASTOPEN, &a.sa, a.len));
		EXPECT_EQ(POLLIN, events_within(l[(int)i], POLLIN, PATIENCE));
		s = accept(l[(int)i], NULL, NULL);
		EXPECT_LE(0, s);
		close(s);
		close(c);
	}
	/* without data the program fails, and the first listener is chosen */
	ASSERT_LE(0, connect_to(variant->client, &a));
	EXPECT_EQ(POLLIN, events_within(l[0], POLLIN, PATIENCE));
}

CABLE_FIXTURE(request)

/* The SYN-ACK is lost: SYN_RCVD, without a socket */
TEST_F(request, waits_in_syn_rcvd)
{
	int c = open_nonblock(variant->client, variant->family);
	int server_port = address_port(&self->address);

	ASSERT_EQ(0, cable_cut(&self->cable, self->cable.far));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	ASSERT_EQ(0, enter_netns(self->cable.far));
	WAIT_FOR(proc_state(variant->server, variant->family, server_port,
			    port_of(c)) == TCP_SYN_RECV);
	EXPECT_EQ(0, events(self->listener, POLLIN));
	/* a SYN-ACK retransmitted after 1 s completes it */
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_EQ(POLLIN, events_within(self->listener, POLLIN, PATIENCE));
	EXPECT_EQ(TCP_ESTABLISHED, proc_state(variant->server, variant->family,
					      server_port, port_of(c)));
}

TEST_F(request, ends_with_listener)
{
	int c = open_nonblock(variant->client, variant->family);
	int server_port = address_port(&self->address);

	ASSERT_EQ(0, cable_cut(&self->cable, self->cable.far));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	ASSERT_EQ(0, enter_netns(self->cable.far));
	WAIT_FOR(proc_state(variant->server, variant->family, server_port,
			    port_of(c)) == TCP_SYN_RECV);
	ASSERT_EQ(0, close(self->listener));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	/* the retransmitted SYN gets a RST */
	EXPECT_EQ(POLLIN | POLLERR | POLLHUP, events_within(c, POLLIN, PATIENCE));
	EXPECT_EQ(ECONNREFUSED, take_error(c));
	EXPECT_EQ(0, proc_state(variant->server, variant->family, server_port, port_of(c)));
}

/* MUST-42: listen() on the port of a socket in SYN_SENT */
TEST_F(request, listen_beside_syn_sent)
{
	struct address own = near_address(variant->family, 23456);
	int c = open_nonblock(variant->client, variant->family);

	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	set_int(c, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(0, do_bind(c, &own));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	EXPECT_LE(0, listen_on(variant->client, &own, 1));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_EQ(POLLOUT, events_within(c, POLLOUT, PATIENCE));
	EXPECT_EQ(0, take_error(c));
}

TEST_MAIN
