// SPDX-License-Identifier: GPL-2.0
/*
 * Timers with a second CPU: timer.c, deadline.c and timeout.c of the module,
 * with hrtimers and locks that yield to the other CPU (kernel/).
 *
 * CPU_USER takes the lock, sets the timer earlier or later, stops it or kills
 * it. CPU_SOFTIRQ runs the callbacks; it can be suspended while it waits for
 * the lock, while it holds it, and before the callback returns. Time passes at
 * any point. All interleavings with at most @steps operations are explored. At
 * each point:
 *
 *  - With the lock free, the timer is not late: its callback waits for the
 *    lock, or is queued for the deadline or before.
 *  - The work is done once per deadline: not before it, not after the timer was
 *    stopped, and never after it was killed.
 *  - A killed timer is queued only if it has expired: its reference must not
 *    keep the object until a later time.
 *  - The timer is armed if, and only if, it is queued or its callback waits for
 *    the lock; then it holds one reference. No reference is put that was not
 *    taken. The last one is not put while the timer is queued.
 *  - No deadlock: no CPU waits for a callback that waits for this CPU.
 *
 * At the end no timer is armed, and no reference is left.
 */
#include "connection.h"
#include "explore.h"
#include "tap.h"

#define START		10	/* initial value of the clock */
#define TICKS_MAX	2	/* without those after the last step */
#define REARMS_MAX	1

/* A kind of object: how it is set up, killed and locked. */
struct kind {
	void (*setup)(void);
	void (*kill)(void);
	bool owned;		/* the lock can be owned by a process */
	int steps;
};

static const struct kind *kind;
static struct xtcp_sock object;
static struct sock *const sk = &object.sk;
static struct xtcp_timer *const timer = &object.delack;

/* The expected state of the timer */
static struct {
	u64 due;		/* 0: not set */
	bool dead;
	bool busy;		/* CPU_USER is in the middle of an operation */
	bool inside;		/* the callback has taken the lock, and runs */
	bool freed;
	int base;		/* references other than that of the timer */
	int ticks;
	int steps;
	int rearms;
} is_now;

static bool fine(void)
{
	return !tap_bad;
}

/* Locks and references */

static bool lock_is_free(void)
{
	return sk->slock < 0;
}

void bh_lock_sock(struct sock *of)
{
	cpu_wait(lock_is_free);
	no(is_now.freed);
	of->slock = cpu_id();
	is_now.inside |= cpu_id() == CPU_SOFTIRQ;
	note("locks");
}

void bh_unlock_sock(struct sock *of)
{
	is(of->slock, cpu_id());
	of->slock = -1;
	note("unlocks");
	cpu_point();
}

bool sock_owned_by_user(struct sock *of)
{
	return of->owned;
}

void set_bit(int nr, unsigned long *bits)
{
	*bits |= BIT(nr);
	note("defers");
	cpu_point();
}

void sock_hold(struct sock *of)
{
	cpu_point();
	no(is_now.freed);
	of->refs++;
	note("hold=%d", of->refs);
}

void sock_put(struct sock *of)
{
	cpu_point();
	no(is_now.freed);
	of->refs--;
	note("put=%d", of->refs);
	if (of->refs)
		return;
	is_now.freed = true;
	no(timer->hr.queued);
	no(of->owned);
	is(of->slock, -1);
}

void __sock_put(struct sock *of)
{
	sock_put(of);
	no(is_now.freed);
}

/* The connection table has a reference. */
static void in_table(void)
{
	sk->refs++;
	is_now.base++;
}

static void out_of_table(void)
{
	is_now.base--;
	sock_put(sk);
}

/* Operations on a timer, under the lock */

static void set(u64 delay)
{
	is_now.due = clock_now + delay;
	note("set(%d)", (int)is_now.due);
	xtcp_timer_set(sk, timer, is_now.due);
}

static void off(void)
{
	note("off");
	is_now.due = 0;
	xtcp_timer_off(timer);
}

static void kill(void)
{
	note("kill");
	is_now.due = 0;
	is_now.dead = true;
	kind->kill();
}

