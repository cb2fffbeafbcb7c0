import { useState } from 'preact/hooks';
import { count } from './format';
import { TextWithMedia } from './media';

const mostCharacters = 3000;
const mostLines = 40;

// Where to cut, not between the two halves of a character.
function cutAt(text: string): number {
  let at = -1;
  for (let line = 0; line < mostLines; line++) {
    at = text.indexOf('\n', at + 1);
    if (at < 0 || at > mostCharacters) break;
  }
  const end = Math.min(at < 0 ? text.length : at, mostCharacters, text.length);
  const isHalf = /[\uD800-\uDBFF]/.test(text.charAt(end - 1)) && end < text.length;
  return isHalf ? end - 1 : end;
}

// Text as it is; of a long one the beginning, until the rest is asked for.
export function LongText({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  const end = cutAt(text);
  const isLong = end < text.trimEnd().length;
  return (
    <>
      <pre><TextWithMedia text={isLong && !isWhole ? `${text.slice(0, end)}…` : text} /></pre>
      {isLong && (
        <button class="button quiet more" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show less' : `Show all ${count(text.length)} characters`}
        </button>
      )}
    </>
  );
}
