// Images, sounds and files that were sent with an observation. Only what this receiver serves is ever
// loaded: an address in a trace is text.
import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Media } from './api';
import { bytes } from './format';

const isOwn = ({ url }: Media) => url.startsWith('/local/media/');

// The media of the trace that is shown.
export const KnownMedia = createContext<Media[]>([]);

export function MediaList({ media }: { media: Media[] }) {
  return (
    <ul class="media">
      {media.filter(isOwn).map((item) => (
        <li key={item.mediaId}>
          <Preview item={item} />
          <Link item={item}>{item.field}: {item.contentType}, {bytes(item.contentLength)}</Link>
        </li>
      ))}
    </ul>
  );
}

function Link({ item, children }: { item: Media; children: ComponentChildren }) {
  return <a href={item.url} target="_blank" rel="noopener">{children}</a>;
}

function Preview({ item: { url, contentType: type, field } }: { item: Media }) {
  const name = `${field} of ${type}`;
  if (type.startsWith('image/')) return <img src={url} alt={name} loading="lazy" />;
  if (type.startsWith('audio/')) return <audio src={url} controls preload="none" aria-label={name} />;
  if (type.startsWith('video/')) return <video src={url} controls preload="none" aria-label={name} />;
  return null;
}

// What an SDK leaves in a text in place of the media that it took out.
const reference = /(@@@langfuseMedia:type=[^|@]*\|id=[^|@]+\|source=[^|@]*@@@)/;

// Text in which such references are the media they stand for. One that is not known stays as it is.
export function TextWithMedia({ text }: { text: string }) {
  const known = useContext(KnownMedia);
  if (!text.includes('@@@langfuseMedia:')) return <>{text}</>;
  return <>{text.split(reference).map((part, i) => {
    const id = /\|id=([^|]+)\|/.exec(i % 2 === 1 ? part : '')?.[1];
    const item = known.find((each) => each.mediaId === id && isOwn(each));
    return item ? <span key={i} class="media"><Preview item={item} /><Link item={item}>{item.contentType}</Link></span> : part;
  })}</>;
}
