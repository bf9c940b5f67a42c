// SPDX-License-Identifier: GPL-2.0
/* Shared by the socket tests: see xtcp_test.h */
#define XTCP_NO_HARNESS
#include "lib/xtcp_test.h"

#include <net/if.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <linux/io_uring.h>
#include <linux/ipv6_route.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

/* Endpoints ************************************************************/

struct address address_of(int family, const char *text, int port)
{
	struct address a = {};

	a.sa.sa_family = family;
	if (family == AF_INET6) {
		a.len = sizeof(a.in6);
		inet_pton(AF_INET6, text, &a.in6.sin6_addr);
	} else {
		a.len = sizeof(a.in);
		inet_pton(AF_INET, text, &a.in.sin_addr);
	}
	set_port(&a, port);
	return a;
}

struct address loopback(int family, int port)
{
	return address_of(family, family == AF_INET6 ? "::1" : "127.0.0.1", port);
}

struct address any_address(int family, int port)
{
	return address_of(family, family == AF_INET6 ? "::" : "0.0.0.0", port);
}

struct address near_address(int family, int port)
{
	return address_of(family, family == AF_INET6 ? "fd00::1" : "10.0.0.1", port);
}

struct address far_address(int family, int port)
{
	return address_of(family, family == AF_INET6 ? "fd00::2" : "10.0.0.2", port);
}

int address_port(const struct address *a)
{
	/* sin_port and sin6_port have the same offset */
	return ntohs(a->in.sin_port);
}

void set_port(struct address *a, int port)
{
	a->in.sin_port = htons(port);
}

bool same_address(const struct address *a, const struct address *b)
{
	if (a->sa.sa_family != b->sa.sa_family || a->in.sin_port != b->in.sin_port)
		return false;
	if (a->sa.sa_family == AF_INET6)
		return !memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, 16);
	return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
}

struct address name_of(int fd)
{
	struct address a = { .len = sizeof(a.room) };

	if (getsockname(fd, &a.sa, &a.len))
		memset(&a, 0, sizeof(a));
	return a;
}

struct address peer_of(int fd)
{
	struct address a = { .len = sizeof(a.room) };

	if (getpeername(fd, &a.sa, &a.len))
		memset(&a, 0, sizeof(a));
	return a;
}

int port_of(int fd)
{
	struct address a = name_of(fd);

	return address_port(&a);
}

int open_type(enum stack stack, int family, int type)
{
	if (stack == XTCP)
		return socket(AF_XTCP, type, family == AF_INET6 ? IPPROTO_IPV6 : 0);
	return socket(family, type, 0);
}

int open_socket(enum stack stack, int family)
{
	return open_type(stack, family, SOCK_STREAM);
}

int open_nonblock(enum stack stack, int family)
{
	return open_type(stack, family, SOCK_STREAM | SOCK_NONBLOCK);
}

int set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	return fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

int do_bind(int fd, const struct address *a)
{
	return bind(fd, &a->sa, a->len);
}

int do_connect(int fd, const struct address *a)
{
	return connect(fd, &a->sa, a->len);
}

/* An io_uring for one call at a time */
struct ring {
	int fd;
	struct io_uring_params p;
	char *rings;
	struct io_uring_sqe *sqe;
};

static int ring_open(struct ring *r)
{
	size_t size;

	r->fd = syscall(SYS_io_uring_setup, 1, &r->p);
	if (r->fd < 0)
		return -1;
	size = r->p.cq_off.cqes + r->p.cq_entries * sizeof(struct io_uring_cqe);
	if (size < r->p.sq_off.array + sizeof(unsigned int))
		size = r->p.sq_off.array + sizeof(unsigned int);
	r->rings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
			IORING_OFF_SQ_RING);
	r->sqe = mmap(NULL, sizeof(*r->sqe), PROT_READ | PROT_WRITE, MAP_SHARED,
		      r->fd, IORING_OFF_SQES);
	return r->rings == MAP_FAILED || r->sqe == MAP_FAILED ? -1 : 0;
}

