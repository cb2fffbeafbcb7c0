// Images, sounds and files that were sent with an observation. Only what this receiver serves is ever
// loaded: an address in a trace is text.
import type { Media } from './api';
import { bytes } from './format';

const isOwn = (url: string) => url.startsWith('/local/media/');

export function MediaList({ media }: { media: Media[] }) {
  return (
    <ul class="media">
      {media.filter((item) => isOwn(item.url)).map((item) => (
        <li key={item.mediaId}>
          <Preview url={item.url} type={item.contentType} name={`${item.field} of ${item.contentType}`} />
          <a href={item.url} target="_blank" rel="noopener">
            {item.field}: {item.contentType}, {bytes(item.contentLength)}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Preview({ url, type, name }: { url: string; type: string; name: string }) {
  if (type.startsWith('image/')) return <img src={url} alt={name} loading="lazy" />;
  if (type.startsWith('audio/')) return <audio src={url} controls preload="none" aria-label={name} />;
  if (type.startsWith('video/')) return <video src={url} controls preload="none" aria-label={name} />;
  return null;
}
