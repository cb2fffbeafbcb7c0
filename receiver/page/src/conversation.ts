// Which JSON is a conversation with a model, and what was said. Knows the message shapes of OpenAI,
// Anthropic and Gemini as far as they differ.

export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'image'; data: string }
  | { kind: 'call'; name: string; id: string; input: unknown }
  | { kind: 'json'; value: unknown };

export interface Message {
  role: string;
  // Which tool or person spoke, where that is said.
  name: string;
  parts: Part[];
}

export interface Conversation {
  messages: Message[];
  // What stood beside the messages: tools, settings.
  rest: Record<string, unknown> | null;
}

type Dictionary = Record<string, unknown>;

const isDictionary = (value: unknown): value is Dictionary =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown) => (typeof value === 'string' ? value : '');

function isMessage(value: unknown): value is Dictionary {
  return isDictionary(value) && typeof value['role'] === 'string' &&
    ('content' in value || 'parts' in value || 'tool_calls' in value);
}

const bitmaps = /^data:image\/(png|jpeg|gif|webp);base64,/;

function toolInput(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function partOf(value: unknown): Part {
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (!isDictionary(value)) return { kind: 'json', value };
  if (typeof value['text'] === 'string') return { kind: 'text', text: value['text'] };
  const image = value['image_url'];
  const url = text(isDictionary(image) ? image['url'] : image);
  if (bitmaps.test(url)) return { kind: 'image', data: url };
  if (value['type'] === 'tool_use') {
    return { kind: 'call', name: text(value['name']), id: text(value['id']), input: value['input'] };
  }
  return { kind: 'json', value };
}

function callOf(value: unknown): Part {
  if (!isDictionary(value)) return { kind: 'json', value };
  const called = isDictionary(value['function']) ? value['function'] : value;
  const input = toolInput(called['arguments'] ?? called['args'] ?? null);
  return { kind: 'call', name: text(called['name']), id: text(value['id']), input };
}

function toMessage(value: Dictionary): Message {
  const content = value['content'] ?? value['parts'];
  const parts = content === null || content === undefined || content === '' ? []
    : Array.isArray(content) ? content.map(partOf) : [partOf(content)];
  const calls = Array.isArray(value['tool_calls']) ? value['tool_calls'].map(callOf) : [];
  const name = text(value['name']) || text(value['tool_call_id']);
  return { role: text(value['role']), name, parts: [...parts, ...calls] };
}

function messagesIn(value: unknown): Message[] | null {
  const list = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every(isMessage) ? list.map(toMessage) : null;
}

// Null if it is not a conversation.
export function conversationOf(json: unknown): Conversation | null {
  const messages = messagesIn(json);
  if (messages) return { messages, rest: null };
  if (!isDictionary(json)) return null;
  for (const key of ['messages', 'choices', 'contents']) {
    const list = json[key];
    if (!Array.isArray(list)) continue;
    const inside = messagesIn(key === 'choices' ? list.map((choice) => isDictionary(choice) && choice['message']) : list);
    if (!inside) continue;
    const { [key]: _, ...rest } = json;
    return { messages: inside, rest: Object.keys(rest).length > 0 ? rest : null };
  }
  return null;
}
