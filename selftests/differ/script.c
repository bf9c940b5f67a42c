// SPDX-License-Identifier: GPL-2.0
/* Text form of steps, and lists of steps. */
#include "script.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifndef TCP_NOTSENT_LOWAT
#define TCP_NOTSENT_LOWAT 25
#endif

const struct option options[] = {
	{ "nodelay", SOL_TCP, TCP_NODELAY },
	{ "cork", SOL_TCP, TCP_CORK },
	{ "keepalive", SOL_SOCKET, SO_KEEPALIVE },
	{ "keepidle", SOL_TCP, TCP_KEEPIDLE },
	{ "keepintvl", SOL_TCP, TCP_KEEPINTVL },
	{ "keepcnt", SOL_TCP, TCP_KEEPCNT },
	{ "user_timeout", SOL_TCP, TCP_USER_TIMEOUT },
	{ "linger", SOL_SOCKET, SO_LINGER },
	{ "rcvbuf", SOL_SOCKET, SO_RCVBUF },
	{ "sndbuf", SOL_SOCKET, SO_SNDBUF },
	{ "maxseg", SOL_TCP, TCP_MAXSEG },
	{ "syncnt", SOL_TCP, TCP_SYNCNT },
	{ "defer_accept", SOL_TCP, TCP_DEFER_ACCEPT },
	{ "linger2", SOL_TCP, TCP_LINGER2 },
	{ "quickack", SOL_TCP, TCP_QUICKACK },
	{ "oobinline", SOL_SOCKET, SO_OOBINLINE },
	{ "rcvlowat", SOL_SOCKET, SO_RCVLOWAT },
	{ "notsent_lowat", SOL_TCP, TCP_NOTSENT_LOWAT },
	{ "reuseaddr", SOL_SOCKET, SO_REUSEADDR },
	{ "error", SOL_SOCKET, SO_ERROR },
	{ "acceptconn", SOL_SOCKET, SO_ACCEPTCONN },
	{ "window_clamp", SOL_TCP, TCP_WINDOW_CLAMP },
};

const int noptions = ARRAY_SIZE(options);

static const char *const op_names[] = {
	"socket", "bind", "listen", "connect", "accept", "send", "recv",
	"shutdown", "close", "set", "get", "segment", "icmp", "again", "wait", NULL,
};

static const char *const place_names[] = {
	"", "isn", "snd", "una", "rcv", "iss", NULL,
};

static const char *const icmp_names[] = {
	"net", "host", "proto", "port", "toobig", "ttl", "param", "admin",
	"quench", "srcfail", NULL,
};

static const char *const shutdown_names[] = { "rd", "wr", "rdwr", NULL };
static const char *const how_letters = "opmt";
static const char *const flag_letters = "FSRP.UEW";

enum kind {
	K_INT, K_WHAT, K_HOW, K_FLAGS, K_PLACE,
};

