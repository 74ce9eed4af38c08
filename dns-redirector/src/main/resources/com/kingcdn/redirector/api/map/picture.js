import {WIDTH, HEIGHT, project, land, seas, frame, graticule, greatCircle} from './world.js';
import {spread, nameSpots} from './layout.js';

const SVG = 'http://www.w3.org/2000/svg';

// tells twelve apart on light and dark ground, and to most who see colours otherwise; more go round the circle
const COLOURS = ['#2a78d6', '#d9650a', '#189457', '#c2397f', '#8c5bd6', '#a98000', '#0b8f9c', '#d4433f', '#6b7f1f', '#8a6150', '#4f6bed', '#a14fb0'];

export function colour(index) {
  return index < 0 ? '#888888' : index < COLOURS.length ? COLOURS[index] : `hsl(${(index * 137.5) % 360} 60% 48%)`;
}

/** Marks grow with what the picture shrinks by, so that a name's 14 units are 11 pixels at least. */
const LEAST_NAME_SCALE = 11 / 14;

/** Rings of clusters have a radius of 10 and a stroke of 3; so far from each other none touches another. */
const LEAST_APART = 24;

/** A way that is mostly measured is drawn whole, one that is mostly guessed broken. */
export const isMeasured = route => route.confidence >= 0.5;

function element(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  set(made, attributes);
  made.append(...children);
  return made;
}

function set(of, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (of.getAttribute(name) !== String(value)) {
      of.setAttribute(name, value);
    }
  }
}

/** Makes the children of a node those of a list, and keeps the ones that stay. */
export function keyed(parent, items, key, make, update) {
  const before = new Map([...parent.children].map(child => [child.dataset.key, child]));
  let at = parent.firstElementChild;
  for (const item of items) {
    const id = key(item);
    let child = before.get(id);
    before.delete(id);
    if (child === undefined) {
      child = make(item);
      child.dataset.key = id;
    }
    update(child, item);
    if (child === at) {
      at = at.nextElementSibling;
    } else {
      parent.insertBefore(child, at);
    }
  }
  // what is left stands behind all that was wanted, also if two had one key
  while (at !== null) {
    const next = at.nextElementSibling;
    at.remove();
    at = next;
  }
}

export function percent(share) {
  return `${share > 0 && share < 0.01 ? '<1' : Math.round(share * 100)} %`;
}

export function position({latitude, longitude}) {
  const one = (value, plus, minus) => `${Math.abs(value).toFixed(1)}° ${value < 0 ? minus : plus}`;
  return `${one(latitude, 'N', 'S')} ${one(longitude, 'E', 'W')}`;
}

export class Picture {

  #lines = element('g', {class: 'lines'});
  #places = element('g', {class: 'places'});
  #clusters = element('g', {class: 'clusters'});
  #asked = element('g', {class: 'asked'});

  /** onPlace(place) and onCluster(id) when one is chosen. */
  constructor(svg, {onPlace, onCluster}) {
    this.svg = svg;
    this.onPlace = onPlace;
    this.onCluster = onCluster;
    set(svg, {viewBox: `0 0 ${WIDTH} ${HEIGHT}`});
    svg.append(
      element('path', {class: 'ocean', d: frame()}),
      element('path', {class: 'graticule', d: graticule()}),
      element('path', {class: 'land', d: land()}),
      element('path', {class: 'sea', d: seas()}),
      this.#lines, this.#places, this.#asked, this.#clusters);
  }

  draw({clusters, map}, selected) {
    const byId = new Map(clusters.map((cluster, index) => [cluster.id, {...cluster, colour: colour(index)}]));
    const dim = id => selected !== null && selected !== id ? ' dim' : '';
    const scale = Math.max(1, LEAST_NAME_SCALE * WIDTH / (this.svg.clientWidth || WIDTH));
    this.#drawLines(map.places, byId, dim);
    keyed(this.#places, map.places, placeKey,
      place => {
        const dot = element('circle', {}, element('title', {}));
        dot.addEventListener('click', () => this.onPlace(dot.place));
        return dot;
      },
      (dot, place) => this.#drawPlace(dot, place, byId, dim));
    keyed(this.#clusters, [...byId.values()], cluster => cluster.id,
      cluster => {
        const group = element('g', {}, element('path', {class: 'leader'}), element('g', {class: 'marks'}, element('title', {}), element('circle', {class: 'ring', r: 10}),
          element('path', {class: 'full'}), element('circle', {class: 'dot', r: 6}), element('path', {class: 'mark'}),
          element('text', {})));
        group.addEventListener('click', () => this.onCluster(cluster.id));
        return group;
      },
      (group, cluster) => drawCluster(group, cluster, dim));
    this.#arrange(clusters, scale);
  }

  /** Puts clusters that are near each other side by side, each with a line from where it is, and names where they can be read. */
  #arrange(clusters, scale) {
    const homes = clusters.map(({place}) => project(place.longitude, place.latitude));
    const groups = [...this.#clusters.children];
    const marks = spread(homes, LEAST_APART * scale, WIDTH, HEIGHT).map(([x, y], i) => ({x, y, width: widthOf(groups[i])}));
    const spots = nameSpots(marks, scale, WIDTH, HEIGHT);
    groups.forEach((group, i) => {
      const [x, y] = homes[i], mark = marks[i], spot = spots[i];
      const away = Math.hypot(mark.x - x, mark.y - y) > 2;
      const [leader, inner] = group.children;
      set(leader, {d: away ? `M${x.toFixed(1)} ${y.toFixed(1)}L${mark.x.toFixed(1)} ${mark.y.toFixed(1)}` : ''});
      set(inner, {transform: `translate(${mark.x.toFixed(1)} ${mark.y.toFixed(1)}) scale(${scale.toFixed(2)})`});
      set(inner.lastElementChild, {x: spot.x, y: spot.y, 'text-anchor': spot.anchor});
    });
  }

  #drawLines(places, byId, dim) {
    const routes = places.flatMap(place => place.routes
      .filter(route => route.share >= 0.01 && byId.has(route.cluster))
      .map(route => ({place, route, cluster: byId.get(route.cluster)})));
    keyed(this.#lines, routes, ({place, route}) => `${placeKey(place)}>${route.cluster}`,
      () => element('path', {}),
      (line, {place, route, cluster}) => {
        set(line, {
          class: `line ${isMeasured(route) ? 'measured' : 'guessed'} ${route.reason}${dim(cluster.id)}`,
          stroke: cluster.colour,
          'stroke-width': (0.7 + 1.3 * route.share).toFixed(2),
        });
        const ends = `${placeKey(place)} ${position(cluster.place)}`;
        if (line.ends !== ends) {
          line.ends = ends;
          set(line, {d: greatCircle(place.place, cluster.place)});
        }
      });
  }

  #drawPlace(dot, place, byId, dim) {
    dot.place = place;
    const [x, y] = project(place.place.longitude, place.place.latitude);
    const first = place.routes[0];
    set(dot, {
      class: `place ${first && isMeasured(first) ? 'measured' : 'guessed'}${first ? dim(first.cluster) : ''}`,
      cx: x.toFixed(1), cy: y.toFixed(1), r: (2 + Math.log2(1 + place.weight) / 7).toFixed(1),
      fill: byId.get(first?.cluster)?.colour ?? colour(-1),
      'data-cluster': first?.cluster ?? '',
    });
    dot.firstElementChild.textContent = `${position(place.place)}: ${describe(place)}`;
  }

