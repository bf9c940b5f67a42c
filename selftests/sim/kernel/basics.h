/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types, arithmetic, and what means nothing with one CPU: annotations, barriers,
 * locks, RCU.
 */
#ifndef XTCP_SIM_BASICS_H
#define XTCP_SIM_BASICS_H

#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "core/types.h"

typedef int gfp_t;
typedef uint16_t __be16;
typedef uint32_t __be32;
typedef unsigned int __poll_t;

struct kref_count {
	int n;
};

#define atomic_t		struct kref_count
#define refcount_t		struct kref_count
#define atomic_read(a)		((a)->n)
#define refcount_read(a)	((a)->n)
#define atomic_add(i, a)	((a)->n += (i))
#define atomic_sub(i, a)	((a)->n -= (i))
#define atomic_inc(a)		((a)->n++)
#define atomic_dec(a)		((a)->n--)

/* Annotations. */
#define __percpu
#define __rcu
#define __user
#define __read_mostly
#define __releases(lock)
#define ____cacheline_aligned_in_smp
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

/* Memory and CPUs. */
#define READ_ONCE(x)		(x)
#define WRITE_ONCE(x, v)	((void)((x) = (v)))
#define smp_mb()		do {} while (0)
#define smp_rmb()		do {} while (0)
#define smp_wmb()		do {} while (0)
#define smp_mb__after_atomic()	do {} while (0)
#define smp_store_release(p, v)	((void)(*(p) = (v)))
#define smp_load_acquire(p)	(*(p))
#define cpu_relax()		do {} while (0)
#define this_cpu_inc(x)		((x)++)
#define this_cpu_add(x, n)	((x) += (n))
#define rcu_read_lock()		do {} while (0)
#define rcu_read_unlock()	do {} while (0)
#define rcu_dereference(p)	(p)
#define rcu_dereference_protected(p, c)	((void)(c), (p))
#define spin_lock_bh(l)		((void)(l))
#define spin_unlock_bh(l)	((void)(l))
#define cmpxchg(p, old, new)						\
	((void)(*(p) = *(p) == (old) ? (new) : *(p)))
#define set_bit(nr, p)		((void)(*(p) |= 1ul << (nr)))
#define clear_bit(nr, p)	((void)(*(p) &= ~(1ul << (nr))))
#define test_bit(nr, p)		((*(p) >> (nr)) & 1)

typedef struct {
	int unused;
} spinlock_t;

struct rcu_head {
	int unused;
};

struct mutex {
	int unused;
};

struct work_struct {
	int unused;
};

typedef struct {
	u64 key[2];
} siphash_key_t;

typedef siphash_key_t hsiphash_key_t;

struct ctl_table_header;

/* Warnings are faults here: the run ends, and the random runs report it. */
#define WARN_ON(cond) ({						\
	bool _warn = (cond);						\
	if (_warn) {							\
		fprintf(stderr, "%s:%d: WARN_ON(%s)\n", __FILE__,	\
			__LINE__, #cond);				\
		abort();						\
	}								\
	_warn;								\
})
#define WARN_ON_ONCE(cond)	WARN_ON(cond)

/* Arithmetic. */
#define BIT(nr)			(1ul << (nr))
#define min(a, b) ({							\
	__typeof__(a) _x = (a);						\
	__typeof__(b) _y = (b);						\
	_x < _y ? _x : _y;						\
})
#define max(a, b) ({							\
	__typeof__(a) _x = (a);						\
	__typeof__(b) _y = (b);						\
	_x > _y ? _x : _y;						\
})
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define clamp_t(t, v, lo, hi)	min_t(t, max_t(t, v, lo), hi)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define ALIGN(n, a)		(((n) + (a) - 1) & ~((__typeof__(n))(a) - 1))
#define NSEC_PER_SEC		1000000000L
#define NSEC_PER_MSEC		1000000L
#define USEC_PER_MSEC		1000L
#define USEC_PER_SEC		1000000L
#define PAGE_SIZE		4096
#define PAGE_SHIFT		12

static inline u64 mul_u64_u32_div(u64 a, u32 mul, u32 divisor)
{
	return (__uint128_t)a * mul / divisor;
}

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	unsigned long p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

#define container_of(ptr, type, field)					\
	((type *)((char *)(ptr) - offsetof(type, field)))
#define sizeof_field(type, member)	sizeof(((type *)0)->member)
#define offsetofend(type, member)					\
	(offsetof(type, member) + sizeof_field(type, member))
#define memset_startat(obj, v, member)					\
	memset((char *)(obj) + offsetof(__typeof__(*(obj)), member), v,	\
	       sizeof(*(obj)) - offsetof(__typeof__(*(obj)), member))

#define ERR_PTR(err)		((void *)(long)(err))
#define PTR_ERR(p)		((long)(p))
#define IS_ERR(p)		((unsigned long)(p) >= (unsigned long)-4095)

enum {
	GFP_ATOMIC	= 1,
	GFP_KERNEL	= 2,
	__GFP_NOWARN	= 4,
	__GFP_NOFAIL	= 8,
};

/* ASan finds the use of freed memory only if it is not recycled. */
#ifdef __SANITIZE_ADDRESS__
#define RECYCLE			false
#else
#define RECYCLE			true
#endif

#define kfree(p)		free((void *)(p))
#define ENOIOCTLCMD		515
#define SIOCINQ			0x541b
#define SIOCOUTQ		0x5411
#define SIOCOUTQNSD		0x894b

u32 get_random_u32(void);

#endif /* XTCP_SIM_BASICS_H */
