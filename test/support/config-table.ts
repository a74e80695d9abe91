// The README's table of environment variables, made from the config's own table.

import type { ConfigRow } from '../../src/config.ts';

const BEGIN = '<!-- config:begin (npm run docs:config) -->';
const END = '<!-- config:end -->';

/** The README with its table replaced; throws if the two markers are not there. */
export function replaceTable(readme: string, rows: readonly ConfigRow[]): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md needs the markers ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${table(rows)}\n\n${END}${after}`;
}

function table(rows: readonly ConfigRow[]): string {
  const lines = rows.map(({ variable, default: byDefault, unit, bound, doc }) => {
    const bounds = [bound, unit].filter((part) => part !== '').join(' ');
    return `| \`${variable}\` | ${byDefault} | ${bounds} | ${doc} |`;
  });
  return ['| variable | default | allowed | what it does |', '|---|---|---|---|', ...lines].join('\n');
}
