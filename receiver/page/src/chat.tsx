import type { Conversation, Message, Part } from './conversation';
import { JsonView } from './json_view';
import { LongText } from './long_text';

const roles = new Set(['system', 'developer', 'user', 'assistant', 'model', 'tool', 'function']);

export function Chat({ conversation }: { conversation: Conversation }) {
  return (
    <div class="chat">
      {conversation.messages.map((message, i) => <Said key={i} message={message} />)}
      {conversation.rest && <div class="said rest"><Json value={conversation.rest} /></div>}
    </div>
  );
}

function Said({ message }: { message: Message }) {
  const role = message.role.toLowerCase();
  return (
    <div class={`said ${roles.has(role) ? `role-${role}` : ''}`}>
      <div class="role">{message.role}{message.name && <span class="muted"> {message.name}</span>}</div>
      {message.parts.map((part, i) => <Spoken key={i} part={part} />)}
      {message.parts.length === 0 && <span class="faint">nothing</span>}
    </div>
  );
}

// JSON within a conversation is folded more than JSON on its own.
function Json({ value }: { value: unknown }) {
  return <JsonView value={value} size={JSON.stringify(value ?? null).length * 2} />;
}

function Spoken({ part }: { part: Part }) {
  switch (part.kind) {
    case 'text':
      return <LongText text={part.text} />;
    case 'image':
      return <img src={part.data} alt="sent with the message" loading="lazy" />;
    case 'call':
      return (
        <div class="call">
          <div class="call-head">calls <b>{part.name}</b> <span class="faint">{part.id}</span></div>
          <Json value={part.input} />
        </div>
      );
    case 'json':
      return <Json value={part.value} />;
  }
}
