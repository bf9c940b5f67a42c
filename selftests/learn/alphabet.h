/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be done to a TCP, and what it answers: the abstract inputs and
 * outputs of the machine that is learned.
 */
#ifndef XTCP_LEARN_ALPHABET_H
#define XTCP_LEARN_ALPHABET_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The user has one socket, bound to a port. What the peer sends has the numbers
 * of the connection as it stands, and acknowledges all that it has seen, unless
 * this says otherwise.
 */
enum input {
	IN_LISTEN,
	IN_CONNECT,
	IN_ACCEPT,		/* and the listener is closed, if that gave one */
	IN_SHUTDOWN,		/* of the sending side */
	IN_CLOSE,
	IN_ABORT,		/* close() with SO_LINGER of 0 seconds */
	IN_SYN,			/* of a new connection: its number is ahead */
	IN_SYN_AGAIN,		/* the SYN that was answered last */
	IN_SYN_ACK,
	IN_ACK,
	IN_FIN,
	IN_FIN_CROSSING,	/* sent before our FIN was seen */
	IN_DATA,		/* an octet, sent before our FIN was seen */
	IN_RST,
	IN_TIME,		/* more than half of 2MSL goes by */
	INPUTS
};

#define INPUT_CALLS	IN_SYN		/* what is before is a call */
#define NOT_CALLED	1

/**
 * struct reply - what an input leads to
 * @call: 0, the call's negative errno, or NOT_CALLED where the user has nothing to
 *	call on, or it is no call
 * @segments: what was sent, in order
 * @up: the user is told: connected, or there is something to accept
 * @error: what SO_ERROR gives
 * @data: something could be read
 * @eof: the end could be read, for the first time
 */
struct reply {
	int call;
	char segments[64];
	bool up;
	int error;
	bool data;
	bool eof;
};

const char *input_name(int input);

void reply_clear(struct reply *r);
void reply_segment(struct reply *r, const char *segment);
/* a number for it: equal replies have equal numbers */
int reply_number(const struct reply *r, enum input input);
const char *reply_text(int number);

/* A sequence of inputs. */
#define WORD_MAX	64

struct word {
	int n;
	uint8_t in[WORD_MAX];
};

void word_add(struct word *w, int input);
void word_join(struct word *w, const uint8_t *in, int n);
void word_print(const struct word *w);

#endif
