// Keys of a view. While a person writes into a field, keys belong to the field; Escape leaves it.
import { useEffect, useRef } from 'preact/hooks';

export type Keys = Record<string, () => void>;

function isField(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}

// A control that has the focus answers these itself.
function isForControl(event: KeyboardEvent): boolean {
  const isPress = event.key === 'Enter' || event.key === ' ';
  return isPress && event.target instanceof Element && event.target.closest('a, button, summary') !== null;
}

export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (document.querySelector('dialog[open]')) return;
      if (isField(event.target)) {
        if (event.key === 'Escape') event.target.blur();
        return;
      }
      const action = current.current[event.key];
      if (!action || isForControl(event)) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

export const focusSearch = () => document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
