// SPDX-License-Identifier: GPL-2.0
/*
 * Each run has a process of its own: a crash, a warning of the module and an
 * endless loop are failures like any other, and can be shrunk.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "run.h"
#include "shrink.h"

/* A run takes below a second; 20 times that with sanitizers. */
#define RUN_SECONDS	120

/* Runs until shrinking gives up. */
#define TRIES		400

static void run_child(const struct scenario *s, int to)
{
	struct report r;
	int failed;

	alarm(RUN_SECONDS);
	failed = run_scenario(s, &r, false);
	if (failed && write(to, check_why, strlen(check_why)) < 0)
		perror("sim");
	_exit(!!failed);
}

static void describe(int status, char *why, size_t size)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(why, size, "takes more than %d s", RUN_SECONDS);
	else if (WIFSIGNALED(status))
		snprintf(why, size, "ends by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (!*why)
		snprintf(why, size, "ends with status %d",
			 WEXITSTATUS(status));
}

/* Run @s. Return: true if it fails; @why is the reason then. */
bool shrink_fails(const struct scenario *s, char *why, size_t size)
{
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe(fd)) {
		perror("sim");
		exit(2);
	}
	pid = fork();
	if (pid < 0) {
		perror("sim");
		exit(2);
	}
	if (!pid) {
		close(fd[0]);
		run_child(s, fd[1]);
	}
	close(fd[1]);
	n = read(fd[0], why, size - 1);
	why[max_t(ssize_t, n, 0)] = '\0';
	close(fd[0]);
	if (waitpid(pid, &status, 0) != pid || !status)
		return false;
	describe(status, why, size);
	return true;
}

/* The text of a failure without its numbers: "...: WHAT (state)". */
static void kind_of(const char *why, char *kind, size_t size)
{
	const char *end = strstr(why, " (una");
	const char *begin = strstr(why, "er: ");

	if (begin && end && end > begin)
		snprintf(kind, size, "%.*s", (int)(end - begin), begin);
	else
		snprintf(kind, size, "%s", why);
}

static bool same_kind(const char *a, const char *b)
{
	char kind_a[256], kind_b[256];

	kind_of(a, kind_a, sizeof(kind_a));
	kind_of(b, kind_b, sizeof(kind_b));
	return !strcmp(kind_a, kind_b);
}

/* Change one key. Return: true if the result still fails; @s is it then. */
static bool try(struct scenario *s, int key, int step, char *why, size_t size)
{
	struct scenario simpler = *s;
	char new_why[256];

	if (!scenario_simplify(&simpler, key, step) ||
	    !shrink_fails(&simpler, new_why, sizeof(new_why)) ||
	    !same_kind(why, new_why))
		return false;
	*s = simpler;
	snprintf(why, size, "%s", new_why);
	return true;
}

/*
 * Make the failing scenario @s as simple as possible. It keeps its kind of
 * failure; @why gets the new numbers.
 */
void shrink(struct scenario *s, char *why, size_t size)
{
	int tries = 0, key, step;
	bool again;

	do {
		again = false;
		for (key = 0; key < scenario_keys(); key++)
			for (step = 0; step < 2 && tries < TRIES; step++) {
				tries++;
				again |= try(s, key, step, why, size);
			}
	} while (again && tries < TRIES);
}
