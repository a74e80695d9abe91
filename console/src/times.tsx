// Times and days as the console shows them everywhere: local, in the language of the console, and with the zone on demand.

import { Box } from '@mui/material';
import { useLocaleState } from 'react-admin';

/** How times are written in a language. Texts that are no times are shown as they are. */
export function timesIn(locale: string) {
  const language = locale === 'en' ? 'en-GB' : locale;
  const format = (options: Intl.DateTimeFormatOptions) => {
    const written = new Intl.DateTimeFormat(language, options);
    return (at: string | undefined): string => {
      if (!at) return '';
      const date = new Date(at);
      return Number.isNaN(date.getTime()) ? at : written.format(date);
    };
  };
  const day = format({ dateStyle: 'medium', timeZone: 'UTC' });
  const shortDay = format({ day: 'numeric', month: 'short', timeZone: 'UTC' });
  const atMidnight = (text: string | undefined) => (text ? `${text}T00:00:00Z` : undefined);
  return {
    /** Day and time to the minute, such as `27 Nov 2026, 09:14`. */
    time: format({ dateStyle: 'medium', timeStyle: 'short' }),
    /** The same to the second, with the zone: what can be compared with the log of another product. */
    exact: format({
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'longOffset',
    }),
    /** A day such as `2026-11-27`, which has no zone. */
    day: (text: string | undefined) => day(atMidnight(text)),
    /** The same in a chart, without the year. */
    shortDay: (text: string | undefined) => shortDay(atMidnight(text)),
    /** An hour in a chart. */
    hour: format({ weekday: 'short', hour: '2-digit', minute: '2-digit' }),
  };
}

/** How times are written in the language of the console. */
export function useTimes() {
  const [locale] = useLocaleState();
  return timesIn(locale);
}

/** A time; its title has the seconds and the zone. */
export function Time({ at }: { at: string | undefined }) {
  const { time, exact } = useTimes();
  if (!at) return null;
  return (
    <Box component="time" dateTime={at} title={exact(at)} sx={{ whiteSpace: 'nowrap' }}>
      {time(at)}
    </Box>
  );
}
