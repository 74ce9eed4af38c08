/* Asks a name server as fast as it answers: so many queries in flight, the next as soon as one is answered.
 *
 *   cc -O2 -o dns-load dns-load.c
 *   taskset -c 1 ./dns-load 127.0.0.1 5353 1 160 NAMES [do] [ecs] [tcp]
 *
 * For a second, A of the names in the file NAMES, one a line, in no order, from the addresses 127.1.0.1 to 127.1.19.1. "do" adds EDNS with the DO
 * bit, "ecs" EDNS with 10,000 client subnets (random /24s), "tcp" asks over 20 connections that stay open. Prints answers in time, microseconds,
 * queries lost, answers with those that came late, those of them that say NOERROR and have no record, and those by RCODE 0 to 5. It polls: give it a core of its own. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOURCES 20
#define BATCH 64
#define MOST 128
#define LARGEST 4096
#define QUERIES 10000
#define PATIENCE 1000000000ll

struct query { uint16_t length, prefix; uint8_t octets[MOST]; }; /* the prefix is the length as TCP has it */
/* The numbers of queries from oldest to next have been sent; those open have no answer yet. */
struct source { int fd, held; int64_t heard; uint16_t oldest, next, inFlight; uint8_t open[65536], buffer[65536]; };

static struct query *queries;
static struct source sources[SOURCES];
static long count, following, answers, lost, empty, codes[16];

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void die(const char *what) { perror(what); exit(1); }

/* A global unicast /24, about. */
static void subnet(uint8_t *to) {
    do { to[0] = 1 + random() % 223; to[1] = random(); to[2] = random(); } while (to[0] == 10 || to[0] == 127 || to[0] == 172 || to[0] == 192);
}

static void prepare(struct query *query, const char *name, int dnssec, int ecs) {
    static const uint8_t question[] = {0, 0, 1, 0, 1}, edns[] = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0}, option[] = {0, 8, 0, 7, 0, 1, 24, 0};
    uint8_t *end = query->octets + 12;
    query->octets[5] = 1;
    for (size_t length; *name && (length = strcspn(name, ".\n")); name += length + (name[length] != 0)) {
        if (end + length > query->octets + MOST - 40) { fprintf(stderr, "too long: %s\n", name); exit(2); }
        *end++ = length;
        end = mempcpy(end, name, length);
    }
    end = mempcpy(end, question, sizeof question);
    if (dnssec || ecs) {
        query->octets[11] = 1;
        end = mempcpy(end, edns, sizeof edns);
        end[-4] = dnssec << 7;
    }
    if (ecs) {
        end[-1] = sizeof option + 3;
        end = mempcpy(end, option, sizeof option);
        subnet(end);
        end += 3;
    }
    query->length = end - query->octets;
    query->prefix = htons(query->length);
}

static void read_names(const char *path, int dnssec, int ecs) {
    char line[256], (*names)[256] = NULL;
    FILE *file = fopen(path, "r");
    if (!file) die(path);
    while (fgets(line, sizeof line, file)) {
        names = realloc(names, (count + 1) * sizeof *names);
        memcpy(names[count++], line, sizeof line);
    }
    if (!count) { fprintf(stderr, "no names in %s\n", path); exit(2); }
    long known = count;
    if (count < QUERIES) count = QUERIES;
    queries = calloc(count, sizeof *queries);
    for (long i = 0; i < count; i++) prepare(&queries[i], names[i % known], dnssec, ecs);
    for (long i = count - 1; i > 0; i--) { long j = random() % (i + 1); struct query q = queries[i]; queries[i] = queries[j]; queries[j] = q; }
}

static void give_up(struct source *source, uint16_t before) {
    for (; source->oldest != before; source->oldest++) {
        if (source->open[source->oldest]) { source->open[source->oldest] = 0; source->inFlight--; lost++; }
    }
}

static void take(struct source *source, const uint8_t *answer, int length) {
    uint16_t number = answer[0] << 8 | answer[1];
    if (length < 12 || !source->open[number]) return;
    source->open[number] = 0;
    source->inFlight--;
    answers++;
    codes[answer[3] & 15]++;
    empty += (answer[3] & 15) == 0 && !(answer[6] | answer[7]);
    while (source->oldest != source->next && !source->open[source->oldest]) source->oldest++;
    /* one that many later ones have overtaken will not come */
    if ((uint16_t) (number - source->oldest) > 2000 && (uint16_t) (number - source->oldest) < 32768) give_up(source, number - 2000);
}

static struct query *next_query(struct source *source) {
    struct query *query = &queries[following];
    following = following + 1 == count ? 0 : following + 1;
    query->octets[0] = source->next >> 8;
    query->octets[1] = source->next;
    source->open[source->next++] = 1;
    source->inFlight++;
    return query;
}

