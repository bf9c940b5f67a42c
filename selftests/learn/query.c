// SPDX-License-Identifier: GPL-2.0
#include "query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All words asked so far, as a tree; child 0 (the root) means none. */
struct node {
	int child[INPUTS];
	int reply[INPUTS];
};

static struct node *nodes;
static int used, room;
static struct subject subject;
static struct query_counts counts;

static int new_node(void)
{
	if (used == room) {
		room = room ? 2 * room : 1024;
		nodes = realloc(nodes, room * sizeof(*nodes));
		if (!nodes) {
			fprintf(stderr, "no memory for %d inputs\n", room);
			exit(2);
		}
	}
	memset(&nodes[used], 0, sizeof(*nodes));
	return used++;
}

void query_start(const struct subject *which)
{
	subject = *which;
	used = 0;
	new_node();
	memset(&counts, 0, sizeof(counts));
}

struct query_counts query_counts(void)
{
	return counts;
}

/* Return: the number of inputs of the word with known replies. */
static int look_up(const struct word *word, int *replies)
{
	int at = 0, i, next;

	for (i = 0; i < word->n; i++) {
		next = nodes[at].child[word->in[i]];
		if (!next)
			break;
		replies[i] = nodes[at].reply[word->in[i]];
		at = next;
	}
	return i;
}

static void contradiction(const struct word *word, int at, int before, int now)
{
	struct word part = *word;

	part.n = at + 1;
	printf("Bail out! not deterministic: ");
	word_print(&part);
	printf(": first \"%s\", then \"%s\"\n", reply_text(before), reply_text(now));
	exit(3);
}

static void remember(const struct word *word, const int *replies)
{
	int at = 0, i, in, next;

	for (i = 0; i < word->n; i++) {
		in = word->in[i];
		next = nodes[at].child[in];
		if (next) {
			if (nodes[at].reply[in] != replies[i])
				contradiction(word, i, nodes[at].reply[in], replies[i]);
		} else {
			next = new_node();
			nodes[at].child[in] = next;
			nodes[at].reply[in] = replies[i];
		}
		at = next;
	}
}

void query(const struct word *word, int *replies)
{
	int i;

	if (look_up(word, replies) == word->n) {
		counts.known++;
		return;
	}
	subject.reset();
	for (i = 0; i < word->n; i++)
		replies[i] = subject.step(word->in[i]);
	remember(word, replies);
	counts.words++;
	counts.steps += word->n;
}

static bool refutes(const struct machine *m, int node, int state, struct word *word)
{
	int i;

	for (i = 0; i < INPUTS; i++) {
		if (!nodes[node].child[i])
			continue;
		word_add(word, i);
		if (nodes[node].reply[i] != m->reply[state][i] ||
		    refutes(m, nodes[node].child[i], m->next[state][i], word))
			return true;
		word->n--;
	}
	return false;
}

bool query_refutes(const struct machine *m, struct word *word)
{
	word->n = 0;
	return refutes(m, 0, 0, word);
}