static int ring_call(int op, int fd, const struct address *a)
{
	static struct ring r = { .fd = -1 };
	struct io_uring_cqe *cqe;
	unsigned int *head;
	int ret;

	if (r.fd < 0 && ring_open(&r))
		return -1;
	*r.sqe = (struct io_uring_sqe) {
		.opcode = op,
		.fd = fd,
		.addr = (uintptr_t)&a->sa,
		.addr2 = a->len,
	};
	++*(unsigned int *)(r.rings + r.p.sq_off.tail);
	if (syscall(SYS_io_uring_enter, r.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return -1;
	head = (unsigned int *)(r.rings + r.p.cq_off.head);
	cqe = (struct io_uring_cqe *)(r.rings + r.p.cq_off.cqes) +
	      (*head & (r.p.cq_entries - 1));
	ret = cqe->res;
	++*head;
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}

/* IORING_OP_BIND, which older headers lack */
#define RING_BIND 56

int ring_bind(int fd, const struct address *a)
{
	return ring_call(RING_BIND, fd, a);
}

int ring_connect(int fd, const struct address *a)
{
	return ring_call(IORING_OP_CONNECT, fd, a);
}

static int close_failed(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

int bound(enum stack stack, const struct address *a, int reuse)
{
	int fd = open_socket(stack, a->sa.sa_family);

	if (fd < 0)
		return -1;
	if ((reuse && set_int(fd, SOL_SOCKET, reuse, 1)) || do_bind(fd, a))
		return close_failed(fd);
	return fd;
}

int listen_on(enum stack stack, struct address *a, int backlog)
{
	int fd = open_socket(stack, a->sa.sa_family);

	if (fd < 0)
		return -1;
	if (set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1) || do_bind(fd, a) ||
	    listen(fd, backlog))
		return close_failed(fd);
	set_port(a, port_of(fd));
	return fd;
}

int connect_to(enum stack stack, const struct address *a)
{
	int fd = open_socket(stack, a->sa.sa_family);

	if (fd >= 0 && do_connect(fd, a))
		return close_failed(fd);
	return fd;
}

int make_pair(enum stack client_stack, int listener, int *client, int *server)
{
	struct address a = name_of(listener);

	*client = connect_to(client_stack, &a);
	if (*client < 0)
		return -1;
	*server = accept(listener, NULL, NULL);
	return *server < 0 ? -1 : 0;
}

int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

int get_int(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = 0;

	return getsockopt(fd, level, name, &value, &len) ? -1 : value;
}

int take_error(int fd)
{
	return get_int(fd, SOL_SOCKET, SO_ERROR);
}

/* The state of a connection */

int state_of(int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	return getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len) ? -1 : info.tcpi_state;
}

int proc_state(enum stack stack, int family, int local_port, int remote_port)
{
	unsigned int local, remote, state;
	char path[64], line[512];
	int found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/net/%s%s", stack == XTCP ? "xtcp" : "tcp",
		 family == AF_INET6 ? "6" : "");
	f = fopen(path, "r");
	if (!f)
		return -1;
	while (!found && fgets(line, sizeof(line), f))
		if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%x %x",
			   &local, &remote, &state) == 3 &&
		    (int)local == local_port && (int)remote == remote_port)
			found = state;
	fclose(f);
	return found;
}

int events_within(int fd, int mask, int milliseconds)
{
	struct pollfd p = { .fd = fd, .events = mask };

	return poll(&p, 1, milliseconds) < 0 ? -1 : p.revents;
}

int events(int fd, int mask)
{
	return events_within(fd, mask, 0);
}

bool is_sleeping(pid_t pid)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(f);
	return state == 'S';
}

