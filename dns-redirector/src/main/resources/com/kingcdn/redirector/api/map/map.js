import {follow, refusal, authorized} from './stream.js';
import {Picture, describe, position} from './picture.js';
import {Tables, make} from './tables.js';

const KEY = 'kingcdn-token';
const byId = id => document.getElementById(id);

const state = {distributions: [], clusters: [], map: null};
let token = null, distribution = '', selected = null, asked = null, stop = () => {}, drawing = false, seen = null, answers = 0;

const picture = new Picture(byId('picture'), {onPlace: showPlace, onCluster: select});
const tables = new Tables({onCluster: select, onPrefix: explain});

function start() {
  // ./kingcdn up prints a link with the token behind the #, which no browser sends anywhere
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    history.replaceState(null, '', location.pathname);
    remember(given);
  } else {
    token = remembered();
  }
  token === null ? enter('') : open();
}

function remembered() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(value) {
  token = value;
  try {
    value === null ? sessionStorage.removeItem(KEY) : sessionStorage.setItem(KEY, value);
  } catch {
    // then it is known until the page is loaded again
  }
}

function enter(why) {
  stop();
  // what is drawn late, or because the picture has changed its size by being hidden, would show it again
  state.map = null;
  byId('view').hidden = byId('choice').hidden = byId('forget').hidden = true;
  byId('enter').hidden = false;
  byId('refused').textContent = why;
  live('off', 'not connected');
  byId('token').focus();
}

function open() {
  stop();
  byId('enter').hidden = true;
  byId('forget').hidden = false;
  const query = distribution === '' ? '' : `?distribution=${encodeURIComponent(distribution)}`;
  stop = follow(`v1/map/events${query}`, token, {
    onEvent: (name, data) => {
      state[name] = data;
      seen = new Date();
      redraw();
    },
    onState: (now, why) => {
      const of = seen === null ? '' : `; this is of ${seen.toLocaleTimeString()}`;
      live(now, now === 'live' ? 'live' : now === 'connecting' ? 'connecting …' : `the redirector does not answer (${why})${of}`);
    },
    onRefused: (status, why) => {
      if (status === 404 && distribution !== '') {
        distribution = '';
        open();
      } else {
        remember(null);
        enter(why);
      }
    },
  });
}

function live(now, text) {
  const badge = byId('live');
  if (badge.textContent !== text) {
    badge.textContent = text;
    badge.dataset.state = now;
  }
}

/** Once for all changes that come together. */
function redraw() {
  if (!drawing) {
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      if (state.map !== null) {
        draw();
      }
    });
  }
}

function draw() {
  byId('view').hidden = false;
  if (!state.clusters.some(cluster => cluster.id === selected)) {
    selected = null;
  }
  drawDistributions();
  drawNotices();
  picture.draw(state, selected);
  tables.draw(state, selected);
}

function drawDistributions() {
  const choices = [['', 'without placement'], ...state.distributions.filter(one => one.placed).map(one => [one.id, one.id])];
  const select = byId('distribution');
  if ([...select.options].map(option => option.value).join() !== choices.map(([id]) => id).join()) {
    select.replaceChildren(...choices.map(([value, text]) => make('option', {value, text})));
  }
  select.value = distribution;
  byId('choice').hidden = choices.length < 2;
}

function drawNotices() {
  const {clusters, map} = state;
  const named = now => clusters.filter(cluster => cluster.state === now).map(cluster => cluster.id).join(', ');
  const notices = [];
  if (clusters.length === 0) {
    notices.push(['bad', 'No cluster is configured: names that are handed over have no address.']);
  } else if (!clusters.some(cluster => cluster.inAnswers)) {
    notices.push(['bad', 'No cluster is up for these clients: each gets the last known good one.']);
  }
  if (named('down') !== '') {
    notices.push(['bad', `Down: ${named('down')}. Their clients go to the next cluster that is up.`]);
  }
  if (named('drained') !== '') {
    notices.push(['', `Drained: ${named('drained')}. New answers do not name them.`]);
  }
  if (!map.geoDatabase) {
    notices.push(['', 'There is no geo database, so no place is known: clients go by coverage and measurement, and else to the first cluster of the configuration.']);
  }
  if (map.measuredPrefixes === 0) {
    notices.push(['', 'Nothing is measured yet, so every way is guessed from the distance. Edges measure once resolvers ask, or where probe targets are configured.']);
  } else if (map.waiting > 0) {
    notices.push(['', `${map.waiting.toLocaleString('en')} of ${map.measuredPrefixes.toLocaleString('en')} measured prefixes wait for the next round to move.`]);
  }
  const list = byId('notices');
  if (list.shown !== JSON.stringify(notices)) {
    list.shown = JSON.stringify(notices);
    list.replaceChildren(...notices.map(([className, text]) => make('li', {className, text})));
  }
}

function select(id) {
  selected = selected === id ? null : id;
  draw();
}

function showPlace(place) {
  asked = null;
  picture.mark(place.place);
  byId('answer').replaceChildren(
    make('p', {className: 'verdict'}, make('strong', {text: position(place.place)}), `: ${describe(place)}.`),
    make('p', {className: 'quiet', text: 'Why? Choose one of its networks:'}),
    make('ul', {className: 'networks'}, ...place.largest.map(prefix =>
      make('li', {}, make('button', {type: 'button', className: 'link', text: prefix, onclick: () => explain(prefix)})))));
}

/** The name that a client is to ask for: of the chosen distribution, or of one that is everywhere. */
function nameToAsk() {
  const named = state.distributions.filter(one => one.name !== undefined);
  return (named.find(one => one.id === distribution) ?? named.find(one => !one.placed) ?? named[0])?.name;
}

async function explain(client) {
  byId('client').value = client;
  asked = client;
  const answer = ++answers;
  const name = nameToAsk();
  if (name === undefined) {
    say('There is no distribution with a host to ask for.');
    return;
  }
  const query = new URLSearchParams({name, [client.includes('/') ? 'ecs' : 'client']: client});
  try {
    const response = await fetch(`v1/explain?${query}`, {headers: authorized(token), cache: 'no-store'});
    const found = response.ok ? await response.json() : null;
    const why = response.ok ? '' : await refusal(response);
    if (answer !== answers) {
      return;
    }
    if (found === null) {
      say(why);
    } else {
      picture.mark(found.place);
      byId('answer').replaceChildren(...tables.explanation(found));
    }
  } catch (e) {
    if (answer === answers) {
      say(`The redirector does not answer (${e.message}).`);
    }
  }
}

function say(text) {
  picture.mark(null);
  byId('answer').replaceChildren(make('p', {className: 'refused', text}));
}

byId('enter').addEventListener('submit', event => {
  event.preventDefault();
  remember(byId('token').value.trim());
  byId('token').value = '';
  open();
});
byId('ask').addEventListener('submit', event => {
  event.preventDefault();
  explain(byId('client').value.trim());
});
byId('forget').addEventListener('click', () => {
  remember(null);
  enter('');
});
byId('distribution').addEventListener('change', event => {
  distribution = event.target.value;
  open();
  if (asked !== null) {
    explain(asked);
  }
});

new ResizeObserver(redraw).observe(byId('picture'));

start();
