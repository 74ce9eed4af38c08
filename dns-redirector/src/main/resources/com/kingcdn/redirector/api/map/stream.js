// Server-sent events with a token. EventSource sends no Authorization field, and a token in a URL would be in logs.

const SILENCE_MILLIS = 25_000;
const MAX_WAIT_MILLIS = 15_000;

/** Why the API refuses, in its own words (RFC 9457). */
export async function refusal(response) {
  try {
    return (await response.json()).detail ?? `status ${response.status}`;
  } catch {
    return `status ${response.status}`;
  }
}

export const authorized = token => ({Authorization: `Bearer ${token}`});

/**
 * Follows a stream until it is stopped, connecting again whenever it ends or falls silent.
 *
 * onEvent(name, data); onState('connecting' | 'live' | 'waiting', why); onRefused(status, why) ends it.
 */
export function follow(url, token, {onEvent, onState, onRefused}) {
  let stopped = false, failures = 0, controller = null, timer = 0;

  async function connect() {
    controller = new AbortController();
    onState('connecting', '');
    let watchdog = 0;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => controller.abort(), SILENCE_MILLIS);
    };
    try {
      alive();
      const response = await fetch(url, {
        headers: {...authorized(token), Accept: 'text/event-stream'}, signal: controller.signal, cache: 'no-store',
      });
      if (!response.ok) {
        const why = await refusal(response);
        if (response.status >= 400 && response.status < 500) {
          stopped = true;
          onRefused(response.status, why);
          return;
        }
        throw new Error(why);
      }
      await read(response.body.getReader(), alive);
      again('the stream has ended');
    } catch (e) {
      again(e.name === 'AbortError' ? 'it has fallen silent' : e.message);
    } finally {
      clearTimeout(watchdog);
    }
  }

  async function read(reader, alive) {
    const decoder = new TextDecoder();
    let rest = '';
    for (;;) {
      const {done, value} = await reader.read();
      if (done || stopped) {
        return;
      }
      alive();
      const frames = (rest + decoder.decode(value, {stream: true})).split('\n\n');
      rest = frames.pop();
      frames.forEach(take);
    }
  }

  function take(frame) {
    let name = 'message', data = '';
    for (const line of frame.split('\n')) {
      if (line.startsWith('event:')) {
        name = line.slice(6).trim();
      } else if (line.startsWith('data:')) {
        data += line.slice(5);
      }
    }
    if (data !== '') {
      failures = 0;
      onState('live', '');
      onEvent(name, JSON.parse(data));
    }
  }

  function again(why) {
    if (stopped) {
      return;
    }
    const wait = Math.min(MAX_WAIT_MILLIS, 500 * 2 ** failures++);
    onState('waiting', why);
    timer = setTimeout(connect, wait);
  }

  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    controller?.abort();
  };
}
