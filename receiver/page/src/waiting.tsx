import { CopyButton } from './copy_button';

// What to do when nothing has arrived yet.
export function Waiting() {
  const lines = [
    `export LANGFUSE_BASE_URL=${location.origin}`,
    'export LANGFUSE_PUBLIC_KEY=pk-lf-local',
    'export LANGFUSE_SECRET_KEY=sk-lf-local',
  ].join('\n');
  return (
    <div class="empty">
      <h2>Waiting for the first trace</h2>
      <p>Point a program at this receiver. What it sends appears here as it arrives.</p>
      <div class="paste">
        <pre>{lines}</pre>
        <CopyButton text={lines} />
      </div>
    </div>
  );
}