/* The fields of a step, apart from its op. */
static const struct field {
	const char *name;
	enum kind kind;
	size_t at, at_place;
	int usual;
} fields[] = {
#define F(name, kind, usual) \
	{ #name, kind, offsetof(struct step, name), 0, usual }
#define PLACE(name) \
	{ #name, K_PLACE, offsetof(struct step, name), \
	  offsetof(struct step, name##_at), 0 }
	F(slot, K_INT, -1), F(to, K_INT, 0), F(flow, K_INT, 0),
	F(what, K_WHAT, -1), F(n, K_INT, 0), F(how, K_HOW, 0),
	F(flags, K_FLAGS, 0), PLACE(seq), PLACE(ack), F(win, K_INT, 65535),
	F(urg, K_INT, 0), F(mss, K_INT, 0), F(wscale, K_INT, -1),
	F(sackok, K_INT, 0), F(ts, K_INT, 0), F(left, K_INT, 0),
	F(right, K_INT, 0),
#undef F
#undef PLACE
};

#define NFIELDS	((int)ARRAY_SIZE(fields))

static int *value_of(struct step *s, size_t at)
{
	return (int *)((char *)s + at);
}

/* A step with default values. */
struct step step_new(enum op op)
{
	struct step s = { .op = op };

	for (int i = 0; i < NFIELDS; i++)
		*value_of(&s, fields[i].at) = fields[i].usual;
	return s;
}

/* The name of a value of "what" in this step; NULL: it has none. */
static const char *what_name(int op, int what)
{
	if (op == OP_SET || op == OP_GET)
		return what < noptions ? options[what].name : NULL;
	if (op == OP_ICMP)
		return icmp_names[what];
	if (op == OP_SHUTDOWN)
		return shutdown_names[what];
	return NULL;
}

static int find_name(const char *const *names, const char *s)
{
	for (int i = 0; names[i]; i++)
		if (!strcmp(names[i], s))
			return i;
	return -1;
}

static int find_what(int op, const char *s)
{
	if (op == OP_ICMP)
		return find_name(icmp_names, s);
	if (op == OP_SHUTDOWN)
		return find_name(shutdown_names, s);
	for (int i = 0; i < noptions; i++)
		if (!strcmp(options[i].name, s))
			return i;
	return -1;
}

static void print_letters(char *to, const char *letters, int bits)
{
	for (int i = 0; letters[i]; i++)
		if (bits & 1 << i)
			*to++ = letters[i];
	if (!bits)
		*to++ = '-';
	*to = 0;
}

static void print_field(const struct step *s, const struct field *f, char *to,
			size_t size)
{
	int v = *value_of((struct step *)s, f->at), at;
	char letters[10];

	*to = 0;
	switch (f->kind) {
	case K_PLACE:
		at = *value_of((struct step *)s, f->at_place);
		if (at == P_NONE)
			return;
		if (v)
			snprintf(to, size, " %s=%s%+d", f->name, place_names[at], v);
		else
			snprintf(to, size, " %s=%s", f->name, place_names[at]);
		return;
	case K_WHAT:
		if (v >= 0)
			snprintf(to, size, " %s=%s", f->name, what_name(s->op, v));
		return;
	case K_HOW:
	case K_FLAGS:
		if (!v && !(f->kind == K_FLAGS && s->op == OP_SEGMENT))
			return;
		print_letters(letters, f->kind == K_HOW ? how_letters : flag_letters, v);
		snprintf(to, size, " %s=%s", f->name, letters);
		return;
	case K_INT:
		if (v != f->usual)
			snprintf(to, size, " %s=%d", f->name, v);
		return;
	}
}

void step_print(const struct step *s, char *buf, size_t size)
{
	char part[64];
	size_t n;

	n = snprintf(buf, size, "%s", op_names[s->op]);
	for (int i = 0; i < NFIELDS; i++) {
		print_field(s, &fields[i], part, sizeof(part));
		n += snprintf(buf + n, n < size ? size - n : 0, "%s", part);
	}
}

static int parse_letters(const char *letters, const char *s, int *bits)
{
	*bits = 0;
	for (; *s; s++) {
		const char *p = strchr(letters, *s);

		if (p)
			*bits |= 1 << (p - letters);
		else if (*s != '-')
			return -1;
	}
	return 0;
}

static int parse_place(const char *s, int *at, int *offset)
{
	for (int i = 1; i < PLACES; i++)
		if (!strncmp(s, place_names[i], 3)) {
			*at = i;
			*offset = atoi(s + 3);
			return 0;
		}
	return -1;
}

static int parse_field(struct step *s, const char *name, const char *value)
{
	for (int i = 0; i < NFIELDS; i++) {
		const struct field *f = &fields[i];
		int *v = value_of(s, f->at);

		if (strcmp(f->name, name))
			continue;
		switch (f->kind) {
		case K_PLACE:
			return parse_place(value, value_of(s, f->at_place), v);
		case K_WHAT:
			*v = find_what(s->op, value);
			return *v < 0 ? -1 : 0;
		case K_HOW:
			return parse_letters(how_letters, value, v);
		case K_FLAGS:
			return parse_letters(flag_letters, value, v);
		case K_INT:
			*v = atoi(value);
			return 0;
		}
	}
	return -1;
}

static bool is_index(int v, int size)
{
	return v >= 0 && v < size;
}

static bool needs_slot(int op)
{
	return op != OP_SEGMENT && op != OP_ICMP && op != OP_AGAIN && op != OP_WAIT;
}

static bool needs_what(int op)
{
	return op == OP_SHUTDOWN || op == OP_SET || op == OP_GET || op == OP_ICMP;
}

/* The executor uses the fields as indices, without a check. */
static const char *step_check(const struct step *s)
{
	if (needs_slot(s->op) && s->slot == -1)
		return "slot is missing";
	if (s->slot != -1 && !is_index(s->slot, SLOTS))
		return "slot is out of range";
	if (!is_index(s->to, SLOTS))
		return "to is out of range";
	if (!is_index(s->flow, FLOWS))
		return "flow is out of range";
	if (needs_what(s->op) && s->what < 0)
		return "what is missing";
	if (!needs_what(s->op) && s->what >= 0)
		return "a step of this kind has no what";
	return NULL;
}

const char *step_parse(const char *line, struct step *s)
{
	char text[300], *word, *value, *state;
	int op;

	snprintf(text, sizeof(text), "%s", line);
	word = strtok_r(text, " \t\n", &state);
	op = word ? find_name(op_names, word) : -1;
	if (op < 0)
		return "unknown step";
	*s = step_new(op);
	while ((word = strtok_r(NULL, " \t\n", &state))) {
		value = strchr(word, '=');
		if (!value)
			return "a field is NAME=VALUE";
		*value++ = 0;
		if (parse_field(s, word, value))
			return "unknown field or value";
	}
	return step_check(s);
}

void script_print(const struct script *sc, const char *indent)
{
	char text[300];

	printf("%s%s\n", indent, sc->v6 ? "ipv6" : "ipv4");
	for (int i = 0; i < sc->nsteps; i++) {
		step_print(&sc->step[i], text, sizeof(text));
		printf("%s%s\n", indent, text);
	}
}

/* Lines that begin with "#" are ignored, so that TAP output can be read back. */
int script_read(FILE *in, struct script *sc)
{
	const char *wrong;
	char line[300];
	struct step s;

	memset(sc, 0, sizeof(*sc));
	while (fgets(line, sizeof(line), in)) {
		char *p = line + strspn(line, " \t");

		if (*p == '#' || *p == '\n' || !*p)
			continue;
		if (!strncmp(p, "ipv", 3)) {
			sc->v6 = p[3] == '6';
			continue;
		}
		wrong = step_parse(p, &s);
		if (!wrong && !script_add(sc, s))
			wrong = "too many steps";
		if (wrong) {
			fprintf(stderr, "differ: %s: %s", wrong, p);
			return -1;
		}
	}
	return 0;
}

bool script_add(struct script *sc, struct step s)
{
	if (sc->nsteps == MAX_STEPS)
		return false;
	sc->step[sc->nsteps++] = s;
	return true;
}

void script_remove(struct script *sc, int at, int n)
{
	memmove(&sc->step[at], &sc->step[at + n],
		(sc->nsteps - at - n) * sizeof(sc->step[0]));
	sc->nsteps -= n;
}
