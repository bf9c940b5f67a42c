// SPDX-License-Identifier: GPL-2.0
#include "machine.h"

#include <stdlib.h>
#include <string.h>

int machine_run(const struct machine *m, int state, const uint8_t *in, int n,
		int *replies)
{
	int i;

	for (i = 0; i < n; i++) {
		if (replies)
			replies[i] = m->reply[state][in[i]];
		state = m->next[state][in[i]];
	}
	return state;
}

/* Minimising: partition refinement. */

static bool same_row(const struct machine *m, const int *class, int a, int b)
{
	int i;

	if (class[a] != class[b])
		return false;
	for (i = 0; i < INPUTS; i++)
		if (m->reply[a][i] != m->reply[b][i] ||
		    class[m->next[a][i]] != class[m->next[b][i]])
			return false;
	return true;
}

/* One round. Return: the number of classes. */
static int refine(const struct machine *m, int *class)
{
	int fresh[STATES_MAX];
	int s, t, n = 0;

	for (s = 0; s < m->states; s++) {
		for (t = 0; t < s && !same_row(m, class, s, t); t++)
			;
		fresh[s] = t < s ? fresh[t] : n++;
	}
	memcpy(class, fresh, m->states * sizeof(*class));
	return n;
}

/* Numbers the classes in the order of reaching them; -1: not reached. */
static int order_classes(const struct machine *m, const int *class, int *order,
			 int *member)
{
	int head, n = 0, i, c;

	for (c = 0; c < m->states; c++)
		order[c] = -1;
	member[n] = 0;
	order[class[0]] = n++;
	for (head = 0; head < n; head++)
		for (i = 0; i < INPUTS; i++) {
			int to = m->next[member[head]][i];

			if (order[class[to]] >= 0)
				continue;
			member[n] = to;
			order[class[to]] = n++;
		}
	return n;
}

void machine_minimise(struct machine *m)
{
	int class[STATES_MAX] = { 0 }, order[STATES_MAX], member[STATES_MAX];
	struct machine *small = calloc(1, sizeof(*small));
	int before, now = 1, s, i;

	do {
		before = now;
		now = refine(m, class);
	} while (now != before);
	small->states = order_classes(m, class, order, member);
	for (s = 0; s < small->states; s++)
		for (i = 0; i < INPUTS; i++) {
			small->reply[s][i] = m->reply[member[s]][i];
			small->next[s][i] = order[class[m->next[member[s]][i]]];
		}
	*m = *small;
	free(small);
}

/* Comparing: breadth-first search over pairs of states. */

struct pair {
	int a, b, from, input;
};

static void trace(const struct pair *pairs, int at, struct word *word)
{
	if (pairs[at].from < 0)
		return;
	trace(pairs, pairs[at].from, word);
	word_add(word, pairs[at].input);
}

bool machine_differ(const struct machine *a, const struct machine *b,
		    struct word *word)
{
	struct pair *pairs = calloc(STATES_MAX * STATES_MAX, sizeof(*pairs));
	bool *seen = calloc(STATES_MAX * STATES_MAX, sizeof(*seen));
	bool differ = false;
	int head, n = 0, i;

	word->n = 0;
	pairs[n++] = (struct pair){ 0, 0, -1, 0 };
	seen[0] = true;
	for (head = 0; head < n && !differ; head++)
		for (i = 0; i < INPUTS; i++) {
			int p = pairs[head].a, q = pairs[head].b;
			int to_a = a->next[p][i], to_b = b->next[q][i];

			if (a->reply[p][i] != b->reply[q][i]) {
				trace(pairs, head, word);
				word_add(word, i);
				differ = true;
				break;
			}
			if (seen[to_a * STATES_MAX + to_b])
				continue;
			seen[to_a * STATES_MAX + to_b] = true;
			pairs[n++] = (struct pair){ to_a, to_b, head, i };
		}
	free(pairs);
	free(seen);
	return differ;
}

/* Diagram: one arrow for all inputs with the same effect in a state. */

static void print_arrow(const struct machine *m, FILE *out, int s, int first)
{
	int i;

	for (i = 0; i < first; i++)
		if (m->next[s][i] == m->next[s][first] &&
		    m->reply[s][i] == m->reply[s][first])
			return;
	fprintf(out, "\ts%d -> s%d [label=\"", s, m->next[s][first]);
	for (i = first; i < INPUTS; i++)
		if (m->next[s][i] == m->next[s][first] &&
		    m->reply[s][i] == m->reply[s][first])
			fprintf(out, "%s%s", i == first ? "" : ", ", input_name(i));
	fprintf(out, " / %s\"];\n", reply_text(m->reply[s][first]));
}

void machine_dot(const struct machine *m, FILE *out, const char *title)
{
	int s, i;

	fputs("// SPDX" "-License-Identifier: GPL-2.0\n", out);
	fprintf(out, "digraph learned {\n\tlabel=\"%s\"; labelloc=t;\n", title);
	fputs("\tnode [shape=box, style=rounded];\n", out);
	for (s = 0; s < m->states; s++)
		fprintf(out, "\ts%d [label=\"%d\"];\n", s, s);
	for (s = 0; s < m->states; s++)
		for (i = 0; i < INPUTS; i++)
			print_arrow(m, out, s, i);
	fputs("}\n", out);
}
