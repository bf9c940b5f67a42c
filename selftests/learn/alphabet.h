/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inputs of the learned machine (calls, segments, time), the replies to
 * them, and words: sequences of inputs.
 */
#ifndef XTCP_LEARN_ALPHABET_H
#define XTCP_LEARN_ALPHABET_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The user has one socket, bound to a port. Segments of the peer have the
 * numbers of the current connection and acknowledge all received data, unless
 * stated otherwise.
 */
enum input {
	IN_LISTEN,
	IN_CONNECT,
	IN_ACCEPT,		/* if it succeeds, the listener is closed */
	IN_SHUTDOWN,		/* of the sending side */
	IN_CLOSE,
	IN_ABORT,		/* close() with SO_LINGER of 0 seconds */
	IN_SYN,			/* of a new connection, with a higher ISN */
	IN_SYN_AGAIN,		/* retransmission of the last answered SYN */
	IN_SYN_ACK,
	IN_ACK,
	IN_FIN,
	IN_FIN_CROSSING,	/* sent before our FIN was seen */
	IN_DATA,		/* one octet, sent before our FIN was seen */
	IN_RST,
	IN_TIME,		/* more than half of 2MSL passes */
	INPUTS
};

#define INPUT_CALLS	IN_SYN		/* the inputs before it are calls */
#define NOT_CALLED	1

/**
 * struct reply - the reply to an input
 * @call: 0, the call's negative errno, or NOT_CALLED if there is no suitable
 *	socket, or the input is not a call
 * @segments: segments sent, in order
 * @up: connect() has succeeded, or accept() would succeed
 * @error: value of SO_ERROR
 * @data: data could be read
 * @eof: end of file was read, for the first time
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
/* the number of a reply: equal replies have equal numbers */
int reply_number(const struct reply *r, enum input input);
const char *reply_text(int number);

/* A word: a sequence of inputs. */
#define WORD_MAX	64

struct word {
	int n;
	uint8_t in[WORD_MAX];
};

void word_add(struct word *w, int input);
void word_join(struct word *w, const uint8_t *in, int n);
void word_print(const struct word *w);

#endif
