// When an observation was: its bar on the time axis, with the log lines as ticks and the first token.
import type { Trace } from './api';
import { duration, percent, plural } from './format';
import { logTicks, type Node } from './observation_tree';
import { levelClass } from './types';

// The part of the time axis that is shown, and what stands between two of its marks. Microseconds.
export interface TimeWindow {
  start: number;
  end: number;
  step: number;
}

export const wholeOf = (trace: Trace) => ({ start: trace.start, end: Math.max(trace.end, trace.start + 1) });

interface Properties {
  node: Node;
  window: TimeWindow;
  whole: { start: number };
}

export function Lane({ node, window, whole }: Properties) {
  const { observation: o, isLog } = node;
  const length = window.end - window.start;
  const at = (us: number) => Math.min(100, Math.max(0, (100 * (us - window.start)) / length));
  const grid = { '--step': percent((100 * window.step) / length) };
  const isOutside = o.start > window.end || o.end < window.start;
  if (isOutside) return <div class="lane" style={grid} />;

  if (isLog) {
    const left = percent(at(o.start));
    return (
      <div class="lane" style={grid}>
        <span class="tick own" style={{ left }} />
        <span class="time" style={{ left }}>+{duration(o.start - whole.start)}</span>
      </div>
    );
  }

  const left = at(o.start);
  const right = at(Math.max(o.end, o.start));
  const hasFirst = o.firstToken !== undefined && o.firstToken > o.start && o.firstToken <= o.end;
  const first = hasFirst ? at(o.firstToken!) : left;
  return (
    <div class="lane" style={grid}>
      <span class="bar" style={{ left: percent(left), width: percent(right - left) }} />
      {hasFirst && (
        <>
          <span class="wait" style={{ left: percent(left), width: percent(first - left) }} />
          <span class="first" style={{ left: percent(first) }} title={`first token after ${duration(o.firstToken! - o.start)}`} />
        </>
      )}
      {logTicks(node).map((tick) => (
        <span key={tick.time} class={`tick ${levelClass(tick.level)}`} style={{ left: percent(at(tick.time)) }}
          title={`${plural(tick.lines, 'log line')}, +${duration(tick.time - whole.start)}`} />
      ))}
      <span class="time" style={{ left: percent(right) }}>{duration(Math.max(0, o.end - o.start))}</span>
    </div>
  );
}
