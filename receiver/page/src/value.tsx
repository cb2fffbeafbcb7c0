// A text that may be JSON, and JSON that may be a conversation.
import { useMemo } from 'preact/hooks';
import { Chat } from './chat';
import { conversationOf } from './conversation';
import { JsonView } from './json_view';
import { LongText } from './long_text';

// Numbers and words are JSON too, and are shown as they are.
export function parsedJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function Value({ text, isSmall = false }: { text: string; isSmall?: boolean }) {
  const json = useMemo(() => parsedJson(text), [text]);
  if (json === undefined) return isSmall ? <LongText text={text} /> : <div class="block"><LongText text={text} /></div>;
  const conversation = isSmall ? null : conversationOf(json);
  if (conversation) return <Chat conversation={conversation} />;
  return <div class={isSmall ? '' : 'block'}><JsonView value={json} size={text.length} /></div>;
}
