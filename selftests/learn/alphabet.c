// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "alphabet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[INPUTS] = {
	[IN_LISTEN]		= "LISTEN",
	[IN_CONNECT]		= "CONNECT",
	[IN_ACCEPT]		= "ACCEPT",
	[IN_SHUTDOWN]		= "SHUTDOWN",
	[IN_CLOSE]		= "CLOSE",
	[IN_ABORT]		= "ABORT",
	[IN_SYN]		= "SYN",
	[IN_SYN_AGAIN]		= "SYN_AGAIN",
	[IN_SYN_ACK]		= "SYN_ACK",
	[IN_ACK]		= "ACK",
	[IN_FIN]		= "FIN",
	[IN_FIN_CROSSING]	= "FIN_CROSSING",
	[IN_DATA]		= "DATA",
	[IN_RST]		= "RST",
	[IN_TIME]		= "TIME",
};

const char *input_name(int input)
{
	return names[input];
}

/* Replies */

#define REPLIES_MAX	256

static char *texts[REPLIES_MAX];
static int ntexts;

void reply_clear(struct reply *r)
{
	memset(r, 0, sizeof(*r));
	r->call = NOT_CALLED;
}

static void add(char *text, size_t size, const char *what)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n, "%s%s", n ? " " : "", what);
}

void reply_segment(struct reply *r, const char *segment)
{
	add(r->segments, sizeof(r->segments), segment);
}

static int number_of(const char *text)
{
	int i;

	for (i = 0; i < ntexts; i++)
		if (!strcmp(texts[i], text))
			return i;
	if (ntexts == REPLIES_MAX) {
		fprintf(stderr, "more than %d replies: \"%s\"\n", REPLIES_MAX, text);
		exit(2);
	}
	texts[ntexts] = strdup(text);
	return ntexts++;
}

int reply_number(const struct reply *r, enum input input)
{
	char text[160] = "";

	if (r->call < 0)
		add(text, sizeof(text), strerrorname_np(-r->call));
	else if (!r->call)
		add(text, sizeof(text), "ok");
	else if (input < INPUT_CALLS)
		add(text, sizeof(text), "no");
	if (r->segments[0])
		add(text, sizeof(text), r->segments);
	if (r->up)
		add(text, sizeof(text), "up");
	if (r->error)
		add(text, sizeof(text), strerrorname_np(r->error));
	if (r->data)
		add(text, sizeof(text), "data");
	if (r->eof)
		add(text, sizeof(text), "eof");
	return number_of(text[0] ? text : "-");
}

const char *reply_text(int number)
{
	return texts[number];
}

/* Words */

void word_add(struct word *w, int input)
{
	if (w->n == WORD_MAX) {
		fprintf(stderr, "a word of more than %d inputs\n", WORD_MAX);
		exit(2);
	}
	w->in[w->n++] = input;
}

void word_join(struct word *w, const uint8_t *in, int n)
{
	while (n--)
		word_add(w, *in++);
}

void word_print(const struct word *w)
{
	int i;

	for (i = 0; i < w->n; i++)
		printf("%s%s", i ? " " : "", names[w->in[i]]);
	if (!w->n)
		printf("(nothing)");
}
