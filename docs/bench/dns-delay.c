/* How long a name server takes to answer at a steady rate, and a server beside it that only answers: the floor of machine and measurement.
 *
 *   cc -O2 -o dns-delay dns-delay.c
 *   taskset -c 0 ./dns-delay floor 127.0.0.1 5399                            # answers each query at once, with what it was sent
 *   chrt -f 50 taskset -c 1 ./dns-delay 127.0.0.1 5353 20000 10 [FILE [NAME]]
 *
 * Asks for NAME (a1105.kingcdn.example), with the client subnets of FILE (addresses of /24s, one a line) in turn, 20,000 times a second for
 * ten seconds after one to warm up, whatever comes of it. A query is sent when it is due, or as soon after as this process runs: in real time
 * and on a core of its own that is at once. Delays count from there to when the kernel had the answer (SO_TIMESTAMPNS), so what this
 * process does meanwhile is no part of them; "due" are those from when the query was due. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOCKETS 8
#define BATCH 64
#define MOST 512
#define BURST 16
#define WARM_UP 1
#define LATEST 2000000000ll

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void die(const char *what) { perror(what); exit(1); }

static struct mmsghdr messages[BATCH];
static struct iovec pieces[BATCH];
static uint8_t data[BATCH][MOST];
static struct sockaddr_storage peers[BATCH];
static union { char octets[64]; struct cmsghdr header; } control[BATCH];

static void prepare(int named) {
    for (int i = 0; i < BATCH; i++) {
        pieces[i] = (struct iovec) {data[i], MOST};
        messages[i].msg_hdr = (struct msghdr) {.msg_iov = &pieces[i], .msg_iovlen = 1};
        if (named) { messages[i].msg_hdr.msg_name = &peers[i]; messages[i].msg_hdr.msg_namelen = sizeof peers[i]; }
        else { messages[i].msg_hdr.msg_control = &control[i]; messages[i].msg_hdr.msg_controllen = sizeof control[i]; }
    }
}

static void answer_all(int fd) {
    for (;;) {
        prepare(1);
        int n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < n; i++) { data[i][2] |= 0x84; data[i][7] = 1; pieces[i].iov_len = messages[i].msg_len; }
        for (int from = 0; from < n;) { int sent = sendmmsg(fd, messages + from, n - from, 0); if (sent <= 0) break; from += sent; }
    }
}

static int compare(const void *a, const void *b) { int64_t x = *(const int64_t *) a, y = *(const int64_t *) b; return (x > y) - (x < y); }

static void print(const char *what, int64_t *nanos, int count) {
    qsort(nanos, count, sizeof *nanos, compare);
    printf("%s p50 %.3f p99 %.3f p99.9 %.3f longest %.1f ms; ", what, nanos[count / 2] / 1e6, nanos[(int) (count * .99)] / 1e6,
        nanos[(int) (count * .999)] / 1e6, nanos[count - 1] / 1e6);
}

int main(int argc, char **argv) {
    int floor = argc > 3 && !strcmp(argv[1], "floor");
    if (!floor && argc < 5) { fprintf(stderr, "dns-delay floor ADDRESS PORT | ADDRESS PORT RATE SECONDS [FILE [NAME]]\n"); return 2; }
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2 + floor]))};
    if (inet_pton(AF_INET, argv[1 + floor], &server.sin_addr) != 1) { fprintf(stderr, "no address: %s\n", argv[1 + floor]); return 2; }
    int fds[SOCKETS], size = 4 << 20, one = 1;
    for (int i = 0; i < (floor ? 1 : SOCKETS); i++) {
        if ((fds[i] = socket(AF_INET, SOCK_DGRAM, 0)) < 0) die("socket");
        setsockopt(fds[i], SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
        if (floor) { if (bind(fds[i], (void *) &server, sizeof server)) die("bind"); answer_all(fds[i]); }
        if (setsockopt(fds[i], SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one)) die("SO_TIMESTAMPNS");
        if (connect(fds[i], (void *) &server, sizeof server)) die("connect");
    }

    int rate = atoi(argv[3]), seconds = atoi(argv[4]), count = rate * (seconds + WARM_UP), warm = rate * WARM_UP, clients = 0;
    uint32_t *networks = malloc(4);
    if (argc > 5) {
        FILE *file = fopen(argv[5], "r");
        char line[64];
        if (!file) die(argv[5]);
        while (fgets(line, sizeof line, file)) {
            struct in_addr address;
            line[strcspn(line, "/\r\n")] = 0;
            if (inet_pton(AF_INET, line, &address) != 1) continue;
            networks = realloc(networks, (clients + 1) * 4);
            networks[clients++] = address.s_addr;
        }
    }
    uint8_t query[MOST] = {0}, *end = query + 12;
    query[5] = 1;
    for (char *label = strtok(strdup(argc > 6 ? argv[6] : "a1105.kingcdn.example"), "."); label; label = strtok(NULL, ".")) {
        *end++ = strlen(label);
        end = mempcpy(end, label, strlen(label));
    }
    static const uint8_t question[] = {0, 0, 1, 0, 1}, subnet[] = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 11, 0, 8, 0, 7, 0, 1, 24, 0, 0, 0, 0};
    end = mempcpy(end, question, sizeof question);
    if (clients) { query[11] = 1; end = mempcpy(end, subnet, sizeof subnet); }

    /* by number: when due, sent and answered; a query's number is that of its socket and its ID */
    int64_t *due = calloc(count, 8), *sent = calloc(count, 8), *answered = calloc(count, 8);
    if (!due || !sent || !answered || mlockall(MCL_CURRENT | MCL_FUTURE)) perror("memory");
    prctl(PR_SET_TIMERSLACK, 1);
    for (int i = 0; i < count; i++) due[i] = sent[i] = answered[i] = 0;
    int64_t begin = now() + 1000000, last = 0;
    int next = 0, refused = 0, got = 0, wrong = 0;
    while (next < count || (got < count && now() - last < LATEST)) {
        for (int burst = 0; burst < BURST && next < count && begin + next * (1000000000ll / rate) <= now(); burst++, next++) {
            uint16_t id = next / SOCKETS;
            query[0] = id >> 8; query[1] = id;
            if (clients) memcpy(end - 3, &networks[(uint32_t) next * 7919u % clients], 3);
            due[next] = begin + next * (1000000000ll / rate);
            last = sent[next] = now();
            if (send(fds[next % SOCKETS], query, end - query, MSG_DONTWAIT) < 0) refused++;
        }
        for (int s = 0; s < SOCKETS; s++) {
            prepare(0);
            int n = recvmmsg(fds[s], messages, BATCH, MSG_DONTWAIT, NULL);
            for (int i = 0; i < n; i++) {
                struct cmsghdr *stamp = CMSG_FIRSTHDR(&messages[i].msg_hdr);
                if (messages[i].msg_len < 12 || !stamp || stamp->cmsg_type != SCM_TIMESTAMPNS) continue;
                /* the newest query of that ID */
                int newest = (next - 1 - s) / SOCKETS, back = (uint16_t) (newest - (data[i][0] << 8 | data[i][1]));
                int number = (newest - back) * SOCKETS + s;
                if (number < 0 || number >= next || answered[number]) continue;
                struct timespec at;
                memcpy(&at, CMSG_DATA(stamp), sizeof at);
                answered[number] = at.tv_sec * 1000000000ll + at.tv_nsec;
                wrong += (data[i][3] & 15) != 0 || data[i][7] == 0;
                got++;
            }
        }
        int64_t wake = next < count ? begin + next * (1000000000ll / rate) : now() + 100000;
        struct timespec until = {wake / 1000000000, wake % 1000000000};
        if (wake > now()) clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL);
    }
    int64_t *fromSent = malloc(8l * count), *fromDue = malloc(8l * count);
    int n = 0, late = 0;
    for (int i = warm; i < count; i++) if (answered[i]) { fromSent[n] = answered[i] - sent[i]; fromDue[n++] = answered[i] - due[i]; }
    if (!n) { printf("no answers\n"); return 1; }
    for (int i = 0; i < n; i++) late += fromSent[i] > 500000;
    printf("%d queries, %d unanswered, %d wrong, %d refused, %.2f %% above 0.5 ms; ", count - warm, count - warm - n, wrong, refused, 100.0 * late / n);
    print("sent", fromSent, n);
    print("due", fromDue, n);
    if (getenv("EACH_SECOND")) {
        printf("%% above 0.5 ms each second from %.0f on:", begin / 1e6 + 1000 * WARM_UP);
        for (int s = WARM_UP; s < seconds + WARM_UP; s++) {
            int m = 0;
            for (int i = s * rate; i < (s + 1) * rate; i++) if (answered[i]) fromSent[m++] = answered[i] - sent[i];
            late = 0;
            for (int i = 0; i < m; i++) late += fromSent[i] > 500000;
            printf(" %.2f", m ? 100.0 * late / m : -1);
        }
    }
    putchar('\n');
    return 0;
}
