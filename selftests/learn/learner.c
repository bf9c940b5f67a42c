// SPDX-License-Identifier: GPL-2.0
#include "learner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX	(2 * STATES_MAX)
#define BRANCHES_MAX	STATES_MAX

/**
 * struct node - node of the discrimination tree
 * @state: of a leaf; -1 for an inner node
 * @parent: -1 for the root
 * @suffix: the query of an inner node
 * @reply: the reply to it, in the parent, that leads here
 */
struct node {
	int state;
	int parent;
	struct word suffix;
	int reply[WORD_MAX];
};

static struct node tree[NODES_MAX];
static int nodes;
static struct machine machine;
static struct word accesses[STATES_MAX];
static int leaf_of[STATES_MAX];

/* Replies to the last inputs of a word */
static void ask(const struct word *begin, const uint8_t *in, int n, int *replies)
{
	struct word word = *begin;
	int all[WORD_MAX];

	word_join(&word, in, n);
	query(&word, all);
	memcpy(replies, all + begin->n, n * sizeof(*replies));
}

static int new_leaf(int parent, const int *reply, int len, int state)
{
	struct node *leaf = &tree[nodes];

	if (nodes == NODES_MAX) {
		fprintf(stderr, "more than %d states\n", STATES_MAX);
		exit(2);
	}
	leaf->state = state;
	leaf->parent = parent;
	memcpy(leaf->reply, reply, len * sizeof(*reply));
	leaf_of[state] = nodes;
	return nodes++;
}

static int new_state(const struct word *access)
{
	if (machine.states == STATES_MAX) {
		fprintf(stderr, "more than %d states\n", STATES_MAX);
		exit(2);
	}
	accesses[machine.states] = *access;
	return machine.states++;
}

static int child_of(int parent, const int *reply)
{
	int i;

	for (i = 0; i < nodes; i++)
		if (tree[i].parent == parent &&
		    !memcmp(tree[i].reply, reply,
			    tree[parent].suffix.n * sizeof(*reply)))
			return i;
	return -1;
}

/* The state reached by a word; a new one if its replies match no leaf. */
static int sift(const struct word *word)
{
	int replies[WORD_MAX], at = 0, next;

	while (tree[at].state < 0) {
		const struct word *suffix = &tree[at].suffix;

		ask(word, suffix->in, suffix->n, replies);
		next = child_of(at, replies);
		if (next < 0)
			next = new_leaf(at, replies, suffix->n, new_state(word));
		at = next;
	}
	return tree[at].state;
}

/* Fills in all transitions, also of states found meanwhile. */
static void close_machine(void)
{
	struct word word;
	int s, i;

	for (s = 0; s < machine.states; s++)
		for (i = 0; i < INPUTS; i++) {
			uint8_t in = i;

			ask(&accesses[s], &in, 1, &machine.reply[s][i]);
			word = accesses[s];
			word_add(&word, i);
			machine.next[s][i] = sift(&word);
		}
}

void learner_start(void)
{
	struct word nothing = { 0 };

	memset(&machine, 0, sizeof(machine));
	nodes = 0;
	new_leaf(-1, NULL, 0, new_state(&nothing));
	close_machine();
}

const struct machine *learner_machine(void)
{
	return &machine;
}

const struct word *learner_access(int state)
{
	return &accesses[state];
}

const struct word *learner_suffix(int state, int n)
{
	int at = tree[leaf_of[state]].parent;

	while (at >= 0 && n--)
		at = tree[at].parent;
	return at < 0 ? NULL : &tree[at].suffix;
}

/* Do the replies after the first @i inputs match those of the state reached? */
static bool agrees_from(const struct word *word, int i)
{
	int state = machine_run(&machine, 0, word->in, i, NULL);
	int real[WORD_MAX], ours[WORD_MAX];

	ask(&accesses[state], word->in + i, word->n - i, real);
	machine_run(&machine, state, word->in + i, word->n - i, ours);
	return !memcmp(real, ours, (word->n - i) * sizeof(*real));
}

/* Replaces a leaf by an inner node: its query separates two states. */
static void split(int state, const struct word *access, const uint8_t *in, int n)
{
	int replies[WORD_MAX], at = leaf_of[state];

	tree[at].state = -1;
	tree[at].suffix.n = 0;
	word_join(&tree[at].suffix, in, n);
	ask(&accesses[state], in, n, replies);
	new_leaf(at, replies, n, state);
	ask(access, in, n, replies);
	new_leaf(at, replies, n, new_state(access));
}

/*
 * Binary search for the step where hypothesis and subject diverge: before it,
 * the replies to the rest of the word differ; after it, they match.
 */
void learner_counterexample(const struct word *word)
{
	int low = 0, high = word->n;
	struct word access;
	int before, after;

	while (high - low > 1) {
		int middle = (low + high) / 2;

		if (agrees_from(word, middle))
			high = middle;
		else
			low = middle;
	}
	before = machine_run(&machine, 0, word->in, low, NULL);
	after = machine.next[before][word->in[low]];
	access = accesses[before];
	word_add(&access, word->in[low]);
	split(after, &access, word->in + high, word->n - high);
	close_machine();
}
