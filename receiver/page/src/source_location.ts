// Where in a program a log line was written. This library's sinks send file, line and function;
// OpenTelemetry's names for the same have changed once.

const names = {
  file: ['file', 'code.file.path', 'code.filepath'],
  line: ['line', 'code.line.number', 'code.lineno'],
  function: ['function', 'code.function.name', 'code.function'],
};

// `rest` is what of the metadata does not say it. A file alone or a line alone may mean anything.
export function sourceLocation(metadata: Record<string, string>): { location: string; rest: [string, string][] } {
  const find = (keys: string[]) => keys.find((key) => metadata[key]) ?? '';
  const file = find(names.file);
  const line = find(names.line);
  const entries = Object.entries(metadata);
  if (!file || !line) return { location: '', rest: entries };
  const name = find(names.function);
  const location = `${metadata[file]}:${metadata[line]}${name ? ` in ${metadata[name]}` : ''}`;
  return { location, rest: entries.filter(([key]) => key !== file && key !== line && key !== name) };
}
