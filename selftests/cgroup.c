// SPDX-License-Identifier: GPL-2.0
/* cgroup BPF programs for bind(), connect() and egress apply to XTCP sockets */
#include "lib/xtcp_test.h"

#include <linux/bpf.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define INSN(c, d, s, o, i) \
	((struct bpf_insn){ .code = c, .dst_reg = d, .src_reg = s, .off = o, .imm = i })
#define MOVE(reg, value)	INSN(BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, value)
#define STORE(field, reg)	INSN(BPF_STX | BPF_MEM | BPF_W, 1, reg, \
				     offsetof(struct bpf_sock_addr, field), 0)
#define END			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

FIXTURE(cgroup) {
	struct address address;
	char mount[32];
	char group[64];
	int dir;
};

SOCKET_VARIANTS(cgroup);

static int join(const char *group)
{
	char path[128];
	int fd, n;

	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	fd = open(path, O_WRONLY);
	n = write(fd, "0", 1);
	close(fd);
	return n == 1 ? 0 : -1;
}

FIXTURE_SETUP(cgroup)
{
	strcpy(self->mount, "/tmp/xtcp.XXXXXX");
	ASSERT_EQ(0, new_netns());
	self->address = loopback(variant->family, 0);
	ASSERT_NE(NULL, mkdtemp(self->mount));
	ASSERT_EQ(0, mount("none", self->mount, "cgroup2", 0, NULL));
	snprintf(self->group, sizeof(self->group), "%s/xtcp.%d", self->mount, getpid());
	ASSERT_EQ(0, mkdir(self->group, 0755));
	self->dir = open(self->group, O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, self->dir);
	ASSERT_EQ(0, join(self->group));
}

FIXTURE_TEARDOWN(cgroup)
{
	close(self->dir);
	EXPECT_EQ(0, join(self->mount));
	EXPECT_EQ(0, rmdir(self->group));
	EXPECT_EQ(0, umount2(self->mount, MNT_DETACH));
	rmdir(self->mount);
}

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int attach(int dir, int type, int where, const struct bpf_insn *insns, int n)
{
	union bpf_attr load = {
		.prog_type = type,
		.expected_attach_type = where,
		.insns = (uintptr_t)insns,
		.insn_cnt = n,
		.license = (uintptr_t)"GPL",
	};
	union bpf_attr at = { .target_fd = dir, .attach_type = where };
	int prog = bpf(BPF_PROG_LOAD, &load), ret;

	if (prog < 0)
		return -1;
	at.attach_bpf_fd = prog;
	ret = bpf(BPF_PROG_ATTACH, &at);
	close(prog);
	return ret;
}

static int forbid(int dir, int type, int where)
{
	const struct bpf_insn insns[] = { MOVE(0, 0), END };

	return attach(dir, type, where, insns, 2);
}

/* the program changes the port */
static int redirect(int dir, int where, int port)
{
	const struct bpf_insn insns[] = {
		MOVE(2, htons(port)), STORE(user_port, 2), MOVE(0, 1), END,
	};

	return attach(dir, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, where, insns, 4);
}

TEST_F(cgroup, bind_forbidden)
{
	ASSERT_EQ(0, forbid(self->dir, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
			    variant->family == AF_INET ? BPF_CGROUP_INET4_BIND :
							 BPF_CGROUP_INET6_BIND));
	EXPECT_ERRNO(EPERM, bound(variant->stack, &self->address, 0));
}

TEST_F(cgroup, bind_elsewhere)
{
	int fd;

	ASSERT_EQ(0, redirect(self->dir, variant->family == AF_INET ?
			      BPF_CGROUP_INET4_BIND : BPF_CGROUP_INET6_BIND, 12345));
	fd = bound(variant->stack, &self->address, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(12345, port_of(fd));
}

/* The program increments the port: the new port is in use for both stacks */
TEST_F(cgroup, bind_next_port)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 1,
		     offsetof(struct bpf_sock_addr, user_port), 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, htons(1)),
		STORE(user_port, 2), MOVE(0, 1), END,
	};
	int where = variant->family == AF_INET ? BPF_CGROUP_INET4_BIND :
						 BPF_CGROUP_INET6_BIND;
	union bpf_attr at = { .target_fd = self->dir, .attach_type = where };

	set_port(&self->address, 12345);
	ASSERT_EQ(0, attach(self->dir, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, where, insns, 5));
	ASSERT_EQ(12346, port_of(bound(variant->stack, &self->address, 0)));
	ASSERT_EQ(0, bpf(BPF_PROG_DETACH, &at));
	set_port(&self->address, 12346);
	EXPECT_ERRNO(EADDRINUSE, bound(TCP, &self->address, 0));
	set_port(&self->address, 12347);
	EXPECT_LE(0, bound(TCP, &self->address, 0));
}

