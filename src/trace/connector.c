/* connector.c - changes of user and group, as the kernel reports them.
 *
 * No record says as whom a thread acted, and what /proc says a moment later is wrong exactly where it matters: around
 * setuid(2). The kernel's process connector (drivers/connector/cn_proc.c) sends a message over netlink for each fork,
 * exec and exit, and for each change of a user or a group, with its time; a filter on our socket lets only the
 * changes through. So whoever knew a thread's user once knows it at every moment.
 *
 * One who wants to listen sends a word, which the kernel answers in the same call. It answers nobody in a namespace of
 * processes, users or networks other than the first ones, and not every kernel has it (CONFIG_PROC_EVENTS): then
 * there is no answer, and we do without.
 *
 * Before Linux 6.6 the kernel counts its listeners by such words alone: after one that was killed it goes on making
 * messages, which nobody gets. That is some hundred nanoseconds of each fork, and all that can be left behind.
 */
#include "trace/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	QUEUE_BYTES = 4 * 1024 * 1024,	/* of messages that wait for us: some thousands */
	CHUNK_EVENTS = 64,
};

struct connector {
	int fd;
	const struct clock_offset *clock;
	uint64_t lost;
};

/* A message in either direction, without padding between its parts. */
struct message {
	struct nlmsghdr header;
	struct cn_msg about;
	union {
		enum proc_cn_mcast_op word;
		struct proc_event event;
	};
} __attribute__((packed));

/* ---- listening ---- */

/* Lets through answers, and changes of users and groups. Its loads turn the bytes as a network wants them. */
static int filter(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct message, event)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_NONE), 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_UID), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_GID), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { ARRAY_LEN(code), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno : 0;
}

static int say(int fd, enum proc_cn_mcast_op word)
{
	struct message m = {
		.header = { .nlmsg_type = NLMSG_DONE },
		.about = { .id = { CN_IDX_PROC, CN_VAL_PROC }, .ack = (uint32_t)getpid(), .len = sizeof(m.word) },
		.word = word,
	};

	m.header.nlmsg_len = offsetof(struct message, word) + sizeof(m.word);
	return send(fd, &m, m.header.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* The next message of the kernel's own. 1, 0 when there is none, or -errno; -ENOBUFS: some were lost. */
static int receive(int fd, struct message *m)
{
	struct sockaddr_nl from = { 0 };
	socklen_t size = sizeof(from);
	ssize_t n;

	do {
		memset(m, 0, sizeof(*m));
		n = recvfrom(fd, m, sizeof(*m), MSG_DONTWAIT, (struct sockaddr *)&from, &size);
	} while (n >= 0 && (from.nl_pid != 0 || m->header.nlmsg_type != NLMSG_DONE));
	return n >= 0 ? 1 : errno == EAGAIN ? 0 : -errno;
}

/* Is there the answer to our word, among those to others? Of what we sent, one more than `ack` comes back. */
static bool is_answered(int fd)
{
	struct message m;

	while (receive(fd, &m) > 0)
		if (m.event.what == PROC_EVENT_NONE && m.about.ack == (uint32_t)getpid() + 1)
			return m.event.event_data.ack.err == 0;
	return false;
}

int connector_listen(void)
{
	struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC };
	const int bytes = QUEUE_BYTES;
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR), err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	err = filter(fd);
	if (!err && bind(fd, (struct sockaddr *)&group, sizeof(group)) < 0)
		err = -errno;
	if (!err)
		err = say(fd, PROC_CN_MCAST_LISTEN);
	if (!err && !is_answered(fd))
		err = -ENOTCONN;
	if (!err)
		return fd;
	close(fd);
	return err;
}

void connector_ignore(int fd)
{
	say(fd, PROC_CN_MCAST_IGNORE);
	close(fd);
}

/* ---- the queue ---- */

static long fill(struct queue *q, uint64_t note)
{
	struct connector *n = q->source;
	struct chunk *c = NULL;
	struct message m;
	long got = 0;
	int more;

	while ((more = receive(n->fd, &m)) != 0) {
		if (more == -ENOBUFS) {
			n->lost++;
			continue;
		}
		if (more < 0)
			return more;
		if (m.event.what == PROC_EVENT_NONE)
			continue;
		if (!c || c->room - c->size < sizeof(m.event)) {
			c = queue_chunk(q, CHUNK_EVENTS * sizeof(m.event));
			queue_add(q, c);
		}
		memcpy(c->data + c->size, &m.event, sizeof(m.event));
		c->size += sizeof(m.event);
		got += (long)sizeof(m.event);
	}
	return got;
}

/* Messages of two CPUs may overtake each other by less than it takes to change a user: they share the later time. */
static bool next(struct queue *q, const struct chunk *c, struct item *item)
{
	const struct connector *n = q->source;
	struct proc_event e;

	if (c->size - q->at < sizeof(e))
		return false;
	memcpy(&e, c->data + q->at, sizeof(e));
	if (q->time < n->clock->boot_minus_mono + e.timestamp_ns)
		q->time = n->clock->boot_minus_mono + e.timestamp_ns;
	*item = (struct item){ ITEM_IDENTITY, q->time, c->data + q->at, sizeof(e) };
	q->at += sizeof(e);
	return true;
}

struct identity connector_identity(const struct item *i)
{
	struct proc_event e;

	memcpy(&e, i->data, sizeof(e));
	return (struct identity){ .tid = e.event_data.id.process_pid, .is_group = e.what == PROC_EVENT_GID,
				  .id = e.event_data.id.r.ruid };
}

struct connector *connector_open(const struct clock_offset *clock, struct reader *reader, int epoll)
{
	struct epoll_event wake = { .events = EPOLLIN };
	struct connector *n;
	struct queue *q;
	int fd = connector_listen();

	if (fd < 0)
		return NULL;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &wake) < 0) {
		connector_ignore(fd);
		return NULL;
	}
	n = mem_alloc(sizeof(*n));
	*n = (struct connector){ .fd = fd, .clock = clock };
	q = reader_queue(reader);
	q->source = n;
	q->fill = fill;
	q->next = next;
	q->background = true;
	return n;
}

uint64_t connector_lost(const struct connector *n)
{
	return n ? n->lost : 0;
}

void connector_close(struct connector *n)
{
	if (!n)
		return;
	connector_ignore(n->fd);
	free(n);
}
