#!/usr/bin/env python3
"""HTTP caches beside each other on a machine that others use too: all run at once, and are asked in turns.

    in-turns.py [--cases …] [--rounds 12] [--seconds 1] [--warm 4] NAME=URL=PID[,PID…] NAME=URL=PID…

In each round each server has the load for a second, in an order drawn anew. What slows the machine down for seconds or minutes meets all of them, so the
medians of the rounds' ratios say more than any two figures. The servers and all they start are pinned to core 0, wrk to core 1 (64 keep-alive
connections, one thread). Wants wrk and curl, and objects at /1k, /64k, /1m, /10m, /s/0 to /s/9999 (1 KiB each) and /u/anything (1 KiB).
"""
import argparse
import os
import random
import re
import statistics
import subprocess
import time

LUA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "in-turns.lua")
TICK = os.sysconf("SC_CLK_TCK")
CASES = {  # path, and what the requests are shaped by
    "hit-1k": ("/1k", []),
    "hit-64k": ("/64k", []),
    "hit-1m": ("/1m", []),
    "range-10m": ("/10m", ["field", "Range", "bytes=1048576-2097151"]),
    "hit-304": ("/1k", ["field", "If-None-Match"]),
    "spread-1k": ("/s/0", ["paths", "/s/", "10000"]),
    "miss-1k": ("/u/0", ["paths"]),
}
CHECKED = {"range-10m": 206, "hit-304": 304}


def family(pid):
    """A process and all below it."""
    found = {pid}
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        for thread in threads:
            with open(f"/proc/{pid}/task/{thread}/children") as children:
                for child in children.read().split():
                    found |= family(child)
    except FileNotFoundError:
        pass
    return found


def processor_seconds(pids):
    ticks = 0
    for pid in {member for pid in pids for member in family(pid)}:
        try:
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
        except FileNotFoundError:
            pass
    return ticks / TICK


def curl(url, *more):
    return subprocess.run(["curl", "-s", "-o", "/dev/null", "-D", "-", *more, url], capture_output=True, text=True).stdout


def answer(case, url):
    """The head of one answer, asked for as the case does."""
    path, shape = shaped(case, url)
    return curl(url + path, "-H", f"{shape[1]}: {shape[2]}")


def shaped(case, url):
    path, shape = CASES[case]
    if case == "hit-304":
        return path, [*shape, etag(url)]
    if case == "miss-1k":
        return path, [*shape, f"/u/{time.time_ns()}-", "0"]
    return path, shape


def etag(url):
    found = re.search(r"(?im)^etag:\s*(\S+)", curl(url + "/1k"))
    return found.group(1) if found else '"none"'


def load(case, url, seconds):
    """Requests a second, their number, the 99th percentile in milliseconds."""
    path, shape = shaped(case, url)
    out = subprocess.run(
        ["taskset", "-c", "1", "wrk", "-t1", "-c64", f"-d{seconds}s", "--timeout", "10s", "-s", LUA, url + path, "--", *shape],
        capture_output=True, text=True).stdout
    requests, micros, p99, errors = map(int, re.search(r"IN-TURNS (.*)", out).group(1).split())
    if errors:
        raise SystemExit(f"{url} {case}: {errors} of {requests} requests failed")
    return requests / (micros / 1e6), requests, p99 / 1000


def arguments(about, cases, server):
    """What is asked for, and the servers by name, pinned."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--cases", nargs="+", default=list(cases), choices=list(cases))
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--warm", type=int, default=4, help="seconds of the same load before the first round of a case")
    parser.add_argument("servers", nargs="+", metavar=f"NAME={server}=PID[,PID]")
    asked = parser.parse_args()
    servers = {name: (target, pids.split(",")) for name, target, pids in (server.split("=") for server in asked.servers)}
    for _, pids in servers.values():
        for pid in {member for pid in pids for member in family(pid)}:
            subprocess.run(["taskset", "-a", "-p", "-c", "0", pid], capture_output=True)
    return asked, servers


def in_turns(case, rounds, servers, load):
    """Prints a line for each server. A load gives answers a second, their number, and one figure more."""
    if not servers:
        print(f"{case}\tno server can do that", flush=True)
        return
    seen = {name: [] for name in servers}
    for _ in range(rounds):
        for name in random.sample(list(seen), len(seen)):
            target, pids = servers[name]
            before = processor_seconds(pids)
            rate, count, more = load(target)
            seen[name].append((rate, (processor_seconds(pids) - before) * 1e6 / count, more))
    first = seen[next(iter(seen))]
    for name, turns in seen.items():
        rate, micros, more = (statistics.median(column) for column in zip(*turns))
        ratio = statistics.median(mine[0] / its[0] for mine, its in zip(first, turns))
        cpu = statistics.median(its[1] / mine[1] for mine, its in zip(first, turns))
        print(f"{case}\t{name}\t{rate:.0f}\t{micros:.2f}\t{more:.1f}\t{ratio:.2f}\t{cpu:.2f}", flush=True)


def main():
    asked, servers = arguments(__doc__, CASES, "URL")
    print("case\tserver\treq_s\tcpu_us\tp99_ms\treq_s of the first to this\tcpu of this to the first", flush=True)
    for case in asked.cases:
        able = dict(servers)
        for name, (url, _) in servers.items():
            for _ in range(3):  # whole objects, as a first client would
                curl(url + CASES[case][0])
            if case in CHECKED and f" {CHECKED[case]} " not in answer(case, url):
                del able[name]  # it cannot do that
            elif load(case, url, asked.warm)[1] == 0:
                del able[name]  # its answers do not end
        in_turns(case, asked.rounds, able, lambda url: load(case, url, asked.seconds))


if __name__ == "__main__":
    main()
