// Keys of a view. While a person writes into a field, keys belong to the field; Escape leaves it.
import { useLayoutEffect, useRef } from 'preact/hooks';

export type Keys = Record<string, () => void>;

function isField(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}

// A control that has the focus is pressed by a key, and the detail pane is scrolled by the arrows.
function isForFocused({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (key === 'Enter' || key === ' ') return target.closest('a, button') !== null;
  return key.startsWith('Arrow') && target.closest('aside') !== null;
}

export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  // Listening begins with what is shown, not after its painting: a key that answers what is seen is never lost.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (document.querySelector('dialog[open]')) return;
      if (isField(event.target)) {
        if (event.key === 'Escape') event.target.blur();
        return;
      }
      const action = current.current[event.key];
      if (!action || isForFocused(event)) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

// A screen reader follows the chosen row only where the focus is.
export const focusRows = () => document.querySelector<HTMLElement>('.tree, .log-view')?.focus({ preventScroll: true });

export const focusSearch = () => document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
