// A list of rows of equal height of which only those in sight are in the document. The rows are placed
// by their style, so that whoever draws one row need not know how many stand above it.
import type { ComponentChildren, Ref } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { px } from './format';

const spareRows = 12;

interface Properties {
  rows: number;
  rowHeight: number;
  draw: (index: number, style: { top: string; height: string }) => ComponentChildren;
  // A row to scroll to when it, or `revealKey`, changes; -1 for none.
  reveal: number;
  revealKey?: unknown;
  onNearEnd?: () => void;
  // Attributes of the scrolled element.
  class: string;
  role?: 'table' | 'tree' | 'listbox';
  label?: string;
  activeDescendant?: string | undefined;
  head?: ComponentChildren;
  outerRef?: Ref<HTMLDivElement>;
}

export function VirtualRows(p: Properties) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const measure = useCallback(() => {
    const element = box.current;
    if (!element) return;
    const { scrollTop: top, clientHeight: height } = element;
    setView((before) => (before.top === top && before.height === height ? before : { top, height }));
  }, []);

  useLayoutEffect(() => {
    const observer = new ResizeObserver(measure);
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, [measure]);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || p.reveal < 0) return;
    const top = p.reveal * p.rowHeight;
    const below = top + p.rowHeight - (element.scrollTop + element.clientHeight);
    const isFar = top < element.scrollTop - p.rowHeight || below > p.rowHeight;
    if (isFar) element.scrollTop = top - element.clientHeight / 2;
    else if (top < element.scrollTop) element.scrollTop = top;
    else if (below > 0) element.scrollTop += below;
    measure();
  }, [p.reveal, p.revealKey, p.rowHeight, measure]);

  const first = Math.max(0, Math.floor(view.top / p.rowHeight) - spareRows);
  const last = Math.min(p.rows, Math.ceil((view.top + view.height) / p.rowHeight) + spareRows);
  const isNearEnd = p.rows > 0 && last === p.rows;
  useEffect(() => {
    if (isNearEnd) p.onNearEnd?.();
  }, [isNearEnd, p.rows]);

  const drawn = [];
  for (let i = first; i < last; i++) {
    drawn.push(p.draw(i, { top: px(i * p.rowHeight), height: px(p.rowHeight) }));
  }
  return (
    <div class={p.class} ref={box} onScroll={measure} tabIndex={0} role={p.role} aria-label={p.label}
      aria-activedescendant={p.activeDescendant}>
      {p.head}
      <div class="rows" role={p.role ? 'presentation' : undefined} style={{ height: px(p.rows * p.rowHeight) }}>
        {drawn}
      </div>
    </div>
  );
}
