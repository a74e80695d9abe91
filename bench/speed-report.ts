// The table and the picture of the speed bench.

/** The sums of one operation on one server. */
export interface Measured {
  requests: number;
  elapsedMs: number;
  cpuMs: number;
  /** What mongod used meanwhile, for everybody. */
  mongodCpuMs: number;
  latencies: number[];
  weight: number;
}

export interface Row {
  operation: string;
  /** By the server's name, such as `ours 2000`. */
  measured: Map<string, Measured>;
}

const HEAD = [
  '| operation | stored | ours /s | bare /s | ours : bare | stock /s | CPU ms ours / bare | mongod ms ours / bare | p50 ms ours / bare | p99 ms ours / bare |',
  '|---|---|---|---|---|---|---|---|---|---|',
];

/** The rate in units (requests, members, users) per second. */
export function rate(measured: Measured | undefined): number {
  return measured ? (measured.requests * measured.weight * 1000) / measured.elapsedMs : Number.NaN;
}

const shown = (value: number, digits = 0): string => (Number.isFinite(value) ? value.toFixed(digits) : '–');

function percentile(measured: Measured | undefined, share: number): number {
  const sorted = [...(measured?.latencies ?? [])].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const perRequest = (measured: Measured | undefined, of: 'cpuMs' | 'mongodCpuMs'): number =>
  measured ? measured[of] / measured.requests : Number.NaN;

/** The rows as Markdown. */
export function table(rows: Row[], small: number, large: number, withHead: boolean): string {
  const lines = rows.flatMap(({ operation, measured }) =>
    [small, large].flatMap((stored) => {
      const ours = measured.get(`ours ${stored}`);
      const bare = measured.get(`bare ${stored}`);
      if (!ours) return [];
      const pair = (of: (one: Measured | undefined) => number, digits: number): string =>
        `${shown(of(ours), digits)} / ${shown(of(bare), digits)}`;
      const cells = [
        operation,
        String(stored),
        shown(rate(ours)),
        shown(rate(bare)),
        `**${shown(rate(ours) / rate(bare), 2)}**`,
        shown(rate(measured.get(`stock ${stored}`))),
        pair((one) => perRequest(one, 'cpuMs'), 2),
        pair((one) => perRequest(one, 'mongodCpuMs'), 2),
        pair((one) => percentile(one, 0.5), 1),
        pair((one) => percentile(one, 0.99), 1),
      ];
      return [`| ${cells.join(' | ')} |`];
    }),
  );
  return [...(withHead ? HEAD : []), ...lines].join('\n');
}

/** What a second process of the server adds, as Markdown; nothing where none was measured. */
export function processesTable(rows: Row[], stored: number): string[] {
  const lines = rows.flatMap(({ operation, measured }) => {
    const [one, two] = [measured.get(`ours ${stored}`), measured.get(`twice ${stored}`)];
    if (!one || !two) return [];
    const cpu = `${shown(perRequest(one, 'cpuMs'), 2)} / ${shown(perRequest(two, 'cpuMs'), 2)}`;
    const cells = [operation, shown(rate(one)), shown(rate(two)), `**${shown(rate(two) / rate(one), 2)}**`, cpu];
    return [`| ${cells.join(' | ')} |`];
  });
  if (lines.length === 0) return [];
  return ['| operation | one process /s | two /s | two : one | CPU ms one / two |', '|---|---|---|---|---|', ...lines];
}

const WIDTH = 760;
const PLOT = { left: 70, right: 210, top: 44, bottom: 50, height: 340 };
const COLOURS = ['#1b6ca8', '#c0392b', '#27854a', '#8e44ad', '#b7791f', '#117a8b', '#5d6d7e'];

/** Rates of the server at two sizes of the store, each as a share of its rate at the smaller one. */
export function figure(rows: Row[], small: number, large: number): string {
  const curves = rows.flatMap(({ operation, measured }) => {
    const from = rate(measured.get(`ours ${small}`));
    const to = rate(measured.get(`ours ${large}`));
    const bare = rate(measured.get(`bare ${large}`)) / rate(measured.get(`bare ${small}`));
    return Number.isFinite(from) && Number.isFinite(to) ? [{ operation, share: to / from, bare }] : [];
  });
  const top = Math.max(1.2, ...curves.map((curve) => curve.share), ...curves.map((curve) => curve.bare));
  const x = (share: number): number => PLOT.left + share * (WIDTH - PLOT.left - PLOT.right);
  const y = (value: number): number => PLOT.top + (1 - value / top) * PLOT.height;
  const height = PLOT.top + PLOT.height + PLOT.bottom;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" role="img" aria-labelledby="title">`,
    '<title id="title">Rates of each operation as the number of people stored grows, ours and bare</title>',
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="${PLOT.left}" y="22" font-size="14">Rate beside the rate at ${small} people stored (dashed: bare)</text>`,
  ];
  for (let mark = 0; mark <= top; mark += 0.2) {
    parts.push(
      `<line x1="${x(0)}" x2="${x(1)}" y1="${y(mark)}" y2="${y(mark)}" stroke="#ddd"/>`,
      `<text x="${x(0) - 8}" y="${y(mark) + 4}" text-anchor="end">${mark.toFixed(1)}</text>`,
    );
  }
  for (const [index, curve] of curves.entries()) {
    const colour = COLOURS[index % COLOURS.length] ?? '#000';
    const line = (to: number, dash: string): string =>
      `<line x1="${x(0)}" y1="${y(1)}" x2="${x(1)}" y2="${y(to)}" stroke="${colour}" stroke-width="2"${dash}/>`;
    parts.push(line(curve.share, ''));
    if (Number.isFinite(curve.bare)) parts.push(line(curve.bare, ' stroke-dasharray="4 4" opacity="0.6"'));
    const label = PLOT.top + 16 + index * 18;
    parts.push(`<text x="${x(1) + 14}" y="${label}" fill="${colour}">${curve.operation}</text>`);
  }
  parts.push(
    `<text x="${x(0)}" y="${height - 18}" text-anchor="middle">${small}</text>`,
    `<text x="${x(1)}" y="${height - 18}" text-anchor="middle">${large} people stored</text>`,
    '</svg>',
  );
  return `${parts.join('\n')}\n`;
}
