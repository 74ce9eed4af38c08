import {keyed, percent, position, colour, placeKey} from './picture.js';

const REASONS = {
  coverage: 'its coverage holds them',
  measurement: 'cheapest as measured',
  shared: 'hardly dearer than the best, and what their neighbours have',
  geography: 'nearest usable',
  default_order: 'place not known: the first configured',
  placement: 'a better one lacks the distribution',
  load: 'a better one is full',
  last_known_good: 'none is up: the last known good',
};

export const why = reason => REASONS[reason] ?? reason;

export function make(name, {text, className, ...properties} = {}, ...children) {
  const made = document.createElement(name);
  Object.assign(made, properties);
  if (text !== undefined) {
    made.textContent = text;
  }
  if (className !== undefined) {
    made.className = className;
  }
  made.append(...children);
  return made;
}

/** Sets what a row shows; cells are text, or a node with a text of its own to compare by. */
function cells(row, values) {
  values.forEach((value, i) => {
    const node = typeof value === 'object';
    const shown = node ? value.key : value;
    let cell = row.children[i];
    if (cell === undefined) {
      cell = make(i === 0 ? 'th' : 'td');
      if (i === 0) {
        cell.scope = 'row';
      }
      row.append(cell);
    }
    if (cell.shown !== shown) {
      cell.shown = shown;
      cell.replaceChildren(...(node ? value.make() : [value]));
    }
  });
}

const link = (text, act) => make('button', {type: 'button', className: 'link', text, onclick: act});

function swatch(fill) {
  const made = make('span', {className: 'swatch'});
  made.style.backgroundColor = fill;
  made.setAttribute('aria-hidden', 'true');
  return made;
}

function meter(share, text, className = '') {
  const bar = make('span', {className: 'fill'});
  bar.style.width = `${Math.round(Math.min(1, share) * 100)}%`;
  const box = make('span', {className: `meter ${className}`}, bar);
  box.setAttribute('aria-hidden', 'true');
  return [box, text];
}

/** How much of a cost is measured. */
export function knownBy(confidence, rtt) {
  const text = confidence < 0.05 ? 'distance' : `${percent(confidence)} measured${rtt === undefined ? '' : `, ${rtt} ms`}`;
  return {key: text, make: () => confidence < 0.05 ? [text] : meter(confidence, text)};
}

function goTo(routes, colours, onCluster) {
  return {
    key: routes.map(route => `${route.cluster} ${route.share}`).join(),
    make: () => routes.flatMap((route, i) => [
      ...(i > 0 ? [', '] : []), swatch(colours(route.cluster)), link(route.cluster, () => onCluster(route.cluster)),
      ...(routes.length > 1 ? [` ${percent(route.share)}`] : []),
    ]),
  };
}

export class Tables {

  constructor({onCluster, onPrefix}) {
    this.onCluster = onCluster;
    this.onPrefix = onPrefix;
  }

  draw({clusters, map}, selected) {
    const index = new Map(clusters.map((cluster, i) => [cluster.id, i]));
    this.colours = id => colour(index.get(id) ?? -1);
    this.#legend(clusters, selected);
    this.#clusters(clusters, map, selected);
    const chosen = list => selected === null ? list : list.filter(one => (one.routes ?? [one]).some(route => route.cluster === selected));
    this.#places(map, chosen(map.places), selected);
    this.#prefixes(map, chosen(map.prefixes), selected);
  }

