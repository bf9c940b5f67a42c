// SPDX-License-Identifier: GPL-2.0
/*
 * LSM hooks for connections. The tests attach BPF programs to
 * them; SELinux, Smack and AppArmor use the same hooks.
 */
#include "lib/xtcp_test.h"

#include <linux/bpf.h>
#include <linux/btf.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

SOCKET_FIXTURE(lsm)

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* "bpf" is in the lsm= list */
static bool is_active(void)
{
	char text[256] = "";
	int fd;

	mount("none", "/sys/kernel/security", "securityfs", 0, NULL);
	fd = open("/sys/kernel/security/lsm", O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return false;
	close(fd);
	return strstr(text, "bpf") && !access("/sys/kernel/btf/vmlinux", R_OK);
}

static char *whole_file(const char *path)
{
	size_t room = 32 << 20, n = 0;
	char *buf = malloc(room);
	int fd = open(path, O_RDONLY), ret;

	while (buf && n < room && (ret = read(fd, buf + n, room - n)) > 0)
		n += ret;
	close(fd);
	return buf;
}

/* Number of bytes after a BTF type */
static size_t tail_of(const struct btf_type *t)
{
	int n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * 12;
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	default:
		return 0;
	}
}

/* The BTF id of a function; 0: none */
static int type_of(const char *name)
{
	char *btf = whole_file("/sys/kernel/btf/vmlinux");
	struct btf_header *h = (void *)btf;
	char *strings = btf + h->hdr_len + h->str_off;
	char *p = btf + h->hdr_len + h->type_off, *end = p + h->type_len;
	int id = 1, found = 0;

	for (; p < end && !found; id++) {
		struct btf_type *t = (void *)p;

		if (BTF_INFO_KIND(t->info) == BTF_KIND_FUNC &&
		    !strcmp(strings + t->name_off, name))
			found = id;
		p += sizeof(*t) + tail_of(t);
	}
	free(btf);
	return found;
}

/* Attaches a program that returns @value to a hook; its descriptor, or -1 */
static int program_at(const char *hook, int value)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = value },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_LSM,
		.expected_attach_type = BPF_LSM_MAC,
		.attach_btf_id = type_of(hook),
		.insns = (uintptr_t)insns,
		.insn_cnt = 2,
		.license = (uintptr_t)"GPL",
	};
	union bpf_attr at = { .raw_tracepoint.prog_fd = bpf(BPF_PROG_LOAD, &load) };

	/* the link keeps the program attached until the test ends */
	if ((int)at.raw_tracepoint.prog_fd < 0 || bpf(BPF_RAW_TRACEPOINT_OPEN, &at) < 0)
		return -1;
	return at.raw_tracepoint.prog_fd;
}

static unsigned long long runs_of(int prog)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr get = {
		.info.bpf_fd = prog,
		.info.info_len = sizeof(info),
		.info.info = (uintptr_t)&info,
	};

	return bpf(BPF_OBJ_GET_INFO_BY_FD, &get) ? 0 : info.run_cnt;
}

static int count_runs(void)
{
	union bpf_attr stats = { .enable_stats.type = BPF_STATS_RUN_TIME };

	return bpf(BPF_ENABLE_STATS, &stats);
}

#define NEEDS_PROGRAMS() do {						\
	if (!is_active())						\
		SKIP(return, "the BPF LSM is not enabled (lsm=)");			\
} while (0)

/* A hook refuses the request: the SYN is dropped without an answer */
TEST_F(lsm, request_refused)
{
	int l = listen_on(variant->stack, &self->address, 1), c;

	NEEDS_PROGRAMS();
	ASSERT_LE(0, l);
	c = open_nonblock(variant->stack, variant->family);
	ASSERT_LE(0, program_at("bpf_lsm_inet_conn_request", -EPERM));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	pause_ms(100);
	EXPECT_EQ(TCP_SYN_SENT, state_of(c));
	EXPECT_EQ(0, events(l, POLLIN));
}

TEST_F(lsm, cookie_refused)
{
	int l = listen_on(variant->stack, &self->address, 1), c;

	NEEDS_PROGRAMS();
	ASSERT_LE(0, l);
	ASSERT_EQ(0, set_sysctl(variant->stack, "syncookies", "2"));
	c = open_nonblock(variant->stack, variant->family);
	ASSERT_LE(0, program_at("bpf_lsm_inet_conn_request", -EPERM));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	pause_ms(100);
	EXPECT_EQ(TCP_SYN_SENT, state_of(c));
}

/*
 * The hooks for a request, for its flow and for an established
 * connection are called
 */
TEST_F(lsm, hooks_are_called)
{
	int request, flow, up, l, c, s;

	NEEDS_PROGRAMS();
	ASSERT_LE(0, count_runs());
	request = program_at("bpf_lsm_inet_conn_request", 0);
	flow = program_at("bpf_lsm_req_classify_flow", 0);
	up = program_at("bpf_lsm_inet_conn_established", 0);
	ASSERT_LE(0, request);
	ASSERT_LE(0, flow);
	ASSERT_LE(0, up);
	l = listen_on(variant->stack, &self->address, 1);
	ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
	EXPECT_LE(1, runs_of(request));
	EXPECT_LE(1, runs_of(flow));
	EXPECT_LE(1, runs_of(up));
}

TEST_MAIN
