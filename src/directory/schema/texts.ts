// Owns what counts as a text: a text of nothing but white space or invisible signs is not a value, and names and identifiers may not
// have signs that nobody sees (decision 15).

/** White space, control characters, and signs without a shape: Default_Ignorable_Code_Point of Unicode, and the empty Braille cell. */
const BLANK = /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** Whether a text has nothing that can be seen. An empty text has nothing, either. */
export function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  // Most texts begin with a visible sign of ASCII, and every view asks.
  return !(first > 0x20 && first < 0x7f) && BLANK.test(text);
}

/** Control characters, line and paragraph separators, and signs without a shape. */
const HIDDEN = /[\p{Cc}\u2028\u2029\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb]/u;

/** Scripts in which a joiner or non-joiner changes the shape of the letters beside it. */
const JOINING = 'Arab Beng Deva Gujr Guru Khmr Knda Mlym Mong Mymr Nkoo Orya Sinh Syrc Taml Telu'
  .split(' ')
  .map((script) => `\\p{scx=${script}}`)
  .join('');

/**
 * The places in which a sign without a shape changes what is seen, after RFC 5892 (appendix A) and UTS #51: joiners in scripts that join
 * letters, parts of emoji, variants of ideographs and of Mongolian letters.
 */
const VISIBLE_USES = [
  new RegExp(`(?<=[\\p{L}\\p{M}])(?<=[${JOINING}])[\\u200c\\u200d](?=[${JOINING}])(?=[\\p{L}\\p{M}])`, 'gu'),
  // The style of an emoji, and a joiner between two.
  /(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)/gu,
  /(?<=\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d(?=\p{Extended_Pictographic})/gu,
  // The flag of a part of a country.
  /(?<=\u{1f3f4})[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{1,6}\u{e007f}/gu,
  /(?<=\p{Script=Han})[\ufe00-\ufe02\u{e0100}-\u{e01ef}]/gu,
  /(?<=\p{Script=Mongolian})[\u180b-\u180d\u180f]/gu,
];

/** The rule of names and identifiers, for `Fault.params.rule`. */
export const VISIBLE_RULE = 'must not contain control characters, line breaks or invisible signs';

/**
 * Whether a text has a sign that nobody sees: a control character, a line break, a zero-width or bidirectional sign. Joiners and variants
 * are not meant in places in which they change what is seen, as in Persian names and emoji.
 */
export function hasHiddenSigns(text: string): boolean {
  if (!HIDDEN.test(text)) return false;
  return HIDDEN.test(VISIBLE_USES.reduce((rest, use) => rest.replace(use, ''), text));
}
