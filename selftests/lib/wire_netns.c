// SPDX-License-Identifier: GPL-2.0
/* The stack's network namespace: the tun device in it, sysctls, counters. */
#include "wire_netns.h"
#include "wire_clock.h"
#include "wire_text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int set_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY), ok;

	if (fd < 0)
		return -1;
	ok = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	close(fd);
	return ok ? 0 : -1;
}

int wire_sysctl(struct wire *w, const char *leaf, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), w->ref ? "/proc/sys/net/ipv4/tcp_%s" :
		 "/proc/sys/net/xtcp/%s", leaf);
	return set_file(path, value);
}

/*
 * Find a counter in a line of names and the line of values that follows it.
 * Return: its value, or -1.
 */
static long find_value(char *names, char *values, const char *name)
{
	char *in_names, *in_values;
	char *n = strtok_r(names, "\n ", &in_names);
	char *v = strtok_r(values, "\n ", &in_values);

	while (n && v) {
		if (!strcmp(n, name))
			return atol(v);
		n = strtok_r(NULL, "\n ", &in_names);
		v = strtok_r(NULL, "\n ", &in_values);
	}
	return -1;
}

static long find_counter(const char *path, const char *name, bool ref)
{
	static char names[16384], values[16384];
	FILE *in = fopen(path, "r");
	long v = -1;

	if (!in)
		return -1;
	while (v < 0 && fgets(names, sizeof(names), in) &&
	       fgets(values, sizeof(values), in)) {
		/* Lines of other protocols have counters of the same names. */
		if (!ref || !strncmp(names, "Tcp", 3))
			v = find_value(names, values, name);
	}
	fclose(in);
	return v;
}

/* Return: a counter by its name, from the files that nstat reads, or -1. */
long wire_counter(struct wire *w, const char *name)
{
	long v;

	v = find_counter(w->ref ? "/proc/net/netstat" : "/proc/net/xtcp_netstat",
			 name, w->ref);
	if (v < 0)
		v = find_counter(w->ref ? "/proc/net/snmp" : "/proc/net/xtcp_snmp",
				 name, w->ref);
	return v;
}

int wire_raw(struct wire *w, const void *pkt, size_t len)
{
	if (write(w->tun, pkt, len) == (ssize_t)len)
		return 0;
	wire_say("injecting %zu bytes: %s", len, strerror(errno));
	return -1;
}

/* IPv6 is ready when a connect() to the peer selects our address. */
static int wait_for_ipv6(void)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(9) };

	inet_pton(AF_INET6, "2001:db8::2", &to.sin6_addr);
	for (int i = 0; i < 2000; i++) {
		struct sockaddr_in6 me = { 0 };
		socklen_t len = sizeof(me);
		/* A new socket: a connected one keeps its source address. */
		int s = socket(AF_INET6, SOCK_DGRAM, 0);
		bool ok = !connect(s, (struct sockaddr *)&to, sizeof(to)) &&
			  !getsockname(s, (struct sockaddr *)&me, &len) &&
			  !memcmp(&me.sin6_addr, &to.sin6_addr, 15) &&
			  me.sin6_addr.s6_addr[15] == 1;

		close(s);
		if (ok)
			return 0;
		wire_sleep(1);
	}
	return -1;
}

/* Suppresses all packets that neither the test nor the stack sends. */
static void silence(void)
{
	set_file("/proc/sys/net/ipv6/conf/tun0/addr_gen_mode", "1");
	set_file("/proc/sys/net/ipv6/conf/tun0/router_solicitations", "0");
	set_file("/proc/sys/net/ipv6/conf/tun0/accept_dad", "0");
	set_file("/proc/sys/net/ipv4/conf/all/rp_filter", "0");
	set_file("/proc/sys/net/ipv4/conf/default/rp_filter", "0");
	set_file("/proc/sys/net/ipv4/conf/tun0/rp_filter", "0");
	/* Rate limits of the IP layer are not under test. */
	set_file("/proc/sys/net/ipv4/icmp_ratelimit", "0");
	set_file("/proc/sys/net/ipv6/icmp/ratelimit", "0");
}

static int set_address(int s, struct ifreq *ifr, unsigned long request, const char *text)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr->ifr_addr;

	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = inet_addr(text);
	return ioctl(s, request, ifr);
}

static int bring_up(int s4, int s6)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct in6_ifreq i6 = { .ifr6_prefixlen = 64 };
	struct ifreq ifr = { .ifr_name = "tun0" };

	ioctl(s4, SIOCSIFFLAGS, &lo);
	if (set_address(s4, &ifr, SIOCSIFADDR, "192.0.2.1") ||
	    set_address(s4, &ifr, SIOCSIFNETMASK, "255.255.255.0"))
		return -1;
	set_address(s4, &ifr, SIOCSIFBRDADDR, "192.0.2.255");
	/* Keep the default IFF_NOARP: no duplicate address detection. */
	if (ioctl(s4, SIOCGIFFLAGS, &ifr))
		return -1;
	ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(s4, SIOCSIFFLAGS, &ifr) || ioctl(s4, SIOCGIFINDEX, &ifr))
		return -1;
	i6.ifr6_ifindex = ifr.ifr_ifindex;
	inet_pton(AF_INET6, "2001:db8::1", &i6.ifr6_addr);
	return ioctl(s6, SIOCSIFADDR, &i6) ? -1 : wait_for_ipv6();
}

/* Set the MTU of the device. Below 1280 the kernel disables IPv6 on it. */
int wire_mtu(int mtu)
{
	struct ifreq ifr = { .ifr_name = "tun0", .ifr_mtu = mtu };
	int s = socket(AF_INET, SOCK_DGRAM, 0), ret = ioctl(s, SIOCSIFMTU, &ifr);

	if (ret)
		wire_say("an MTU of %d: %s", mtu, strerror(errno));
	close(s);
	return ret;
}

int wire_netns(struct wire *w)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "tun0" };
	int s4, s6, ret = -1;

	if (unshare(CLONE_NEWNET))
		return -1;
	w->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (w->tun < 0 || ioctl(w->tun, TUNSETIFF, &ifr) < 0)
		return -1;
	silence();
	s4 = socket(AF_INET, SOCK_DGRAM, 0);
	s6 = socket(AF_INET6, SOCK_DGRAM, 0);
	if (s4 >= 0 && s6 >= 0)
		ret = bring_up(s4, s6);
	close(s4);
	close(s6);
	return ret;
}
