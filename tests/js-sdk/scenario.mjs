// The scenario of tests/data/js-sdk, played by the published JavaScript SDK against the address in LANGFUSE_BASE_URL.
// Prints the trace id of the first root as its last line.
import { LangfuseClient } from '@langfuse/client';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { propagateAttributes, setActiveTraceAsPublic, startActiveObservation, startObservation } from '@langfuse/tracing';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const processor = new LangfuseSpanProcessor({ environment: 'staging', release: 'rel-1.2.3' });
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'rich-scenario' }),
  spanProcessors: [processor],
});
provider.register();
const client = new LangfuseClient();

const propagated = {
  userId: 'user-1',
  sessionId: 'sess-1',
  tags: ['tag-a', 'tag-b'],
  metadata: { tenant: 'acme', tier: 'gold' },
  version: 'v7',
  traceName: 'rich-trace',
};

function callTheModel() {
  return startActiveObservation(
    'llm-call',
    (generation) => {
      generation.update({
        model: 'gpt-4o-2024-08-06',
        modelParameters: { temperature: 0.7, max_tokens: 256, stop: 'END', stream: true },
        input: [
          { role: 'system', content: 'You are terse.' },
          { role: 'user', content: '2+2?' },
        ],
        prompt: { name: 'math-prompt', version: 3, isFallback: false },
        completionStartTime: new Date('2026-01-02T03:04:05.678Z'),
      });
      startActiveObservation('calc-tool', (tool) => tool.update({ input: { a: 2, b: 2 }, output: '4' }), {
        asType: 'tool',
      });
      generation.update({
        output: { role: 'assistant', content: '4' },
        usageDetails: { input: 21, output: 1, total: 22, cache_read_input_tokens: 5 },
        costDetails: { input: 0.0001, output: 0.0002, total: 0.0003 },
      });
      return generation.id;
    },
    { asType: 'generation' },
  );
}

let traceId;
let generationId;
propagateAttributes(propagated, () =>
  startActiveObservation('root-span', (root) => {
    traceId = root.traceId;
    root.update({
      input: { question: 'What is 2+2? ünïcödé 😀' },
      metadata: { k1: 'v1', nested: { a: 1, b: [true, null, 2.5] } },
    });
    setActiveTraceAsPublic();
    generationId = callTheModel();
    startObservation('warn-event', { level: 'WARNING', statusMessage: 'careful', input: 'evt-in' }, { asType: 'event' });
    startObservation('agent', { input: 'plan' }, { asType: 'agent' }).end();
    startObservation('retriever', { input: 'query', output: [{ doc: 1 }] }, { asType: 'retriever' }).end();
    for (const type of ['chain', 'evaluator', 'guardrail']) startObservation(type, {}, { asType: type }).end();
    startObservation(
      'embedding',
      { model: 'text-embedding-3-small', usageDetails: { input: 8 } },
      { asType: 'embedding' },
    ).end();
    startObservation('failing-span', { level: 'ERROR', statusMessage: 'boom' }).end();
    root.update({ output: 'final answer: 4' });
  }),
);
startObservation('late-root', { input: 1 }).end();

client.score.create({ traceId, name: 'quality', value: 0.9, comment: 'nice', metadata: { by: 'js' } });
client.score.create({ traceId, observationId: generationId, name: 'helpful', value: 1, dataType: 'BOOLEAN' });
client.score.create({ traceId, name: 'category', value: 'good', dataType: 'CATEGORICAL', environment: 'staging' });

await processor.forceFlush();
await client.flush();
await provider.shutdown();
console.log(traceId);