pid_t child(void)
{
	pid_t pid = fork();

	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

int child_status(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void sysctl_path(char *path, size_t size, enum stack stack, const char *leaf)
{
	if (stack == XTCP)
		snprintf(path, size, "/proc/sys/net/xtcp/%s", leaf);
	else if (strncmp(leaf, "ip_", 3))
		snprintf(path, size, "/proc/sys/net/ipv4/tcp_%s", leaf);
	else
		snprintf(path, size, "/proc/sys/net/ipv4/%s", leaf);
}

int get_sysctl(enum stack stack, const char *leaf, char *text, size_t size)
{
	char path[128];
	ssize_t n;
	int fd;

	sysctl_path(path, sizeof(path), stack, leaf);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	if (n < 0)
		return -1;
	while (n && text[n - 1] == '\n')
		n--;
	text[n] = 0;
	return 0;
}

int set_sysctl(enum stack stack, const char *leaf, const char *text)
{
	char path[128];
	ssize_t n;
	int fd;

	sysctl_path(path, sizeof(path), stack, leaf);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

/* Time *****************************************************************/

long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec / 1000000;
}

void pause_ms(long long milliseconds)
{
	struct timespec t = { milliseconds / SECOND, milliseconds % SECOND * 1000000 };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

bool is_asked(const char *variable)
{
	const char *v = getenv(variable);

	return v && !strcmp(v, "1");
}

bool virtual_time(void)
{
	return is_asked("XTCP_VIRTUAL_TIME");
}

long long slack(long long milliseconds)
{
	return virtual_time() ? milliseconds : milliseconds + 3 * SECOND;
}

/* Network namespaces ***************************************************/

static int up(const char *name)
{
	struct ifreq ifr = {};
	int fd, err;

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		return -1;
	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	err = ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return err;
}

int new_netns(void)
{
	return unshare(CLONE_NEWNET) ? -1 : up("lo");
}

int this_netns(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

int enter_netns(int fd)
{
	return setns(fd, CLONE_NEWNET);
}

int sh(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command);
}

/*
 * rtnetlink messages instead of ip(8): to start a program, its pages are read
 * from the host, which lets virtual time jump.
 */
struct request {
	struct nlmsghdr h;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg addr;
		struct ndmsg neigh;
	};
	char room[512];
};

static void *tail(struct request *r)
{
	return (char *)r + NLMSG_ALIGN(r->h.nlmsg_len);
}

static struct rtattr *put(struct request *r, int type, const void *data, int len)
{
	struct rtattr *a = tail(r);

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	r->h.nlmsg_len = NLMSG_ALIGN(r->h.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static void end(struct request *r, struct rtattr *nest)
{
	nest->rta_len = (char *)tail(r) - (char *)nest;
}

static struct request request(int type, int flags, int header)
{
	struct request r = {
		.h.nlmsg_len = NLMSG_LENGTH(header),
		.h.nlmsg_type = type,
		.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags,
	};

	return r;
}

static int talk(struct request *r)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char room[1024];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), err = -1;

	if (send(fd, r, r->h.nlmsg_len, 0) > 0 &&
	    recv(fd, &answer, sizeof(answer), 0) > 0 &&
	    answer.h.nlmsg_type == NLMSG_ERROR) {
		errno = -answer.e.error;
		err = answer.e.error ? -1 : 0;
	}
	close(fd);
	return err;
}

static int address_bytes(int family)
{
	return family == AF_INET6 ? 16 : 4;
}

static void *bytes_of(struct address *a)
{
	return a->sa.sa_family == AF_INET6 ? (void *)&a->in6.sin6_addr :
					     (void *)&a->in.sin_addr;
}

/* An IPv6 address is usable once its local route exists */
static bool has_route(struct address *a)
{
	unsigned char *b = bytes_of(a);
	char hex[36], line[256];
	unsigned int flags;
	bool found = false;
	FILE *f;

	for (int i = 0; i < 16; i++)
		sprintf(hex + 2 * i, "%02x", b[i]);
	strcat(hex, " 80");
	f = fopen("/proc/net/ipv6_route", "r");
	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, hex, 35) &&
			sscanf(line, "%*s %*s %*s %*s %*s %*s %*s %*s %x", &flags) == 1 &&
			flags & RTF_LOCAL;
	if (f)
		fclose(f);
	return found;
}

int add_address(const char *device, struct address a, int prefix)
{
	struct request r = request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
				   sizeof(r.addr));
	int len = address_bytes(a.sa.sa_family);

	r.addr.ifa_family = a.sa.sa_family;
	r.addr.ifa_prefixlen = prefix;
	r.addr.ifa_flags = IFA_F_NODAD;
	r.addr.ifa_index = if_nametoindex(device);
	put(&r, IFA_LOCAL, bytes_of(&a), len);
	put(&r, IFA_ADDRESS, bytes_of(&a), len);
	if (talk(&r))
		return -1;
	return a.sa.sa_family != AF_INET6 || HOLDS_WITHIN(PATIENCE, has_route(&a)) ? 0 : -1;
}

