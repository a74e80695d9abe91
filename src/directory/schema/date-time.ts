// The dateTime of SCIM: xsd:dateTime with a calendar day that exists (RFC 7643 §2.3.5).

const FORM = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/;

/**
 * Reads an xsd:dateTime, to the millisecond, as UTC if it has no zone; undefined if the form is wrong or the day does not exist.
 * @see RFC 7643 §2.3.5
 */
export function parseDateTime(text: string): Date | undefined {
  if (text.length > 40) return undefined;
  const parts = FORM.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const milliseconds = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // An impossible day rolls over into the next month; a real one does not.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute, second, milliseconds);
  const offset = offsetMinutes(parts[8] ?? 'Z');
  return offset === undefined ? undefined : new Date(date.getTime() - offset * 60_000);
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  // xsd:dateTime has offsets up to 14:00.
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
