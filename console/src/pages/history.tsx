// Entries of the history: requests and changes, with both bodies one click away.

import { Accordion, AccordionDetails, AccordionSummary, Box, Button, Chip, Stack, Typography } from '@mui/material';
import { memo, useState } from 'react';
import { useLocaleState, useTranslate } from 'react-admin';
import type { Schemas } from '../operations.ts';

export type RequestEntry = Schemas['Event'];
export type ChangeEntry = Schemas['Change'];

/** A line of the history. */
export type Entry = Schemas['HistoryEntry'];

/** The time of an entry in the language of the console. */
export function useTime(): (at: string | undefined) => string {
  const [locale] = useLocaleState();
  return (at) => (at === undefined ? '' : new Date(at).toLocaleString(locale === 'en' ? 'en-GB' : locale));
}

/** A day such as `2026-11-22` in the language of the console. */
export function useDay(): (day: string) => string {
  const [locale] = useLocaleState();
  const form = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return (day) => new Date(`${day}T00:00:00Z`).toLocaleDateString(locale === 'en' ? 'en-GB' : locale, form);
}

/** Who it was. */
const actorOf = (actor: Schemas['RequestActor'] | undefined) => actor?.name ?? actor?.id ?? '';

/** The reasons of a refusal. */
export const reasonOf = ({ faults = [] }: Pick<RequestEntry, 'faults'>) => faults.map(({ detail }) => detail).join(' ');

const pretty = (text: string) => {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
};

/** A body, or another text, as it was sent. */
export function Body({ title, text }: { title: string; text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <Box sx={{ mt: 1 }}>
      <Typography variant="subtitle2" component="p">
        {title}
      </Typography>
      <Box
        component="pre"
        tabIndex={0}
        sx={{
          m: 0,
          p: 1,
          overflow: 'auto',
          maxHeight: 320,
          bgcolor: 'action.hover',
          fontSize: 12,
          whiteSpace: 'pre-wrap',
          overflowWrap: 'anywhere',
        }}
      >
        {pretty(text)}
      </Box>
    </Box>
  );
}

/** What can be sent to the customer: the call, the answer and the reasons, redacted as they are stored. */
function textOf({ at, method, path, status, requestBody, responseBody, ...rest }: RequestEntry): string {
  return [`${at} ${method} ${path}`, `${status} ${reasonOf(rest)}`, requestBody, responseBody]
    .filter(Boolean)
    .join('\n\n');
}

function RequestDetails({ entry }: { entry: RequestEntry }) {
  const translate = useTranslate();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(textOf(entry));
    setCopied(true);
  };
  return (
    <>
      {entry.faults?.map(({ code, error = code, detail }) => (
        <Typography key={error + detail} color="error">
          {detail} ({error})
        </Typography>
      ))}
      <Body title={translate('mt.timeline.request')} text={entry.requestBody} />
      <Body title={translate('mt.timeline.response')} text={entry.responseBody} />
      <Button size="small" onClick={copy} sx={{ mt: 1 }}>
        {translate(copied ? 'mt.timeline.copied' : 'mt.timeline.copy')}
      </Button>
    </>
  );
}

function ChangeDetails({ entry }: { entry: ChangeEntry }) {
  return (
    <Stack component="ul" sx={{ m: 0, pl: 2 }}>
      {(entry.values ?? []).map(({ attribute, before = '–', after = '–' }) => (
        <Typography component="li" key={attribute} sx={{ overflowWrap: 'anywhere' }}>
          <strong>{attribute}</strong>: {before} → {after}
        </Typography>
      ))}
      {entry.values ? null : <Typography component="li">{(entry.attributes ?? []).join(', ')}</Typography>}
    </Stack>
  );
}

/** What changed in a line: the attributes that a change names, or those with values. */
function changeLine({ action, resource, attributes, values = [] }: ChangeEntry): string {
  const names = attributes ?? values.map(({ attribute }) => attribute);
  return names.length > 0 ? `${action} ${resource}: ${names.join(', ')}` : `${action} ${resource}`;
}

/** A line of the history; it is drawn again only if its entry is another one. */
const EntryLine = memo(function EntryLine({ entry: { at, request, change } }: { entry: Entry }) {
  const time = useTime();
  return (
    <Accordion disableGutters slotProps={{ transition: { unmountOnExit: true }, heading: { component: 'div' } }}>
      <AccordionSummary>
        <Stack
          direction={{ xs: 'column', sm: 'row' }}
          spacing={1}
          sx={{ width: '100%', alignItems: { xs: 'flex-start', sm: 'center' } }}
        >
          <Typography variant="body2" sx={{ minWidth: 150 }}>
            {time(at)}
          </Typography>
          <Chip size="small" label={request?.door ?? change?.door} />
          <Typography variant="body2" sx={{ flex: 1, overflowWrap: 'anywhere' }}>
            {request ? `${request.method} ${request.path}` : change && changeLine(change)}
            {request?.faults ? ` – ${reasonOf(request)}` : ''}
          </Typography>
          {request ? (
            <Chip
              size="small"
              variant="outlined"
              color={request.status >= 400 ? 'error' : 'success'}
              label={request.status}
            />
          ) : null}
          <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
            {actorOf(request?.actor ?? change?.actor)}
          </Typography>
        </Stack>
      </AccordionSummary>
      <AccordionDetails>
        {request ? <RequestDetails entry={request} /> : null}
        {change ? <ChangeDetails entry={change} /> : null}
      </AccordionDetails>
    </Accordion>
  );
});

/** A list of entries, the newest first. */
export function Entries({ entries }: { entries: readonly Entry[] }) {
  return (
    <Box>
      {entries.map((entry) => (
        <EntryLine
          key={`${entry.at}${entry.request?.request ?? entry.change?.request}${entry.change ? 'c' : 'r'}`}
          entry={entry}
        />
      ))}
    </Box>
  );
}
