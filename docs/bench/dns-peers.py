#!/usr/bin/env python3
"""Writes the same CDN for three name servers: 1,000 names, 20 places, addresses by where the client is.

    dns-peers.py DIRECTORY GeoLite2-City.mmdb PORT
    gdnsd -c DIRECTORY/gdnsd start                                             # 127.0.0.1 and PORT: the nearest place
    knotd -c DIRECTORY/knot/knot.conf                                          # PORT + 1: a place for each country, it knows no distances
    ./kingcdn dns --listen 127.0.0.1:PORT+2 --config DIRECTORY/kingcdn/cdn.yaml --geo GeoLite2-City.mmdb --threads 1

Each with one thread that answers UDP. Queries from 127.1.N.0/24 go to the Nth place in gdnsd and KingCDN, and to the first in Knot, as all clients whose country it is not told of.
"""
import os
import sys

PLACES = {
    "fra": (50.1, 8.7), "lon": (51.5, -0.1), "par": (48.9, 2.4), "mad": (40.4, -3.7), "sto": (59.3, 18.1), "waw": (52.2, 21.0), "nyc": (40.7, -74.0),
    "mia": (25.8, -80.2), "chi": (41.9, -87.6), "dal": (32.8, -96.8), "lax": (34.0, -118.2), "sea": (47.6, -122.3), "gru": (-23.5, -46.6),
    "scl": (-33.4, -70.7), "jnb": (-26.2, 28.0), "bom": (19.1, 72.9), "sin": (1.4, 103.8), "hkg": (22.3, 114.2), "nrt": (35.7, 139.7),
    "syd": (-33.9, 151.2)}
COUNTRIES = {
    "fra": "DE AT CH IT CZ SK HU HR SI RS RO BG GR TR", "lon": "GB IE IS", "par": "FR BE NL LU", "mad": "ES PT MA DZ", "sto": "SE NO FI DK EE",
    "waw": "PL UA LT LV BY RU", "nyc": "US CA", "mia": "CO VE EC DO CR PA", "dal": "MX", "gru": "BR", "scl": "CL AR PE", "jnb": "ZA AO TZ KE NG GH",
    "bom": "IN PK BD LK NP AE SA IR", "sin": "SG MY ID TH VN PH", "hkg": "HK CN TW", "nrt": "JP KR", "syd": "AU NZ"}
HOSTS = [f"h{number}" for number in range(1000)]
ZONE = """$TTL 300
@ IN SOA ns1.cdn.example. hostmaster.cdn.example. 1 7200 900 1209600 60
@ IN NS ns1
ns1 IN A 127.0.0.1
"""


def addresses(place):
    number = list(PLACES).index(place) + 1
    return [f"198.51.100.{number}", f"198.51.100.{number + 100}"]


def each(form):
    """A line for each place: its number, its name, latitude, longitude, both addresses."""
    return "\n".join(form.format(number, place, *PLACES[place], *addresses(place)) for number, place in enumerate(PLACES))


def gdnsd(mmdb, port):
    return {"config": f"""options => {{
  listen => 127.0.0.1:{port}, udp_threads => 1, tcp_threads => 1, run_dir => DIRECTORY, state_dir => DIRECTORY, zones_default_ttl => 30
}}
plugins => {{ geoip => {{
  maps => {{ geo => {{
    geoip2_db => {mmdb}, auto_dc_limit => 3, datacenters => [ {", ".join(PLACES)} ],
    auto_dc_coords => {{
{each("      {1} => [ {2}, {3} ],")}
    }},
    nets => {{
{each("      127.1.{0}.0/24 => [ {1} ],")}
    }}
  }} }}
  resources => {{ cdn => {{ map => geo, service_types => up, dcmap => {{
{each("    {1} => {{ addrs_v4 => [ {4}, {5} ] }},")}
  }} }} }}
}} }}
""", "zones/cdn.example": ZONE + "".join(f"{host} 30 DYNA geoip!cdn\n" for host in HOSTS)}


def knot(mmdb, port):
    places = "".join(f'  - geo: "{code}"\n    A: [ {", ".join(addresses(place))} ]\n' for place in COUNTRIES for code in COUNTRIES[place].split())
    return {"knot.conf": f"""server:
  listen: 127.0.0.1@{port}
  rundir: DIRECTORY
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  edns-client-subnet: on
database:
  storage: DIRECTORY/db
mod-geoip:
  - id: geo
    config-file: DIRECTORY/geo.yml
    ttl: 30
    mode: geodb
    geodb-file: {mmdb}
    geodb-key: country/iso_code
zone:
  - domain: cdn.example
    file: DIRECTORY/cdn.zone
    zonefile-sync: -1
    module: mod-geoip/geo
""", "geo.yml": "".join(f"{host}.cdn.example:\n{places}" for host in HOSTS), "cdn.zone": ZONE + "".join(f"{host} 30 A 198.51.100.1\n" for host in HOSTS)}


def kingcdn(mmdb, port):
    return {"cdn.example.zone": ZONE, "cdn.yaml": f"""zones: [{{name: cdn.example, file: cdn.example.zone, cdn: true}}]
ttl: {{host: 30s, edge-hostname: 30s, address: 30s}}
distributions:
{"".join(f"  - {{id: {host}, origins: [{{url: 'http://127.0.0.1:8600'}}]}}" + chr(10) for host in HOSTS)}clusters:
{each("  - {{id: {1}, place: {{latitude: {2}, longitude: {3}}}, coverage: [127.1.{0}.0/24], health: assumed, nodes: ["
      "{{id: {1}-1, ipv4: {4}, port: 80}}, {{id: {1}-2, ipv4: {5}, port: 80}}]}}")}
"""}


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    for number, peer in enumerate((gdnsd, knot, kingcdn)):
        directory = os.path.join(os.path.abspath(sys.argv[1]), peer.__name__)
        for name, text in peer(os.path.abspath(sys.argv[2]), int(sys.argv[3]) + number).items():
            path = os.path.join(directory, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text.replace("DIRECTORY", directory))


if __name__ == "__main__":
    main()