/* The timer is due: the work may set it again, once or twice, or kill it. */
static void work(void)
{
	note("works");
	ok(is_now.due);
	ok(is_now.due <= clock_now);
	no(is_now.dead);
	is_now.due = 0;
	switch (choose(is_now.rearms ? 5 : 1)) {
	case 1:
		set(1);
		break;
	case 2:
		set(2);
		set(1);
		break;
	case 3:
		set(1);
		kill();
		break;
	case 4:
		kill();
		break;
	default:
		return;
	}
	is_now.rearms--;
}

void xtcp_ack_send(struct sock *of)
{
	(void)of;
	work();
}

/* A socket: timeout.c */

static void socket_setup(void)
{
	in_table();
	object.ack_sched = true;
	xtcp_timers_init(sk);
}

/* As in delete_tcb(). */
static void socket_kill(void)
{
	sk->sk_state = TCP_CLOSE;
	out_of_table();
	xtcp_timers_kill(sk);
}

/* As in release_sock() and xtcp_release_cb(). */
static void socket_release(void)
{
	unsigned long bits;

	bh_lock_sock(sk);
	bits = object.deferred;
	object.deferred = 0;
	if (bits)
		xtcp_timers_deferred(sk, bits);
	sk->owned = false;
	bh_unlock_sock(sk);
}

static const struct kind packets = {
	.setup = socket_setup,
	.kill = socket_kill,
	.steps = 3,
};

static const struct kind system_calls = {
	.setup = socket_setup,
	.kill = socket_kill,
	.steps = 2,
	.owned = true,
};

/* An object with a spinlock only, as in request.c */

static enum hrtimer_restart request_fires(struct hrtimer *hr)
{
	(void)hr;
	bh_lock_sock(sk);
	xtcp_timer_begin(timer);
	if (xtcp_timer_due(timer, ktime_get_ns()))
		work();
	else if (timer->deadline && xtcp_timer_arm(timer, timer->deadline))
		sock_hold(sk);
	xtcp_timer_end(timer);
	bh_unlock_sock(sk);
	sock_put(sk);
	return HRTIMER_NORESTART;
}

static void request_setup(void)
{
	in_table();
	xtcp_timer_setup(timer, request_fires);
}

static void request_kill(void)
{
	if (xtcp_timer_disarm(timer))
		sock_put(sk);
	out_of_table();
}

static const struct kind requests = {
	.setup = request_setup,
	.kill = request_kill,
	.steps = 3,
};

/* Operations of the CPUs */

static void lock(void)
{
	bh_lock_sock(sk);
	if (!kind->owned)
		return;
	sk->owned = true;
	bh_unlock_sock(sk);
}

static void unlock(void)
{
	if (kind->owned)
		socket_release();
	else
		bh_unlock_sock(sk);
}

/* An operation under the lock. Return: false: release the lock instead. */
static bool user_step(void)
{
	unsigned int choice;

	if (!is_now.steps || is_now.dead)
		return false;
	choice = choose(6);
	is_now.steps--;
	switch (choice) {
	case 0:
		return false;
	case 1:
		set(0);
		break;
	case 2:
		set(1);
		break;
	case 3:
		set(2);
		break;
	case 4:
		off();
		break;
	case 5:
		kill();
		break;
	}
	return true;
}

static void user_rest(void)
{
	is_now.busy = false;
	cpu_fresh(0);
	cpu_point();
	cpu_fresh(1);
	is_now.busy = true;
}

static bool nothing_is_due(void)
{
	return !is_now.due;
}

/* Wait until no work is pending. If it is never done, the run ends here. */
static void user_leaves(void)
{
	user_rest();
	cpu_wait(nothing_is_due);
	lock();
	if (!is_now.dead)
		kill();
	unlock();
	is_now.base--;
	sock_put(sk);
	is_now.busy = false;
}

static void user(void)
{
	do {
		user_rest();
		lock();
		while (user_step())
			user_rest();
		unlock();
	} while (is_now.steps && !is_now.dead);
	is_now.busy = false;
	user_leaves();
}

