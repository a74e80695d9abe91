// A chart of counts over time: stacked bars, with a sentence for screen readers and a table of the same numbers.

import { Box, Stack, Typography, useTheme } from '@mui/material';
import { useId } from 'react';

/** What a part of a bar means. */
export interface Series {
  label: string;
  tone: 'calm' | 'warning' | 'severe';
}

/** A bar: the values of the series, from the bottom up. */
export interface Bar {
  label: string;
  values: readonly number[];
}

interface ChartProps {
  title: string;
  /** The whole chart in a sentence. */
  summary: string;
  series: readonly Series[];
  bars: readonly Bar[];
  /** The heading of the first column of the table, and the words that open it. */
  words: { time: string; table: string };
  format: (value: number) => string;
}

const COLOURS = {
  light: { calm: '#4a6fa5', warning: '#b26a00', severe: '#b3261e' },
  dark: { calm: '#8fb0e6', warning: '#ffb74d', severe: '#ff8a80' },
} as const;
const HEIGHT = 100;
const STEP = 10;
const GAP = 2;

/** A round number that is not lower than any bar. */
function topOf(bars: readonly Bar[]): number {
  const highest = Math.max(1, ...bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0)));
  const magnitude = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 5, 10].find((factor) => factor * magnitude >= highest) ?? 10;
  return step * magnitude;
}

export function Chart({ title, summary, series, bars, words, format }: ChartProps) {
  const id = useId();
  const { palette } = useTheme();
  const colours = COLOURS[palette.mode];
  const top = topOf(bars);
  const marks = [bars[0], bars[Math.floor(bars.length / 2)], bars.at(-1)];
  return (
    <Box component="figure" sx={{ m: 0, my: 1 }} aria-labelledby={id}>
      <Stack direction="row" sx={{ justifyContent: 'space-between', flexWrap: 'wrap', columnGap: 2 }}>
        <Typography component="figcaption" id={id} variant="subtitle2">
          {title}
        </Typography>
        <Stack direction="row" spacing={2} useFlexGap sx={{ flexWrap: 'wrap' }}>
          {series.map(({ label, tone }) => (
            <Stack key={label} direction="row" spacing={0.5} sx={{ alignItems: 'center' }}>
              <Box aria-hidden sx={{ width: 12, height: 12, bgcolor: colours[tone] }} />
              <Typography variant="caption">{label}</Typography>
            </Stack>
          ))}
        </Stack>
      </Stack>
      <Typography variant="body2" color="text.secondary">
        {summary}
      </Typography>
      <Typography variant="caption" aria-hidden component="p">
        {format(top)}
      </Typography>
      <Box
        component="svg"
        viewBox={`0 0 ${bars.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${summary}`}
        sx={{ display: 'block', width: '100%', height: 140, borderTop: 1, borderBottom: 1, borderColor: 'divider' }}
      >
        {bars.map((bar, index) => (
          <Column
            key={bar.label}
            bar={bar}
            at={index * STEP}
            top={top}
            colours={series.map(({ tone }) => colours[tone])}
          />
        ))}
      </Box>
      <Stack direction="row" aria-hidden sx={{ justifyContent: 'space-between' }}>
        {marks.map((mark, index) => (
          // The marks have fixed places.
          <Typography key={['first', 'middle', 'last'][index]} variant="caption">
            {mark?.label}
          </Typography>
        ))}
      </Stack>
      <Numbers {...{ series, bars, words, format, title }} />
    </Box>
  );
}

interface ColumnProps {
  bar: Bar;
  at: number;
  top: number;
  colours: readonly string[];
}

function Column({ bar, at, top, colours }: ColumnProps) {
  let below = 0;
  const parts = bar.values.map((value, index) => {
    const height = (value / top) * HEIGHT;
    below += height;
    return { y: HEIGHT - below, height, colour: colours[index] };
  });
  return (
    <g>
      {parts.map(({ y, height, colour }) =>
        height > 0 ? (
          <rect key={colour} x={at + GAP / 2} y={y} width={STEP - GAP} height={height} fill={colour} />
        ) : null,
      )}
    </g>
  );
}

/** The numbers of the chart, for those who cannot see it or want to copy them. */
function Numbers({ series, bars, words, format, title }: Omit<ChartProps, 'summary'>) {
  return (
    <Box component="details" sx={{ mt: 0.5 }}>
      <Typography component="summary" variant="body2" sx={{ cursor: 'pointer', width: 'fit-content' }}>
        {words.table}
      </Typography>
      <Box sx={{ maxHeight: 300, overflow: 'auto' }} tabIndex={0} role="region" aria-label={title}>
        <Box component="table" sx={{ borderCollapse: 'collapse', '& th, & td': { px: 1, textAlign: 'right' } }}>
          <thead>
            <tr>
              <th scope="col">{words.time}</th>
              {series.map(({ label }) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bars.toReversed().map(({ label, values }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {values.map((value, index) => (
                  <td key={series[index]?.label}>{format(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </Box>
      </Box>
    </Box>
  );
}
