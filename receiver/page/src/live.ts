// Knowing when there is something new: the receiver's event stream, or asking every two seconds where it
// refuses one (it serves a limited number). And loading again whenever there is.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, Refused } from './api';

const pollMilliseconds = 2000;
// How many polls until the stream is tried again.
const pollsPerAttempt = 15;
const leastPauseMilliseconds = 200;

export type Connection = 'connecting' | 'live' | 'polling' | 'stopped';

export interface Live {
  connection: Connection;
  // Changes whenever what was loaded may be out of date; says nothing else.
  version: string;
}

export function useLive(): Live {
  const [live, setLive] = useState<Live>({ connection: 'connecting', version: '' });
  useEffect(() => {
    // Which receiver answers: one that was started again may count from the same revision.
    let connections = 0;
    let polls = 0;
    let timer = 0;
    let stream: EventSource | undefined;
    const heard = (connection: Connection, revision: number) =>
      setLive({ connection, version: `${connections}:${revision}` });
    const lost = () => {
      connections += 1;
      setLive((before) => ({ ...before, connection: 'stopped' }));
    };

    const listen = () => {
      stream = new EventSource('/local/events');
      stream.addEventListener('revision', (event) => heard('live', Number((event as MessageEvent).data)));
      stream.addEventListener('error', () => {
        if (stream?.readyState === EventSource.CLOSED) void poll();
        else lost();
      });
    };
    const poll = async () => {
      try {
        const { revision } = await get<{ revision: number }>('/local/traces?limit=1');
        heard('polling', revision);
      } catch {
        lost();
      }
      polls += 1;
      timer = setTimeout(polls % pollsPerAttempt === 0 ? listen : poll, pollMilliseconds);
    };

    listen();
    return () => {
      stream?.close();
      clearTimeout(timer);
    };
  }, []);
  return live;
}

export interface Loaded<Answer> {
  data?: Answer;
  // The status of an answer that was not 200; 0 if all is well.
  refused: number;
}

// The answer to `path`, again whenever `version` changes; nothing while it is empty. What was loaded stays until the next answer to
// the same path is there. A load that took long is followed by a long pause, so that a trace of 20 000
// observations that still grows does not keep browser and receiver busy.
export function useLoaded<Answer>(path: string | null, version: string, leastPause = leastPauseMilliseconds): Loaded<Answer> {
  const [loaded, setLoaded] = useState<Loaded<Answer> & { path: string | null }>({ path: null, refused: 0 });
  const wanted = useRef(version);
  const wake = useRef<() => void>(() => {});
  wanted.current = version;

  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    let busy = false;
    let done: string | null = null;
    const run = async () => {
      if (busy) return;
      busy = true;
      while (!stop.signal.aborted && wanted.current !== '' && done !== wanted.current) {
        done = wanted.current;
        const begin = performance.now();
        try {
          setLoaded({ path, data: await get<Answer>(path, stop.signal), refused: 0 });
        } catch (error) {
          if (stop.signal.aborted) return;
          if (error instanceof Refused) setLoaded({ path, refused: error.status });
          // Nobody answered: `useLive` notices too, and its version changes when somebody does again.
        }
        const pause = Math.max(leastPause, 2 * (performance.now() - begin));
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
      busy = false;
    };
    wake.current = () => void run();
    wake.current();
    return () => stop.abort();
  }, [path]);
  useEffect(() => wake.current(), [version]);

  if (loaded.path !== path) return { refused: 0 };
  return loaded;
}
