// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine as a diagram (graphviz) and as a table (reStructuredText),
 * from the rows of core/fsm_table.h. See scripts/fsm2dot.
 */
#include <stdio.h>

#include "fsm.h"

/* The names of RFC 9293 3.3.2, and an optional second line. */
static const char *const state_words[XTCP_STATES][2] = {
	[XTCP_CLOSED]		= { "CLOSED", "" },
	[XTCP_LISTEN]		= { "LISTEN", "" },
	[XTCP_SYN_SENT]		= { "SYN-SENT", "" },
	[XTCP_SYN_RCVD]		= { "SYN-RECEIVED", "simultaneous or fast open" },
	[XTCP_SYN_RCVD_PASSIVE]	= { "SYN-RECEIVED", "at a listener" },
	[XTCP_ESTABLISHED]	= { "ESTABLISHED", "" },
	[XTCP_FIN_WAIT_1]	= { "FIN-WAIT-1", "" },
	[XTCP_FIN_WAIT_2]	= { "FIN-WAIT-2", "" },
	[XTCP_CLOSING]		= { "CLOSING", "" },
	[XTCP_CLOSE_WAIT]	= { "CLOSE-WAIT", "" },
	[XTCP_LAST_ACK]		= { "LAST-ACK", "" },
	[XTCP_TIME_WAIT]	= { "TIME-WAIT", "" },
};

/* Events with the names of figure 5. */
static const char *const event_words[XTCP_EVENTS] = {
	[XTCP_EV_PASSIVE_OPEN]		= "passive OPEN",
	[XTCP_EV_ACTIVE_OPEN]		= "active OPEN",
	[XTCP_EV_CLOSE]			= "CLOSE",
	[XTCP_EV_ABORT]			= "ABORT",
	[XTCP_EV_RCV_SYN]		= "rcv SYN",
	[XTCP_EV_RCV_SYN_COOKIE]	= "rcv SYN with cookie",
	[XTCP_EV_RCV_SYN_ACK]		= "rcv SYN,ACK",
	[XTCP_EV_RCV_ACK_OF_SYN]	= "rcv ACK of SYN",
	[XTCP_EV_RCV_FIN]		= "rcv FIN",
	[XTCP_EV_RCV_ACK_OF_FIN]	= "rcv ACK of FIN",
	[XTCP_EV_RCV_RST]		= "rcv RST",
	[XTCP_EV_TIMEOUT]		= "timeout",
	[XTCP_EV_2MSL]			= "2MSL is over",
};

/* Rows of boxes as in figure 5, from the top; -1 ends one. */
static const int ranks[][4] = {
	{ XTCP_LISTEN, -1 },
	{ XTCP_SYN_RCVD_PASSIVE, XTCP_SYN_RCVD, XTCP_SYN_SENT, -1 },
	{ XTCP_ESTABLISHED, -1 },
	{ XTCP_FIN_WAIT_1, XTCP_CLOSE_WAIT, -1 },
	{ XTCP_FIN_WAIT_2, XTCP_CLOSING, XTCP_LAST_ACK, -1 },
};

static const char *error_name(u8 error)
{
	switch (error) {
	case 0:
		return "";
	case ECONNREFUSED:
		return "ECONNREFUSED";
	case ECONNRESET:
		return "ECONNRESET";
	case ETIMEDOUT:
		return "ETIMEDOUT";
	case EPIPE:
		return "EPIPE";
	default:
		return "another error";
	}
}

static void print_actions(u16 actions, const char *between)
{
	bool first = true;
	u32 bit;

	for (bit = 1; bit <= XTCP_ACT_DELETE; bit <<= 1) {
		if (!(actions & bit))
			continue;
		printf("%s%s", first ? "" : between, xtcp_action_name(bit));
		first = false;
	}
}

/* A transition to CLOSED that is not in figure 5, but in a list below it. */
static bool is_abnormal(const struct xtcp_row *row)
{
	return row->next == XTCP_CLOSED &&
	       (row->event == XTCP_EV_ABORT || row->event == XTCP_EV_RCV_RST ||
		row->event == XTCP_EV_TIMEOUT);
}

