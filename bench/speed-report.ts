// The table and the chart of the speed bench.

/** The sums of one operation on one server. */
export interface Measured {
  requests: number;
  elapsedMs: number;
  cpuMs: number;
  /** The processor time of mongod meanwhile, for all servers. */
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
  '| operation | stored | ours /s | bare /s | ours : bare | lean /s | ours : lean | stock /s | CPU ms ours / bare / lean | mongod ms ours / bare / lean | p50 ms ours / bare / lean | p99 ms ours / bare / lean |',
  '|---|---|---|---|---|---|---|---|---|---|---|---|',
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
      const lean = measured.get(`lean ${stored}`);
      const each = (of: (one: Measured | undefined) => number, digits: number): string =>
        [ours, bare, lean].map((one) => shown(of(one), digits)).join(' / ');
      const cells = [
        operation,
        String(stored),
        shown(rate(ours)),
        shown(rate(bare)),
        `**${shown(rate(ours) / rate(bare), 2)}**`,
        shown(rate(lean)),
        `**${shown(rate(ours) / rate(lean), 2)}**`,
        shown(rate(measured.get(`stock ${stored}`))),
        each((one) => perRequest(one, 'cpuMs'), 2),
        each((one) => perRequest(one, 'mongodCpuMs'), 2),
        each((one) => percentile(one, 0.5), 1),
        each((one) => percentile(one, 0.99), 1),
      ];
      return [`| ${cells.join(' | ')} |`];
    }),
  );
  return [...(withHead ? HEAD : []), ...lines].join('\n');
}

/** The effect of a second server process, as Markdown; empty if it was not measured. */
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
/** The second plot below the first. */
const MEMBERS = { top: 500, height: 180, bottom: 56 };
const COLOURS = ['#1b6ca8', '#c0392b', '#27854a', '#8e44ad', '#b7791f', '#117a8b', '#5d6d7e'];

const across = (share: number): number => PLOT.left + share * (WIDTH - PLOT.left - PLOT.right);

/**
 * Two plots: rates of the server at two sizes of the store, each as a share of its rate at the smaller one; and how long adding one
 * member takes as the group grows.
 */
export function figure(rows: Row[], small: number, large: number): string {
  const height = MEMBERS.top + MEMBERS.height + MEMBERS.bottom;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" role="img" aria-labelledby="title">`,
    '<title id="title">Rates as the number of people stored grows, and the time to add a member as a group grows; ours and bare</title>',
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...ratesPlot(rows, small, large),
    ...membersPlot(rows, large),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function ratesPlot(rows: Row[], small: number, large: number): string[] {
  const curves = rows.flatMap(({ operation, measured }) => {
    const from = rate(measured.get(`ours ${small}`));
    const to = rate(measured.get(`ours ${large}`));
    const bare = rate(measured.get(`bare ${large}`)) / rate(measured.get(`bare ${small}`));
    return Number.isFinite(from) && Number.isFinite(to) ? [{ operation, share: to / from, bare }] : [];
  });
  const shares = curves.flatMap(({ share, bare }) => (Number.isFinite(bare) ? [share, bare] : [share]));
  const top = Math.max(1.2, ...shares);
  const y = (value: number): number => PLOT.top + (1 - value / top) * PLOT.height;
  const parts = [
    `<text x="${PLOT.left}" y="22" font-size="14">Rate beside the rate at ${small} people stored (dashed: bare)</text>`,
  ];
  for (let mark = 0; mark <= top; mark += 0.2) parts.push(...gridLine(y(mark), mark.toFixed(1)));
  for (const [index, curve] of curves.entries()) {
    const colour = COLOURS[index % COLOURS.length] ?? '#000';
    parts.push(
      line(
        [
          [0, y(1)],
          [1, y(curve.share)],
        ],
        colour,
        false,
      ),
    );
    if (Number.isFinite(curve.bare))
      parts.push(
        line(
          [
            [0, y(1)],
            [1, y(curve.bare)],
          ],
          colour,
          true,
        ),
      );
    parts.push(
      `<text x="${across(1) + 14}" y="${PLOT.top + 16 + index * 18}" fill="${colour}">${curve.operation}</text>`,
    );
  }
  const below = PLOT.top + PLOT.height + 28;
  parts.push(
    `<text x="${across(0)}" y="${below}" text-anchor="middle">${small}</text>`,
    `<text x="${across(1)}" y="${below}" text-anchor="middle">${large} people stored</text>`,
  );
  return parts;
}

/** The median time of adding one member, by the size of the group on a logarithmic scale. */
function membersPlot(rows: Row[], stored: number): string[] {
  const points = rows.flatMap(({ operation, measured }) => {
    const size = /^add 1 member at (\d+), one at a time$/.exec(operation)?.[1];
    const of = (kind: string) => percentile(measured.get(`${kind} ${stored}`), 0.5);
    return size === undefined ? [] : [{ size: Number(size), ours: of('ours'), bare: of('bare') }];
  });
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || first === last) return [];
  const top = Math.ceil(Math.max(...points.flatMap(({ ours, bare }) => [ours, bare])) / 2) * 2;
  const x = (size: number): number => Math.log(size / first.size) / Math.log(last.size / first.size);
  const y = (ms: number): number => MEMBERS.top + (1 - ms / top) * MEMBERS.height;
  const parts = [
    `<text x="${PLOT.left}" y="${MEMBERS.top - 20}" font-size="14">Adding one member, one at a time: p50 in ms (dashed: bare)</text>`,
  ];
  for (let mark = 0; mark <= top; mark += 2) parts.push(...gridLine(y(mark), String(mark)));
  for (const kind of ['ours', 'bare'] as const) {
    parts.push(
      line(
        points.map((point) => [x(point.size), y(point[kind])]),
        '#1b6ca8',
        kind === 'bare',
      ),
    );
  }
  for (const { size } of points) {
    const label = size === last.size ? `${size} members` : String(size);
    parts.push(
      `<text x="${across(x(size))}" y="${MEMBERS.top + MEMBERS.height + 28}" text-anchor="middle">${label}</text>`,
    );
  }
  return parts;
}

function gridLine(y: number, label: string): string[] {
  return [
    `<line x1="${across(0)}" x2="${across(1)}" y1="${y}" y2="${y}" stroke="#ddd"/>`,
    `<text x="${across(0) - 8}" y="${y + 4}" text-anchor="end">${label}</text>`,
  ];
}

/** A line through points of [share of the width, y]. */
function line(points: [share: number, y: number][], colour: string, isDashed: boolean): string {
  const path = points.map(([share, y]) => `${across(share)},${y.toFixed(1)}`).join(' ');
  const dash = isDashed ? ' stroke-dasharray="4 4" opacity="0.6"' : '';
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`;
}
