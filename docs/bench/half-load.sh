#!/bin/bash
# half-load.sh URL RATE: asks for URL so many times a second over 64 keep-alive HTTP/1.1 connections for ten seconds, and prints how
# long answers took. Wants h2load (Debian: nghttp2-client). Pin server and load to cores of their own: taskset -c 1 half-load.sh …
set -eu
url=$1 rate=$2 connections=64
log=$(mktemp)
trap 'rm -f "$log"' EXIT
h2load --h1 -t 1 -c $connections --rps $(((rate + connections / 2) / connections)) -D 10 --warm-up-time 2 --log-file "$log" "$url" |
  grep -E '^(finished|status codes)'
# start, status, microseconds
cut -f 3 "$log" | sort -n | awk '{d[NR] = $1} END {printf "answers %d, p50 %d us, p99 %d us, p99.9 %d us, worst %d us\n", NR, d[int(NR * .5)], d[int(NR * .99)], d[int(NR * .999)], d[NR]}'
