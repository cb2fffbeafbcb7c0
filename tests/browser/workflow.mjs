// One trace with all that the page shows of one, as a support assistant would send it. The ids are
// counted as the rows stand.
import { line } from './otlp.mjs';

export const question = 'Why was order A-1055 charged twice?';
export const answer = 'One of the two charges was a reservation. It is released within five working days.';

export const workflow = [
  { id: 1, name: 'support', type: 'agent', start: 0, end: 2000, input: question, output: answer, traceName: 'answer customer',
    user: 'user-17', session: 'chat-4', tags: ['billing', 'beta'], environment: 'staging', release: '1.4.0' },
  { id: 2, parent: 1, name: 'retrieve', type: 'retriever', start: 50, end: 400, input: question,
    output: [{ name: 'payments.md', score: 0.91 }, { name: 'refunds.md', score: 0.74 }] },
  line({ id: 3, parent: 2, message: 'cache miss for "payments"', start: 120, metadata: {
    logger: 'retriever', file: 'src/retriever.cpp', line: '118', function: 'Retriever::find' } }),
  line({ id: 4, parent: 2, message: 'index is 3 days old', severity: 'warning', level: 'WARNING', start: 300 }),
  { id: 5, parent: 1, name: 'look_up_order', type: 'tool', start: 420, end: 600, level: 'ERROR', statusMessage: 'timeout after 180 ms',
    input: { order: 'A-1055' } },
  line({ id: 6, parent: 5, message: 'order service did not answer', severity: 'error', level: 'ERROR', start: 599 }),
  { id: 7, parent: 1, name: 'chat', type: 'generation', start: 700, firstToken: 1100, end: 1900, model: 'qwen3-8b',
    parameters: { temperature: 0.2, max_tokens: 500 }, usage: { input: 812, output: 164, input_cached_tokens: 512 },
    cost: { input: 0.0021, output: 0.0009 }, prompt: { name: 'support-answer', version: 3 }, metadata: { region: 'eu', retries: 0 },
    input: [
      { role: 'system', content: 'You answer customers of a lamp shop.' },
      { role: 'user', content: question },
      { role: 'assistant', content: null, tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'look_up_order', arguments: '{"order":"A-1055"}' } }] },
      { role: 'tool', tool_call_id: 'call_1', content: 'timeout' },
    ],
    output: { role: 'assistant', content: answer } },
  line({ id: 8, parent: 7, message: 'first token after 400 ms', severity: 'debug', start: 1100, level: 'DEBUG' }),
  line({ id: 9, parent: 1, message: 'answered in 2.0 s', start: 1999 }),
];
