#!/usr/bin/env python3
"""Name servers beside each other on a machine that others use too: all run at once, and are asked in turns.

    dns-in-turns.py [--cases …] [--rounds 12] [--seconds 1] [--warm 4] NAME=ADDRESS:PORT=PID[,PID…] …

As in-turns.py does it: in each round each server has the load for a second, in an order drawn anew, and the medians of the rounds' ratios count. The
servers are pinned to core 0, dns-load to core 1, 160 queries in flight. They serve what dns-peers.py writes: A of h0.cdn.example to h999.cdn.example.
"lost" is the queries in a thousand that had no answer. Wants a C compiler.
"""
import importlib
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
turns = importlib.import_module("in-turns")
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dns-load.c")
IN_FLIGHT = "160"
HOSTS = [f"h{number}" for number in range(1000)]
ABSENT = [f"x{number}" for number in range(10000)]
CASES = {  # what is asked for, and how
    "a": (HOSTS, []),
    "do": (HOSTS, ["do"]),
    "ecs": (HOSTS, ["ecs"]),
    "nx": (ABSENT, []),
    "tcp": (HOSTS, ["tcp"]),
}


def load(directory, case, server, seconds):
    """Answers a second, their number, the lost in a thousand."""
    asked, options = CASES[case]
    command = ["taskset", "-c", "1", f"{directory}/dns-load", *server.split(":"), str(seconds), IN_FLIGHT, f"{directory}/{case}", *options]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{server} {case}: {run.stderr}")
    answers, micros, lost, all_answers, empty, *codes = map(int, run.stdout.split())
    right = codes[3] if asked is ABSENT else codes[0] - empty
    if right < all_answers or not answers:
        raise SystemExit(f"{server} {case}: {all_answers} answers, {empty} of them without addresses, by RCODE: {codes}")
    return answers / (micros / 1e6), all_answers, 1000 * lost / (all_answers + lost)


def main():
    asked, servers = turns.arguments(__doc__, CASES, "ADDRESS:PORT")
    print("case\tserver\tanswers_s\tcpu_us\tlost\tanswers_s of the first to this\tcpu of this to the first", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["cc", "-O2", "-o", f"{directory}/dns-load", SOURCE], check=True)
        for case in asked.cases:
            with open(f"{directory}/{case}", "w") as names:
                names.writelines(f"{name}.cdn.example\n" for name in CASES[case][0])
            for server, _ in servers.values():
                load(directory, case, server, asked.warm)
            turns.in_turns(case, asked.rounds, servers, lambda server: load(directory, case, server, asked.seconds))


if __name__ == "__main__":
    main()
