// SPDX-License-Identifier: GPL-2.0
#include "search.h"

#include <string.h>

/* Compares machine and subject. The word is cut after the first difference. */
static bool is_wrong(struct word *word)
{
	int real[WORD_MAX], ours[WORD_MAX];
	int i;

	query(word, real);
	machine_run(learner_machine(), 0, word->in, word->n, ours);
	for (i = 0; i < word->n; i++)
		if (real[i] != ours[i]) {
			word->n = i + 1;
			return true;
		}
	return false;
}

static int state_after(const struct word *word)
{
	return machine_run(learner_machine(), 0, word->in, word->n, NULL);
}

/* Checks the words that separate the reached state from others. */
static bool check_suffixes(const struct word *begin, struct word *word)
{
	int state = state_after(begin), n;
	const struct word *suffix;

	for (n = 0; (suffix = learner_suffix(state, n)); n++) {
		*word = *begin;
		word_join(word, suffix->in, suffix->n);
		if (is_wrong(word))
			return true;
	}
	return false;
}

static bool moves(int state, int input)
{
	return learner_machine()->next[state][input] != state;
}

/*
 * Checks, in one word, those of the first @inputs that do not change the
 * reached state; time first.
 */
static bool check_idle(const struct word *begin, int inputs, struct word *word)
{
	int state = state_after(begin), i;

	*word = *begin;
	for (i = inputs - 1; i >= 0; i--)
		if (!moves(state, i))
			word_add(word, i);
	return is_wrong(word);
}

/*
 * Checks each input that changes the reached state, followed by those that do
 * not change the next one, except time, which is slow.
 */
static bool check_moves(const struct word *begin, struct word *word)
{
	int state = state_after(begin), i;
	struct word longer;

	for (i = 0; i < INPUTS; i++) {
		if (!moves(state, i))
			continue;
		longer = *begin;
		word_add(&longer, i);
		if (check_idle(&longer, IN_TIME, word))
			return true;
	}
	return false;
}

/* Checks the states reached by all sequences of @n inputs after @begin. */
static bool check_all(const struct word *begin, int n, struct word *word)
{
	struct word longer;
	int i;

	if (!n)
		return check_suffixes(begin, word) ||
		       check_idle(begin, INPUTS, word) || check_moves(begin, word);
	for (i = 0; i < INPUTS; i++) {
		longer = *begin;
		word_add(&longer, i);
		if (check_all(&longer, n - 1, word))
			return true;
	}
	return false;
}

/*
 * The Wp method of Fujiwara and others (1991), with the words of the
 * discrimination tree. If no difference is found, the machine is right, or the
 * subject has at least @extra more states. Most of these are found by trying,
 * in addition, all inputs in each reached state and after each input that
 * leaves it.
 */
static bool check_states(int extra, struct word *word)
{
	int s, n;

	for (n = 0; n <= extra; n++)
		for (s = 0; s < learner_machine()->states; s++)
			if (check_all(learner_access(s), n, word))
				return true;
	return false;
}

/* xorshift: a seed gives the same words on all machines */
static unsigned int random_number(unsigned int *x, unsigned int below)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x % below;
}

/* A state, some inputs (mostly few), a word that separates the last state. */
static void make_word(unsigned int *x, struct word *word)
{
	const struct machine *m = learner_machine();
	const struct word *suffix;
	int n = 0, state;

	*word = *learner_access(random_number(x, m->states));
	do
		word_add(word, random_number(x, INPUTS));
	while (word->n < WORD_MAX / 3 && random_number(x, 4));
	state = state_after(word);
	while (learner_suffix(state, n))
		n++;
	if (!n)
		return;
	suffix = learner_suffix(state, random_number(x, n));
	word_join(word, suffix->in, suffix->n);
}

bool search_counterexample(const struct search_effort *effort, struct word *word)
{
	unsigned int x = effort->seed, i;

	if (query_refutes(learner_machine(), word) ||
	    check_states(effort->extra, word))
		return true;
	for (i = 0; i < effort->random; i++) {
		make_word(&x, word);
		if (is_wrong(word))
			return true;
	}
	return false;
}