static void softirq(void)
{
	for (;;) {
		cpu_fresh(0);
		cpu_wait(hrtimer_expired);
		hrtimer_run();
		is_now.inside = false;
	}
}

/* Time */

static bool clock_may_tick(void)
{
	return is_now.ticks ||
	       (!is_now.steps && hrtimer_next() && !hrtimer_expired());
}

static void clock_ticks(void)
{
	clock_now++;
	is_now.ticks -= !!is_now.ticks;
	note("%d", (int)clock_now);
}

/* State, and its invariants */

static void begin(void)
{
	memset(&object, 0, sizeof(object));
	memset(&is_now, 0, sizeof(is_now));
	hrtimer_forget();
	clock_now = START;
	sk->sk_state = TCP_ESTABLISHED;
	sk->refs = 1;
	sk->slock = -1;
	is_now.base = 1;
	is_now.ticks = TICKS_MAX;
	is_now.steps = kind->steps;
	is_now.rearms = REARMS_MAX;
	kind->setup();
}

static u64 sum_of(u64 sum, const void *of, size_t size)
{
	u64 word = 0;
	size_t i;

	for (i = 0; i < size; i += sizeof(word)) {
		memcpy(&word, (const char *)of + i,
		       min_t(size_t, size - i, sizeof(word)));
		sum = mix(sum, word);
	}
	return sum;
}

static u64 digest(void)
{
	u64 sum = mix(clock_now, object.deferred);

	sum = sum_of(sum, timer, sizeof(*timer));
	sum = sum_of(sum, &is_now, sizeof(is_now));
	return sum_of(sum, sk, sizeof(*sk));
}

static u64 plain(void)
{
	return timer->deadline << 16 | object.deferred << 8 | is_now.rearms |
	       timer->armed << 4 | timer->firing << 5 | sk->owned << 6 |
	       is_now.dead << 7;
}

static bool callback_waits(void)
{
	return timer->hr.running && !is_now.inside;
}

/* Does the timer fire by @time, or, if that has passed, at once? */
static bool fires_by(u64 time)
{
	return callback_waits() ||
	       (timer->hr.queued &&
		timer->hr.expires <= max_t(ktime_t, time, clock_now));
}

/* Between operations of CPU_USER, while the callback does not hold the lock. */
static void check_rest(void)
{
	bool deferred = object.deferred;

	is(timer->deadline, is_now.due);
	no(timer->firing);
	ok(!deferred || sk->owned);
	if (is_now.due)
		ok(deferred || fires_by(is_now.due));
	if (is_now.dead && timer->hr.queued)
		ok(timer->hr.expires <= (ktime_t)clock_now);
	if (!deferred)
		is(timer->armed, timer->hr.queued || callback_waits());
	if (!is_now.inside)
		is(sk->refs, is_now.base + timer->armed);
}

static bool check(void)
{
	no(cpu_spins(CPU_SOFTIRQ));
	no(cpu_spins(CPU_USER) && sk->slock == CPU_USER && callback_waits());
	if (!is_now.busy && sk->slock != CPU_SOFTIRQ)
		check_rest();
	return fine();
}

static bool end(void)
{
	ok(is_now.dead);
	ok(is_now.freed);
	no(timer->armed);
	no(timer->hr.queued);
	return fine();
}

static const struct scenario scenario = {
	.begin = begin,
	.user = user,
	.softirq = softirq,
	.clock = clock_may_tick,
	.tick = clock_ticks,
	.digest = digest,
	.plain = plain,
	.check = check,
	.end = end,
};

static void all_orders(const struct kind *of)
{
	struct explored all;

	kind = of;
	all = explore(&scenario);
	printf("# %u states, %u ends\n", all.states, all.ends);
	if (fine())
		ok(all.states > 10000);
}

TEST(timer_of_a_request)
{
	all_orders(&requests);
}

TEST(timer_of_a_socket_and_packets)
{
	all_orders(&packets);
}

TEST(timer_of_a_socket_and_system_calls)
{
	all_orders(&system_calls);
}