/* bind() is undone if the program refuses it: the port is free again */
TEST_F(cgroup, bind_undone)
{
	int fd = open_socket(variant->stack, variant->family);
	int where = variant->family == AF_INET ? BPF_CGROUP_INET4_POST_BIND :
						 BPF_CGROUP_INET6_POST_BIND;
	union bpf_attr at = { .target_fd = self->dir, .attach_type = where };

	set_port(&self->address, 12345);
	ASSERT_EQ(0, forbid(self->dir, BPF_PROG_TYPE_CGROUP_SOCK, where));
	EXPECT_ERRNO(EPERM, do_bind(fd, &self->address));
	EXPECT_EQ(0, port_of(fd));
	ASSERT_EQ(0, bpf(BPF_PROG_DETACH, &at));
	EXPECT_EQ(0, do_bind(fd, &self->address));
	EXPECT_EQ(12345, port_of(fd));
}

TEST_F(cgroup, connect_forbidden)
{
	ASSERT_LE(0, listen_on(variant->stack, &self->address, 1));
	ASSERT_EQ(0, forbid(self->dir, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
			    variant->family == AF_INET ? BPF_CGROUP_INET4_CONNECT :
							 BPF_CGROUP_INET6_CONNECT));
	EXPECT_ERRNO(EPERM, connect_to(variant->stack, &self->address));
}

TEST_F(cgroup, connect_elsewhere)
{
	struct address asked = loopback(variant->family, 9), peer;
	int fd;

	ASSERT_LE(0, listen_on(variant->stack, &self->address, 1));
	ASSERT_EQ(0, redirect(self->dir, variant->family == AF_INET ?
			      BPF_CGROUP_INET4_CONNECT : BPF_CGROUP_INET6_CONNECT,
			      address_port(&self->address)));
	fd = connect_to(variant->stack, &asked);
	ASSERT_LE(0, fd);
	peer = peer_of(fd);
	EXPECT_TRUE(same_address(&self->address, &peer));
}

/* bpf_bind(): the program chooses the local address and optionally the port */
static int bind_at_connect(int dir, const struct address *a)
{
	const uint32_t *words = (const uint32_t *)&a->room;
	struct bpf_insn insns[16];
	int n = 0, size = (a->len + 3) & ~3;

	for (int i = 0; i < size / 4; i++)
		insns[n++] = INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, 4 * i - 32,
				  words[i]);
	insns[n++] = INSN(BPF_ALU64 | BPF_MOV | BPF_X, 2, BPF_REG_10, 0, 0);
	insns[n++] = INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -32);
	insns[n++] = MOVE(3, a->len);
	insns[n++] = INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_bind);
	insns[n++] = MOVE(0, 1);
	insns[n++] = END;
	return attach(dir, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, a->sa.sa_family == AF_INET ?
		      BPF_CGROUP_INET4_CONNECT : BPF_CGROUP_INET6_CONNECT, insns, n);
}

static struct address other_address(int family, int port)
{
	struct address a = address_of(family, family == AF_INET ? "127.0.0.2" : "fd00::2",
				      port);

	if (family == AF_INET6)
		add_address("lo", a, 128);
	return a;
}

TEST_F(cgroup, connect_binds_address)
{
	struct address other = other_address(variant->family, 0), seen;
	int l = listen_on(variant->stack, &self->address, 1), c, s;

	ASSERT_EQ(0, bind_at_connect(self->dir, &other));
	c = connect_to(variant->stack, &self->address);
	ASSERT_LE(0, c);
	s = accept(l, NULL, NULL);
	ASSERT_LE(0, s);
	seen = peer_of(s);
	set_port(&seen, 0);
	EXPECT_TRUE(same_address(&other, &seen));
}

/* XTCP cannot hold a port in this context: bpf_bind() returns an error */
TEST_F(cgroup, connect_binds_port)
{
	struct address other = other_address(variant->family, 23456);
	int c;

	ASSERT_LE(0, listen_on(variant->stack, &self->address, 1));
	ASSERT_EQ(0, bind_at_connect(self->dir, &other));
	c = connect_to(variant->stack, &self->address);
	ASSERT_LE(0, c);
	EXPECT_EQ(variant->stack == TCP, port_of(c) == 23456);
}

/* Segments that the egress program drops are lost: the error is ETIMEDOUT */
TEST_F(cgroup, egress_forbidden)
{
	int listener = listen_on(variant->stack, &self->address, 1), c, s;

	ASSERT_EQ(0, make_pair(variant->stack, listener, &c, &s));
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_USER_TIMEOUT, 3000));
	ASSERT_EQ(0, forbid(self->dir, BPF_PROG_TYPE_CGROUP_SKB,
			    BPF_CGROUP_INET_EGRESS));
	ASSERT_EQ(1, write(c, "x", 1));
	WAIT_FOR(state_of(c) == TCP_CLOSE);
	EXPECT_EQ(ETIMEDOUT, take_error(c));
}

/* The egress program of a listener's cgroup drops its SYN-ACKs, too */
TEST_F(cgroup, syn_ack_forbidden)
{
	int l = listen_on(variant->stack, &self->address, 1), c;

	ASSERT_LE(0, l);
	ASSERT_EQ(0, join(self->mount));
	ASSERT_EQ(0, forbid(self->dir, BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS));
	c = open_nonblock(variant->stack, variant->family);
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	pause_ms(100);
	EXPECT_EQ(TCP_SYN_SENT, state_of(c));
}

TEST_MAIN
