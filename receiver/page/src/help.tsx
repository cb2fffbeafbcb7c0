import type { RefObject } from 'preact';

const shortcuts: [string[], string][] = [
  [['j', 'k'], 'next and previous row (also ↓ ↑)'],
  [['Enter'], 'open'],
  [['Esc'], 'close, then back'],
  [['/'], 'search'],
  [['e', 'E'], 'next and previous error of a trace'],
  [['←', '→'], 'fold and unfold (also h l)'],
  [['v'], 'tree or log view of a trace'],
  [['L'], 'log lines in the tree: all, problems, none'],
  [['z'], 'zoom the time axis to the selected row, and back'],
  [['t'], 'light or dark'],
  [['?'], 'this help'],
];

export function Help({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title"
      onClick={(event) => event.target === dialog.current && close()}>
      <div class="help-body">
        <h2 id="help-title">Keyboard</h2>
        <dl class="keys">
          {shortcuts.map(([keys, meaning]) => (
            <div key={meaning}>
              <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <button class="button" onClick={close}>Close</button>
      </div>
    </dialog>
  );
}