/* CLOSED is drawn twice: as start above LISTEN, as end below TIME-WAIT. */
static const char *node(const struct xtcp_row *row, u8 state, char *buf)
{
	bool early = row->state == XTCP_CLOSED || row->state == XTCP_LISTEN ||
		     row->state == XTCP_SYN_SENT ||
		     row->state == XTCP_SYN_RCVD_PASSIVE;

	if (state == XTCP_CLOSED)
		return early ? "begin" : "end";
	sprintf(buf, "s%u", state);
	return buf;
}

/* Rows with the same states and actions share one arrow. */
static bool same_arrow(const struct xtcp_row *a, const struct xtcp_row *b)
{
	return a->state == b->state && a->next == b->next &&
	       a->actions == b->actions && is_abnormal(a) == is_abnormal(b);
}

static void print_arrow(u32 first)
{
	const struct xtcp_row *row = &xtcp_fsm[first];
	char from[16], to[16];
	u32 i;

	for (i = 0; i < first; i++)
		if (same_arrow(&xtcp_fsm[i], row))
			return;
	printf("\t%s%s -> %s%s [label=\"", node(row, row->state, from),
	       row->state == row->next ? ":w" : "", node(row, row->next, to),
	       row->state == row->next ? ":w" : "");
	for (i = first; i < xtcp_fsm_rows; i++)
		if (same_arrow(&xtcp_fsm[i], row))
			printf("%s%s", i == first ? " " : ", ",
			       event_words[xtcp_fsm[i].event]);
	printf(" \\n ");
	print_actions(row->actions & ~XTCP_ACT_DELETE, ", ");
	printf(" \"];\n");
}

static bool same_end(const struct xtcp_row *a, const struct xtcp_row *b)
{
	return is_abnormal(a) && is_abnormal(b) && a->event == b->event &&
	       a->error == b->error && a->actions == b->actions;
}

static void print_end(u32 first)
{
	const struct xtcp_row *row = &xtcp_fsm[first];
	u32 i, n = 0;

	for (i = 0; i < first; i++)
		if (same_end(&xtcp_fsm[i], row))
			return;
	printf("\t\t<tr><td align=\"left\">%s</td><td align=\"left\">",
	       event_words[row->event]);
	for (i = first; i < xtcp_fsm_rows; i++) {
		if (!same_end(&xtcp_fsm[i], row))
			continue;
		if (n)
			printf(n % 4 ? ", " : ",<br align=\"left\"/>");
		printf("%s", state_words[xtcp_fsm[i].state][0]);
		n++;
	}
	printf("<br align=\"left\"/></td><td align=\"left\">");
	print_actions(row->actions & ~XTCP_ACT_DELETE, ", ");
	printf("</td><td align=\"left\">%s</td></tr>\n",
	       error_name(row->error));
}

static void print_box(const char *name, u8 state)
{
	printf("\t%s [label=\"%s", name, state_words[state][0]);
	if (state_words[state][1][0])
		printf("\\n%s", state_words[state][1]);
	printf("\"];\n");
}