static const unsigned char near_mac[6] = { 2, 0, 0, 0, 0, 1 };
static const unsigned char far_mac[6] = { 2, 0, 0, 0, 0, 2 };
static const unsigned char no_mac[6] = { 2, 0, 0, 0, 0, 0x99 };

static int add_veth(int peer_netns)
{
	struct request r = request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
				   sizeof(r.link));
	struct rtattr *info, *data, *peer;
	struct ifinfomsg link = {};

	put(&r, IFLA_IFNAME, "veth0", 6);
	put(&r, IFLA_ADDRESS, near_mac, 6);
	info = put(&r, IFLA_LINKINFO, NULL, 0);
	put(&r, IFLA_INFO_KIND, "veth", 4);
	data = put(&r, IFLA_INFO_DATA, NULL, 0);
	peer = put(&r, VETH_INFO_PEER, &link, sizeof(link));
	put(&r, IFLA_IFNAME, "veth0", 6);
	put(&r, IFLA_ADDRESS, far_mac, 6);
	put(&r, IFLA_NET_NS_FD, &peer_netns, sizeof(peer_netns));
	end(&r, peer);
	end(&r, data);
	end(&r, info);
	return talk(&r);
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t n = write(fd, text, strlen(text));

	close(fd);
	return n < 0 ? -1 : 0;
}

static int point_at(struct address a, const unsigned char *mac)
{
	struct request r = request(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE,
				   sizeof(r.neigh));

	r.neigh.ndm_family = a.sa.sa_family;
	r.neigh.ndm_ifindex = if_nametoindex("veth0");
	r.neigh.ndm_state = NUD_PERMANENT;
	put(&r, NDA_DST, bytes_of(&a), address_bytes(a.sa.sa_family));
	put(&r, NDA_LLADDR, mac, 6);
	return talk(&r);
}

/* No automatic IPv6 addresses: devices send no packets on their own */
static int quiet_netns(void)
{
	if (new_netns() ||
	    write_file("/proc/sys/net/ipv6/conf/default/addr_gen_mode", "1"))
		return -1;
	return this_netns();
}

int cable_plug(struct cable *cable)
{
	cable->far = quiet_netns();
	cable->near = quiet_netns();
	if (cable->far < 0 || cable->near < 0 || add_veth(cable->far) ||
	    up("veth0") || add_address("veth0", near_address(AF_INET, 0), 24) ||
	    add_address("veth0", near_address(AF_INET6, 0), 64))
		return -1;
	if (enter_netns(cable->far) || up("veth0") ||
	    add_address("veth0", far_address(AF_INET, 0), 24) ||
	    add_address("veth0", far_address(AF_INET6, 0), 64))
		return -1;
	return enter_netns(cable->near) ? -1 : cable_mend(cable, -1);
}

/*
 * Permanent neighbour entries: no ARP or neighbour discovery. To cut the link,
 * the entries get a wrong hardware address: packets arrive, and are dropped.
 */
static int cable_set(struct cable *cable, int side, bool whole)
{
	int here = this_netns(), err = 0;

	if (side != cable->far)
		err |= enter_netns(cable->near) ||
		       point_at(far_address(AF_INET, 0), whole ? far_mac : no_mac) ||
		       point_at(far_address(AF_INET6, 0), whole ? far_mac : no_mac);
	if (side != cable->near)
		err |= enter_netns(cable->far) ||
		       point_at(near_address(AF_INET, 0), whole ? near_mac : no_mac) ||
		       point_at(near_address(AF_INET6, 0), whole ? near_mac : no_mac);
	err |= enter_netns(here);
	close(here);
	return err ? -1 : 0;
}

int cable_cut(struct cable *cable, int side)
{
	return cable_set(cable, side, false);
}

int cable_mend(struct cable *cable, int side)
{
	return cable_set(cable, side, true);
}

/* Variants *************************************************************/

void prepare(void)
{
	/* Reading a page from the host later would let virtual time jump */
	mlockall(MCL_CURRENT);
	signal(SIGPIPE, SIG_IGN);
}
