/* floor.c PORT BYTES: what one response of so many bytes costs at least over epoll, one thread: no HTTP is read, each
   read is answered with the same octets. cc -O2 -o floor docs/bench/floor.c; then load it as an edge is loaded. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: %d\r\n"
                          "date: Sun, 22 Nov 2026 22:16:10 GMT\r\netag: \"6922-400\"\r\n"
                          "last-modified: Sun, 22 Nov 2026 22:16:10 GMT\r\ncache-control: max-age=3600\r\nage: 12\r\n"
                          "via: 1.1 kingcdn\r\ncache-status: kingcdn; hit; ttl=3588\r\n\r\n";

int main(int count, char **argument) {
    if (count != 3) return fprintf(stderr, "usage: floor PORT BYTES\n"), 2;
    int bytes = atoi(argument[2]), on = 1;
    char *response = malloc(bytes + 1024), request[16384];
    int length = sprintf(response, HEAD, bytes);
    memset(response + length, 'x', bytes);
    length += bytes;

    int listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argument[1]))};
    inet_aton("127.0.0.1", &address.sin_addr);
    if (bind(listening, (void *) &address, sizeof address) || listen(listening, 1024)) return perror("floor"), 1;
    struct epoll_event event = {EPOLLIN, {.fd = listening}}, events[256];
    epoll_ctl(poll, EPOLL_CTL_ADD, listening, &event);

    for (;;) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listening) {
                int accepted = accept4(listening, 0, 0, SOCK_NONBLOCK);
                setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                event = (struct epoll_event){EPOLLIN | EPOLLRDHUP, {.fd = accepted}};
                epoll_ctl(poll, EPOLL_CTL_ADD, accepted, &event);
            } else if (recv(fd, request, sizeof request, 0) <= 0) {
                close(fd);
            } else {
                send(fd, response, length, MSG_NOSIGNAL);
            }
        }
    }
}
