#!/bin/bash
# http2.sh [ROUNDS]: HTTP/2 over TLS 1.3, 1 KiB hits, 16 connections with 32 streams each: nginx and ./kingcdn edge in turns, the server on
# core 0, load and origin on core 1. Prints requests a second and the server's CPU for each. Wants nginx, h2load, openssl (Debian: nginx
# nghttp2-client openssl) and a built tree. Everything is on loopback, and ends with the script.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd) rounds=${1:-3} seconds=${DURATION:-4} warm=${WARMUP:-9} size=${SIZE:-1024}
origin=18180 nginx=18181 edge=18182
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
mkdir -p "$dir/www" "$dir/tls" "$dir/cache" "$dir/disk" && chmod 777 "$dir/cache"
head -c "$size" /dev/urandom >"$dir/www/object"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$dir/tls/default.key" -out "$dir/tls/default.crt" 2>/dev/null
chmod 644 "$dir/tls/default.key"

server() { # NAME CPU SERVER-BLOCK
  mkdir -p "$dir/$1"
  cat >"$dir/$1.conf" <<CONF
daemon off; worker_processes 1; pid $dir/$1/pid; error_log $dir/$1/error.log;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; sendfile on; tcp_nopush on; default_type text/plain;
  client_body_temp_path $dir/$1/a; proxy_temp_path $dir/$1/b; fastcgi_temp_path $dir/$1/c; uwsgi_temp_path $dir/$1/d; scgi_temp_path $dir/$1/e;
  proxy_cache_path $dir/cache keys_zone=c:16m; http2_max_concurrent_streams 128;
  server { $3 } }
CONF
  taskset -c "$2" nginx -c "$dir/$1.conf" &
}
server origin 1 "listen 127.0.0.1:$origin; root $dir/www; add_header cache-control max-age=3600;"
server nginx 0 "listen 127.0.0.1:$nginx ssl http2; ssl_certificate $dir/tls/default.crt; ssl_certificate_key $dir/tls/default.key;
  location / { proxy_pass http://127.0.0.1:$origin; proxy_cache c; proxy_cache_valid 200 1h; }"
nginx_pid=$!
KINGCDN_STATE=${KINGCDN_STATE:-$root/.kingcdn} taskset -c 0 "$root/kingcdn" edge --listen 127.0.0.1:$((edge + 1)) --origin http://127.0.0.1:$origin \
  --memory 128MB --disk "$dir/disk" --threads 1 --tls-listen 127.0.0.1:$edge --tls-dir "$dir/tls" >"$dir/edge.log" 2>&1 &
edge_pid=$!
for port in $nginx $edge; do
  for _ in $(seq 600); do curl -sk -o /dev/null "https://localhost:$port/object" && break; sleep 0.2; done
done

ticks() { local p sum=0 t; for p in "$1" $(cat "/proc/$1/task/$1/children"); do t=$(awk '{print $14 + $15}' "/proc/$p/stat"); sum=$((sum + t)); done; echo "$sum"; }
load() { taskset -c 1 h2load -t 1 -c 16 -m 32 -D "$2" "https://localhost:$1/object"; }
measure() { # NAME PORT PID WARMUP
  local before after out
  load "$2" "$4" >/dev/null
  before=$(ticks "$3")
  out=$(load "$2" "$seconds")
  after=$(ticks "$3")
  awk -v name="$1" -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" -v s="$seconds" '
    /^finished in/ {rate = $4} /^status codes/ {ok = $3}
    END {printf "%-8s %9.0f requests/s  %6.2f us CPU each  %d answered 2xx\n", name, ok / s, ticks / hz * 1e6 / ok, ok}' <<<"$out"
}
for _ in $(seq "$rounds"); do
  measure nginx $nginx $nginx_pid 1
  measure kingcdn $edge $edge_pid "$warm"
done
