// Names of files that come from outside: how they are shown, and how names are made from them for files that the server writes.

/** Room for a day in front, a counter and `.result.csv` behind, within the 255 bytes of a file system. */
const NAME_BYTES_MAX = 180;
const SHOWN_CHARS_MAX = 255;
/** Separators of paths, control characters, and invisible ones that change how the rest of a line looks. */
const UNSHOWN = /[/\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\uFFFD]/gu;

/** A client's name for a file, for display: without its folders and invisible characters; `otherwise` if nothing is left of it. */
export function shownFileName(name: string, otherwise: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const clean = last.replace(UNSHOWN, '').slice(0, SHOWN_CHARS_MAX);
  return clean === '' || clean === '.' || clean === '..' ? otherwise : clean;
}

/** A name for a file that the server writes: `PREFIXname.csv`, then `PREFIXname~2.csv`, …; at most 200 bytes with a short prefix. */
export function madeFileName(prefix: string, name: string, attempt: number): string {
  const clean = name.replace(UNSHOWN, '_');
  const dot = clean.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [clean.slice(0, dot), clean.slice(dot, dot + 10)] : [clean, ''];
  let cut = '';
  let bytes = 0;
  for (const character of stem) {
    bytes += Buffer.byteLength(character);
    if (bytes > NAME_BYTES_MAX) break;
    cut += character;
  }
  return `${prefix}${cut}${attempt === 1 ? '' : `~${attempt}`}${extension}`;
}