static void print_dot(void)
{
	char name[16];
	u32 i, k;

	puts("// SPDX" "-License-Identifier: GPL-2.0");
	puts("// Generated by scripts/fsm2dot from module/core/fsm_table.h.");
	puts("digraph xtcp {");
	puts("\tlabel=\"The state machine of XTCP, as RFC 9293 figure 5\";");
	puts("\tlabelloc=t; fontname=\"Helvetica\"; fontsize=16;");
	puts("\tnodesep=0.9; ranksep=0.7;");
	puts("\tnode [shape=box, style=rounded, width=1.6];");
	puts("\tnode [fontname=\"Helvetica\", fontsize=13];");
	puts("\tedge [fontname=\"Helvetica\", fontsize=10];\n");

	print_box("begin", XTCP_CLOSED);
	for (i = 0; i < ARRAY_SIZE(ranks); i++) {
		for (k = 0; ranks[i][k] >= 0; k++) {
			sprintf(name, "s%d", ranks[i][k]);
			print_box(name, ranks[i][k]);
		}
	}
	sprintf(name, "s%d", XTCP_TIME_WAIT);
	print_box(name, XTCP_TIME_WAIT);
	print_box("end", XTCP_CLOSED);

	printf("\n");
	for (i = 0; i < ARRAY_SIZE(ranks); i++) {
		/* an invisible edge keeps this order */
		printf("\t{ rank=same; s%d", ranks[i][0]);
		for (k = 1; ranks[i][k] >= 0; k++)
			printf(" -> s%d", ranks[i][k]);
		printf("%s; }\n", k > 1 ? " [style=invis]" : "");
	}
	printf("\t{ rank=same; s%d; end; }\n", XTCP_TIME_WAIT);

	printf("\n");
	for (i = 0; i < xtcp_fsm_rows; i++)
		if (!is_abnormal(&xtcp_fsm[i]))
			print_arrow(i);

	puts("\n\tends [shape=plain, style=\"\", label=<");
	puts("\t\t<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">");
	puts("\t\t<tr><td colspan=\"4\">");
	puts("\t\t<b>Abnormal ends: from each of these states to CLOSED</b></td></tr>");
	puts("\t\t<tr><td><b>event</b></td><td><b>states</b></td>");
	puts("\t\t<td><b>action</b></td><td><b>error</b></td></tr>");
	for (i = 0; i < xtcp_fsm_rows; i++)
		if (is_abnormal(&xtcp_fsm[i]))
			print_end(i);
	puts("\t\t</table>>];");
	puts("\tend -> ends [style=invis];");
	puts("}");
}

static void print_state(u8 state)
{
	printf("%s", state_words[state][0]);
	if (state_words[state][1][0])
		printf(" (%s)", state_words[state][1]);
}

static void print_rst(void)
{
	u32 i;

	puts(".. SPDX" "-License-Identifier: GPL-2.0");
	puts(".. Generated by scripts/fsm2dot from module/core/fsm_table.h.\n");
	puts("===============\nThe state table\n===============\n");
	printf("Each state transition of a connection is one of these %u rows.\n",
	       xtcp_fsm_rows);
	puts("An event without a row in the present state is a bug (``StateNoRow``).");
	puts("Sections are those of RFC 9293 unless an RFC is named. ``delete");
	puts("TCB`` stops the timers and empties the queues.\n");
	puts(".. figure:: state-diagram.svg");
	puts("   :alt: The states and the transitions between them\n");
	puts(".. list-table::\n   :header-rows: 1\n");
	puts("   * - State\n     - Event\n     - Next state");
	puts("     - Actions\n     - Error\n     - Section");
	for (i = 0; i < xtcp_fsm_rows; i++) {
		const struct xtcp_row *row = &xtcp_fsm[i];

		printf("   * - ");
		print_state(row->state);
		printf("\n     - %s\n     - ", event_words[row->event]);
		print_state(row->next);
		printf("\n     -%s", row->actions ? " " : "");
		print_actions(row->actions, ", ");
		printf("\n     -%s%s\n     - %s\n", row->error ? " " : "",
		       error_name(row->error), row->section);
	}
	puts("\n``/proc/net/xtcp`` and tools use the kernel's numbers and names of");
	puts("states:\n");
	puts(".. list-table::\n   :header-rows: 1\n");
	puts("   * - Number\n     - Kernel's name\n     - State");
	for (i = XTCP_ESTABLISHED; i < XTCP_STATES; i++) {
		printf("   * - %u\n     - TCP_%s\n     - ", i,
		       xtcp_state_name(i));
		print_state(i);
		printf("\n");
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "dot"))
		print_dot();
	else if (argc == 2 && !strcmp(argv[1], "rst"))
		print_rst();
	else
		return 2;
	return 0;
}
