#!/usr/bin/env python3
"""What an idle keep-alive connection costs an edge: opens N of them, one request on each, and looks at the resident size.

Usage: idle-connections.py PORT PID [N]     (the edge on 127.0.0.1:PORT; PID of its JVM; needs N file descriptors on both sides)
The object /1k must exist. Prints the resident size before and after, and the difference for each connection. Takes about a minute.
"""
import socket
import sys
import time

port, pid = int(sys.argv[1]), sys.argv[2]
count = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
HEAD = (
    "GET /1k HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\nConnection: keep-alive\r\nSec-Fetch-Dest: document\r\n\r\n" % port
).encode()


def resident_kib():
    with open("/proc/%s/status" % pid) as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def connect(number):
    client = socket.socket()
    client.settimeout(20)
    client.bind(("127.0.0.%d" % (1 + number // 20000), 0))
    client.connect(("127.0.0.1", port))
    return client


def ask(client):
    client.sendall(HEAD)
    received = b""
    while b"\r\n\r\n" not in received or len(received) < 1024:
        part = client.recv(65536)
        if not part:
            sys.exit("closed by the edge: more connections than it takes (kingcdn.edge.server.connections, and three quarters of ulimit -n)")
        received += part


warm = [connect(0) for _ in range(2000)]
for _ in range(5):
    for client in warm:
        ask(client)
for client in warm:
    client.close()
time.sleep(2)
before = resident_kib()
idle = []
for number in range(count):
    idle.append(connect(number))
    ask(idle[-1])
time.sleep(3)
after = resident_kib()
print("%d connections: %d KiB before, %d KiB after, %.2f KiB each" % (count, before, after, (after - before) / count))