static void by_udp(struct source *source, int room) {
    static struct mmsghdr in[BATCH], out[BATCH];
    static struct iovec inPieces[BATCH], outPieces[BATCH];
    static uint8_t data[BATCH][LARGEST];
    for (int i = 0; i < BATCH && !in[i].msg_hdr.msg_iov; i++) {
        inPieces[i] = (struct iovec) {data[i], LARGEST};
        in[i].msg_hdr = (struct msghdr) {.msg_iov = &inPieces[i], .msg_iovlen = 1};
        out[i].msg_hdr = (struct msghdr) {.msg_iov = &outPieces[i], .msg_iovlen = 1};
    }
    int n = recvmmsg(source->fd, in, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < n; i++) take(source, data[i], in[i].msg_len);
    if (n > 0) source->heard = now();
    n = room - source->inFlight;
    if (n < room / 4 + 1) return; /* a few at a time cost a call each */
    if (n > BATCH) n = BATCH;
    for (int i = 0; i < n; i++) {
        struct query *query = next_query(source);
        outPieces[i] = (struct iovec) {query->octets, query->length};
    }
    for (int sent = 0, w; sent < n; sent += w) if ((w = sendmmsg(source->fd, out + sent, n - sent, 0)) < 0) die("sendmmsg");
}

static void by_tcp(struct source *source, int room) {
    static uint8_t data[256 * (MOST + 2)];
    int n = recv(source->fd, source->buffer + source->held, sizeof source->buffer - source->held, MSG_DONTWAIT), at = 0;
    if (n == 0 || (n < 0 && errno != EAGAIN)) die("connection");
    if (n > 0) {
        source->held += n;
        source->heard = now();
        for (int length; source->held - at >= 2 && (length = source->buffer[at] << 8 | source->buffer[at + 1]) <= source->held - at - 2; at += 2 + length) {
            take(source, source->buffer + at + 2, length);
        }
        memmove(source->buffer, source->buffer + at, source->held -= at);
    }
    n = room - source->inFlight;
    if (n < room / 4 + 1) return;
    uint8_t *end = data;
    for (int i = 0; i < n && i < 256; i++) {
        struct query *query = next_query(source);
        end = mempcpy(end, &query->prefix, 2 + query->length);
    }
    if (send(source->fd, data, end - data, 0) != end - data) die("send");
}

static void open_socket(struct source *source, int number, const struct sockaddr_in *server, int tcp) {
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f010001 | number << 8)};
    int size = 4 << 20, one = 1;
    if ((source->fd = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0)) < 0) die("socket");
    if (tcp) setsockopt(source->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    else setsockopt(source->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(source->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(source->fd, (void *) &from, sizeof from)) die("bind");
    if (connect(source->fd, (void *) server, sizeof *server)) die("connect");
}

int main(int argc, char **argv) {
    int dnssec = 0, ecs = 0, tcp = 0;
    for (int i = 6; i < argc; i++) { dnssec |= !strcmp(argv[i], "do"); ecs |= !strcmp(argv[i], "ecs"); tcp |= !strcmp(argv[i], "tcp"); }
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (argc < 6 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1 || argc - 6 != dnssec + ecs + tcp) {
        fprintf(stderr, "dns-load ADDRESS PORT SECONDS IN-FLIGHT NAMES [do] [ecs] [tcp]\n");
        return 2;
    }
    server.sin_port = htons(atoi(argv[2]));
    int room = atoi(argv[4]) / SOURCES;
    if (room < 1 || room > 256) { fprintf(stderr, "%d to %d in flight\n", SOURCES, 256 * SOURCES); return 2; }
    srandom(getpid());
    read_names(argv[5], dnssec, ecs);
    for (int i = 0; i < SOURCES; i++) open_socket(&sources[i], i, &server, tcp);
    int64_t begin = now(), until = begin + (int64_t) (atof(argv[3]) * 1e9), end = 0, at;
    for (int i = 0; i < SOURCES; i++) sources[i].heard = begin;
    long inTime = 0;
    for (int waiting = 1; waiting;) {
        if ((at = now()) >= until && !end) { end = at; inTime = answers; room = 0; }
        waiting = !end;
        for (int i = 0; i < SOURCES; i++) {
            struct source *source = &sources[i];
            if (tcp) by_tcp(source, room); else by_udp(source, room);
            if (at - source->heard > PATIENCE) { give_up(source, source->next); source->heard = at; }
            waiting |= source->inFlight > 0;
        }
    }
    printf("%ld %ld %ld %ld %ld", inTime, (long) ((end - begin) / 1000), lost, answers, empty);
    for (int i = 0; i < 6; i++) printf(" %ld", codes[i]);
    putchar('\n');
    return 0;
}
