import { useState } from 'preact/hooks';

// Copies the whole text, also where only its beginning is shown. Browsers offer the clipboard only to
// pages of this machine or over HTTPS; elsewhere there is no button.
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [isCopied, setCopied] = useState(false);
  if (!navigator.clipboard) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return <button class="button quiet copy" onClick={copy} onBlur={() => setCopied(false)}>{isCopied ? 'Copied' : label}</button>;
}