  #legend(clusters, selected) {
    keyed(document.getElementById('legend'), clusters, cluster => cluster.id,
      cluster => make('li', {}, make('button', {type: 'button', onclick: () => this.onCluster(cluster.id)},
        swatch(this.colours(cluster.id)), cluster.id)),
      (item, cluster) => {
        item.className = cluster.state;
        item.firstElementChild.setAttribute('aria-pressed', String(selected === cluster.id));
      });
  }

  #clusters(clusters, map, selected) {
    const weights = new Map();
    let all = 0;
    map.places.forEach(place => place.routes.forEach(route => {
      weights.set(route.cluster, (weights.get(route.cluster) ?? 0) + route.share * place.weight);
      all += route.share * place.weight;
    }));
    keyed(document.querySelector('#clusters tbody'), clusters, cluster => cluster.id, () => make('tr'), (row, cluster) => {
      row.className = `${cluster.state}${selected === cluster.id ? ' chosen' : ''}`;
      row.dataset.cluster = cluster.id;
      const full = cluster.utilisation;
      const serves = all === 0 ? undefined : (weights.get(cluster.id) ?? 0) / all;
      cells(row, [
        {key: cluster.id, make: () => [swatch(this.colours(cluster.id)), link(cluster.id, () => this.onCluster(cluster.id))]},
        {key: cluster.state, make: () => [make('span', {className: `state ${cluster.state}`, text: cluster.state})]},
        `${cluster.nodesUp} of ${cluster.nodes}`,
        {key: `${full}`, make: () => full === undefined ? ['not reported'] : meter(full, percent(full), full > 0.85 ? 'hot' : '')},
        cluster.shedOwn > 0 || cluster.shedGuests > 0
          ? `${percent(cluster.shedOwn)} of its own, ${percent(cluster.shedGuests)} of guests` : 'nobody',
        serves === undefined ? '' : percent(serves),
        cluster.requestsPerSecond === undefined ? '' : cluster.requestsPerSecond.toLocaleString('en'),
        cluster.megabitsPerSecond === undefined ? '' : cluster.megabitsPerSecond.toLocaleString('en'),
        `${cluster.role === 'parent' ? 'parent, ' : ''}${cluster.kind}${cluster.coverage > 0 ? `, covers ${cluster.coverage}` : ''}`,
      ]);
    });
  }

  #places(map, places, selected) {
    const near = map.degrees > 1 ? ` Places nearer to each other than ${map.degrees}° are one.` : '';
    const sampled = map.sampled < map.networks
      ? ` Shares are of every ${Math.round(map.networks / map.sampled)}th network.` : '';
    document.getElementById('places-note').textContent = map.geoDatabase
      ? `${map.networks.toLocaleString('en')} networks of the geo database at ${map.places.length} places${selected === null ? '' : `, of which ${places.length} go to ${selected}`}.${near}${sampled}`
      : 'No place is known without a geo database.';
    keyed(document.querySelector('#places tbody'), places, placeKey, () => make('tr'), (row, place) => {
      const first = place.routes[0];
      cells(row, [
        position(place.place),
        place.networks.toLocaleString('en'),
        goTo(place.routes, this.colours, this.onCluster),
        place.routes.map(route => why(route.reason)).filter((reason, i, all) => all.indexOf(reason) === i).join(', '),
        first ? knownBy(first.confidence, first.rttMillis) : '',
        {
          key: place.largest.join(),
          make: () => place.largest.slice(0, 3).flatMap((prefix, i) => [...(i > 0 ? [', '] : []), link(prefix, () => this.onPrefix(prefix))]),
        },
      ]);
    });
  }

  #prefixes(map, prefixes, selected) {
    const own = map.ownWays.toLocaleString('en');
    document.getElementById('prefixes-note').textContent = `${own} ${map.ownWays === 1 ? 'prefix has' : 'prefixes have'} a way of their own (coverage, measurement, `
      + `placement, load)${map.whole ? '' : ' in the part of the map that was looked at'}. Here are ${prefixes.length}${selected === null ? '' : ` that go to ${selected}`}: `
      + 'those first, then the largest networks. Any other can be asked for above.';
    keyed(document.querySelector('#prefixes tbody'), prefixes, prefix => prefix.prefix, () => make('tr'), (row, prefix) => cells(row, [
      {key: prefix.prefix, make: () => [link(prefix.prefix, () => this.onPrefix(prefix.prefix))]},
      goTo([{cluster: prefix.cluster, share: 1}], this.colours, this.onCluster),
      why(prefix.reason),
      `${prefix.costMillis} ms`,
      prefix.rttMillis === undefined ? '' : `${prefix.rttMillis} ms`,
      knownBy(prefix.confidence),
      prefix.place ? position(prefix.place) : 'not known',
    ]));
  }

  /** What GET /v1/explain says, for reading. */
  explanation(found) {
    const place = found.place ? `${position(found.place)} (${found.placeSource === 'coverage' ? 'where the covering cluster stands' : 'geo database'})` : 'place not known';
    const summary = make('p', {className: 'verdict'}, make('strong', {text: found.client}), ' goes to ',
      ...(found.chosen ? [swatch(this.colours(found.chosen)), make('strong', {text: found.chosen}), `: ${why(found.reason)}.`] : ['no cluster: there is none.']));
    const round = found.roundAgeMillis === undefined ? '' : ` · by measurements of ${Math.round(found.roundAgeMillis / 1000)} s ago, costs as of now`;
    const facts = make('p', {className: 'quiet', text: `${place} · ${found.name} · ${found.addresses.join(', ') || 'no address'} · the answer holds for a /${found.scope}${round}`});
    const head = make('tr', {}, ...['Cluster', 'Cost', 'Known by', 'Distance', 'Stands'].map(text => make('th', {text, scope: 'col'})));
    const body = make('tbody', {}, ...found.candidates.slice(0, 12).map(one => this.#candidate(one, found.chosen)));
    const more = found.candidates.length > 12 ? [make('p', {className: 'quiet', text: `and ${found.candidates.length - 12} further ones`})] : [];
    return [summary, facts, make('div', {className: 'scroll'}, make('table', {}, make('thead', {}, head), body)), ...more];
  }

  #candidate(one, chosen) {
    const standing = [
      one.covers && 'covers them', !one.up && 'down', one.drained && 'drained', !one.placed && 'lacks the distribution', one.shed > 0 && `sends ${percent(one.shed)} on`,
    ].filter(Boolean).join(', ') || 'usable';
    const row = make('tr', {className: one.cluster === chosen ? 'chosen' : ''});
    cells(row, [
      {key: one.cluster, make: () => [swatch(this.colours(one.cluster)), one.cluster]},
      `${Math.round(one.costMillis * 10) / 10} ms`,
      one.rttMillis === undefined ? 'distance'
        : `${percent(one.confidence)} measured: ${Math.round(one.rttMillis)} ± ${Math.round(one.jitterMillis)} ms, ${percent(one.loss)} lost${one.method ? ` by ${one.method}` : ''}${one.measuredFor ? `, for ${one.measuredFor}` : ''}`,
      one.distanceKm === undefined ? '' : `${Math.round(one.distanceKm).toLocaleString('en')} km`,
      standing,
    ]);
    return row;
  }
}