  /** Marks the client that was asked about; null takes the mark away. */
  mark(place) {
    this.#asked.replaceChildren();
    if (place) {
      const [x, y] = project(place.longitude, place.latitude);
      this.#asked.append(element('circle', {cx: x, cy: y, r: 9}), element('circle', {cx: x, cy: y, r: 14}));
    }
  }
}

// not what is shown of a place, which is rounded: two of them may be less than a tenth of a degree from each other
export const placeKey = ({place}) => `${place.latitude} ${place.longitude}`;

export function describe(place) {
  const networks = `${place.networks.toLocaleString('en')} ${place.networks === 1 ? 'network' : 'networks'}`;
  return `${networks} to ${place.routes.map(route => `${route.cluster}${place.routes.length > 1 ? ` (${percent(route.share)})` : ''}`).join(', ') || 'no cluster'}`;
}

function drawCluster(group, cluster, dim) {
  set(group, {class: `cluster ${cluster.state}${dim(cluster.id)}`, 'data-cluster': cluster.id});
  const [title, ring, full, dot, mark, text] = group.lastElementChild.children;
  set(group.firstElementChild, {stroke: cluster.colour});
  const up = cluster.state === 'up';
  set(ring, {stroke: cluster.colour});
  set(full, {stroke: cluster.colour, d: arc(Math.min(1, cluster.utilisation ?? 0))});
  set(dot, {fill: up ? cluster.colour : 'none', stroke: cluster.colour});
  set(mark, {d: cluster.state === 'down' ? 'M-4 -4L4 4M-4 4L4 -4' : cluster.state === 'drained' ? 'M-2 -3V3M2 -3V3' : '', stroke: cluster.colour});
  const load = cluster.utilisation === undefined ? '' : `, ${percent(cluster.utilisation)} full`;
  const shed = cluster.shedOwn > 0 ? `, sends ${percent(cluster.shedOwn)} on` : '';
  title.textContent = `${cluster.id}: ${cluster.state}, ${cluster.nodesUp} of ${cluster.nodes} nodes up${load}${shed}`;
  const name = up ? cluster.shedOwn > 0 ? `${cluster.id} −${percent(cluster.shedOwn)}` : cluster.id : `${cluster.id} ${cluster.state}`;
  if (text.textContent !== name) {
    text.textContent = name;
    group.named = undefined;
  }
}

/** Of its name, before it is scaled; asked for once, since it costs the browser a layout. */
function widthOf(group) {
  return group.named ??= group.lastElementChild.lastElementChild.getComputedTextLength();
}

/** Of a ring around a cluster, clockwise from the top. */
function arc(share) {
  if (share <= 0) {
    return '';
  }
  const angle = Math.min(share, 0.9999) * 2 * Math.PI;
  return `M0 -10A10 10 0 ${angle > Math.PI ? 1 : 0} 1 ${(10 * Math.sin(angle)).toFixed(2)} ${(-10 * Math.cos(angle)).toFixed(2)}`;
}
