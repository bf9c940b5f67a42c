// SPDX-License-Identifier: GPL-2.0
/*
 * vm-relay: transfers a command's output unchanged from guest to host.
 *
 * Standard output and standard error share one virtio port as frames: their
 * order is kept, and the host detects the end:
 *
 *	1 byte   'O' output, 'E' error, 'X' the end
 *	4 bytes  length of the payload, little endian
 *	payload
 *
 *	vm-relay run [-m] PORT COMMAND [ARG...]	in the guest; -m: stderr as O
 *	vm-relay tty TTY COMMAND [ARG...]	in the guest, on a terminal
 *	vm-relay end PORT			in the guest: send the end
 *	vm-relay show				on the host: frames on stdin
 *
 * run and tty exit with the command's status (128 + N for signal N). show exits
 * with 0 after frame X, with 3 if its input ends before. Errors: 125.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEADER	5
#define CHUNK	(32 * 1024 - HEADER)	/* the port takes 32 KiB at a time */

static void die(const char *what)
{
	fprintf(stderr, "vm-relay: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die("write");
		p += n;
		len -= n;
	}
}

/* Return: 0 if the stream ends before len bytes, otherwise 1. */
static int read_all(int fd, void *data, size_t len)
{
	char *p = data;

	while (len) {
		ssize_t n = read(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die("read");
		if (!n)
			return 0;
		p += n;
		len -= n;
	}
	return 1;
}

static int open_port(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

/* buf holds HEADER free bytes, then len bytes of payload. */
static void send_frame(int port, char type, unsigned char *buf, uint32_t len)
{
	buf[0] = type;
	buf[1] = len;
	buf[2] = len >> 8;
	buf[3] = len >> 16;
	buf[4] = len >> 24;
	write_all(port, buf, HEADER + len);
}

static int exit_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void exec_command(char **argv)
{
	execvp(argv[0], argv);
	fprintf(stderr, "vm: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* A pipe: the relay's read end does not block, the command's write end does. */
static void make_pipe(int p[2])
{
	if (pipe2(p, O_CLOEXEC))
		die("pipe");
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	fcntl(p[0], F_SETPIPE_SZ, 1 << 20);
}

/* Moves one chunk. Return: its length, 0: no writer is left, -1: empty. */
static ssize_t move(struct pollfd *from, int port, char type)
{
	static unsigned char buf[HEADER + CHUNK];
	ssize_t n = read(from->fd, buf + HEADER, CHUNK);

	if (n > 0)
		send_frame(port, type, buf, n);
	else if (!n)
		from->fd = -1;
	return n;
}

static int run(int merge, const char *path, char **argv)
{
	int port = open_port(path), out[2], err[2];
	struct pollfd fds[3];
	pid_t pid;

	make_pipe(out);
	if (!merge)
		make_pipe(err);

	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		setsid();
		dup2(out[1], 1);
		dup2(merge ? out[1] : err[1], 2);
		exec_command(argv);
	}
	close(out[1]);
	if (!merge)
		close(err[1]);

	fds[0] = (struct pollfd){ .fd = out[0], .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = merge ? -1 : err[0], .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = syscall(SYS_pidfd_open, pid, 0),
				  .events = POLLIN };
	if (fds[2].fd < 0)
		die("pidfd_open");

	/*
	 * The output ends when the command exits, even if a daemon keeps the
	 * pipe open.
	 */
	do {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			die("poll");
		if (fds[0].revents)
			move(&fds[0], port, 'O');
		if (fds[1].revents)
			move(&fds[1], port, 'E');
	} while (!fds[2].revents);

	while (move(&fds[0], port, 'O') > 0)
		;
	while (move(&fds[1], port, 'E') > 0)
		;
	return exit_status(pid);
}

static int run_on_tty(const char *path, char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		int fd;

		setsid();
		fd = open(path, O_RDWR);
		if (fd < 0 || ioctl(fd, TIOCSCTTY, 0))
			die(path);
		dup2(fd, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		if (fd > 2)
			close(fd);
		exec_command(argv);
	}
	return exit_status(pid);
}

static int end(const char *path)
{
	unsigned char buf[HEADER];

	send_frame(open_port(path), 'X', buf, 0);
	pause();	/* the host kills the guest */
	return 0;
}

static int show(void)
{
	unsigned char head[HEADER];
	static char buf[CHUNK];

	while (read_all(0, head, HEADER)) {
		uint32_t len = head[1] | head[2] << 8 | head[3] << 16 |
			       (uint32_t)head[4] << 24;

		if (head[0] == 'X')
			return 0;
		if ((head[0] != 'O' && head[0] != 'E') || len > CHUNK) {
			fprintf(stderr, "vm-relay: not a frame\n");
			return 125;
		}
		if (!read_all(0, buf, len))
			break;
		write_all(head[0] == 'O' ? 1 : 2, buf, len);
	}
	return 3;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	int merge = argc > 2 && !strcmp(argv[2], "-m");

	if (!strcmp(verb, "run") && argc - merge > 3)
		return run(merge, argv[2 + merge], argv + 3 + merge);
	if (!strcmp(verb, "tty") && argc > 3)
		return run_on_tty(argv[2], argv + 3);
	if (!strcmp(verb, "end") && argc == 3)
		return end(argv[2]);
	if (!strcmp(verb, "show") && argc == 2)
		return show();
	fprintf(stderr, "usage: vm-relay run|tty|end|show ...\n");
	return 125;
}
