// Part of `npm run lint`: refuses the words of vocabulary-words.mjs in comments, strings and Markdown. Paths that are not clean
// yet are listed in vocabulary-exceptions.json; an entry without findings is an error too, so the list can only shrink.
// `node scripts/vocabulary.mjs PATH…` checks these paths without the exceptions.

import { readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { listFiles, root } from './prepare.mjs';
import { ALLOWED, WORDS } from './vocabulary-words.mjs';

const ROOTS = ['src', 'test', 'bench', 'scripts', 'examples', 'docs', 'README.md', 'ARCHITECTURE.md'];
const OWN_FILES = new Set(['scripts/vocabulary-words.mjs']);
const CODE = new Set(['.ts', '.mjs', '.cjs', '.js']);
/** A phrase may run over a line end, so each space matches several. */
const PATTERNS = WORDS.map(([pattern, say]) => ({
  pattern: new RegExp(pattern.source.replaceAll(' ', ' +'), 'gi'),
  say,
}));

const asked = process.argv.slice(2);
const exceptions =
  asked.length > 0 ? [] : JSON.parse(readFileSync(join(root, 'scripts/vocabulary-exceptions.json'), 'utf8'));
const unused = new Set(exceptions);
const findings = (asked.length > 0 ? asked : ROOTS)
  .flatMap((path) => listFiles(join(root, path)))
  .map((file) => relative(root, file))
  .filter((file) => !OWN_FILES.has(file))
  .flatMap(findingsIn)
  .filter(({ file }) => {
    const covering = exceptions.filter((prefix) => file.startsWith(prefix));
    for (const prefix of covering) unused.delete(prefix);
    return covering.length === 0;
  });

for (const { file, line, found, say } of findings) console.error(`${file}:${line}: "${found}": write ${say}`);
for (const prefix of unused) console.error(`scripts/vocabulary-exceptions.json: "${prefix}" is clean; remove it`);
if (findings.length + unused.size > 0) process.exit(1);

/** The findings in one file, with their lines. */
function findingsIn(file) {
  const extension = extname(file);
  if (extension !== '.md' && !CODE.has(extension)) return [];
  const source = readFileSync(join(root, file), 'utf8');
  const text = extension === '.md' ? withoutCodeSpans(source) : commentsAndStrings(source);
  // Sentences run over line ends; blanks keep the offsets.
  const flat = text.replace(/\n(?: *(?:\/\/|\*))?/g, (end) => ' '.repeat(end.length));
  return PATTERNS.flatMap(({ pattern, say }) =>
    [...flat.matchAll(pattern)]
      .filter(([found]) => !ALLOWED.some((entry) => entry.file === file && found.includes(entry.text)))
      .map((match) => ({ file, line: lineOf(source, match.index), found: match[0].trim().slice(0, 60), say })),
  );
}

function lineOf(text, index) {
  return text.slice(0, index).split('\n').length;
}

function blank(text) {
  return text.replace(/[^\n]/g, ' ');
}

/** Markdown without fenced blocks and code spans, at the same offsets. */
function withoutCodeSpans(markdown) {
  return markdown.replace(/```[\s\S]*?```|`[^`\n]*`/g, blank);
}

/** Source with everything except comments and strings replaced by blanks, at the same offsets. */
function commentsAndStrings(source) {
  const tokens =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|(?<=[=(,:[!&|?{};]\s*)\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;
  let text = '';
  let end = 0;
  for (const match of source.matchAll(tokens)) {
    const isRegExp = match[0].startsWith('/') && !/^\/[/*]/.test(match[0]);
    text += blank(source.slice(end, match.index)) + (isRegExp ? blank(match[0]) : visible(match[0]));
    end = match.index + match[0].length;
  }
  return text + blank(source.slice(end));
}

/** A comment without its code spans; a template without its expressions. */
function visible(token) {
  return token.startsWith('`') ? token.replace(/\$\{[^}]*\}/g, blank) : token.replace(/`[^`\n]*`/g, blank);
}
