// JSON that is folded: what is large or deep opens when asked for, and is put into the document only
// then.
import { useState } from 'preact/hooks';
import { count, plural } from './format';
import { LongText } from './long_text';

const pageSize = 100;

// How many levels are open at first, by the length of the JSON text.
function openLevels(size: number): number {
  return size < 1500 ? 6 : size < 6000 ? 2 : 1;
}

export function JsonView({ value, size }: { value: unknown; size: number }) {
  return <div class="json"><Member name={null} value={value} open={openLevels(size)} /></div>;
}

function Member({ name, value, open }: { name: string | null; value: unknown; open: number }) {
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    return <Container name={name} value={value} open={open} />;
  }
  return <div class="member"><Name name={name} /><Scalar value={value} /></div>;
}

function Name({ name }: { name: string | null }) {
  return name === null ? null : <span class="key">{name}: </span>;
}

function Scalar({ value }: { value: unknown }) {
  if (typeof value === 'string') return <span class="string"><LongText text={value} /></span>;
  return <span class={value === null ? 'null' : typeof value}>{JSON.stringify(value)}</span>;
}

function Container({ name, value, open }: { name: string | null; value: object; open: number }) {
  const [isOpen, setOpen] = useState(open > 0);
  const [shown, setShown] = useState(pageSize);
  const isArray = Array.isArray(value);
  const keys = Object.keys(value);
  const summary = isArray ? `[ ${plural(keys.length, 'element')} ]` : `{ ${plural(keys.length, 'key')} }`;
  return (
    <div class="member container">
      <button class="toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span class="caret" aria-hidden="true">{isOpen ? '▾' : '▸'}</span>
        {name !== null && <span class="key">{name}</span>} <span class="faint">{summary}</span>
      </button>
      {isOpen && (
        <div class="members">
          {keys.slice(0, shown).map((key) => (
            <Member key={key} name={key} value={(value as Record<string, unknown>)[key]} open={open - 1} />
          ))}
          {shown < keys.length && (
            <button class="button quiet more" onClick={() => setShown(shown + 10 * pageSize)}>
              {count(keys.length - shown)} more
            </button>
          )}
        </div>
      )}
    </div>
  );
}
