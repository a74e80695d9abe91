// Lines of the history: requests and changes, each with its reasons, cause and fix, both bodies one click away, and a text for the customer.

import {
  Accordion,
  AccordionDetails,
  AccordionSummary,
  Box,
  Button,
  Chip,
  Link as MuiLink,
  Stack,
  Typography,
} from '@mui/material';
import { memo, useState } from 'react';
import { Link, usePermissions, useTranslate } from 'react-admin';
import { useAttributeWords } from '../attribute-words.ts';
import { Time } from '../times.tsx';
import { changeLines, pretty, sentWords, subjectWords, useCustomerTexts } from './customer-text.ts';
import {
  actorOf,
  type ChangeEntry,
  type Entry,
  namedWords,
  type RequestEntry,
  reasonOf,
  rowOf,
  rowPage,
  useRemedies,
  useRow,
} from './entries.ts';
import { fill, useSupportTexts } from './lazy-texts.ts';

export type { ChangeEntry, Entry, RequestEntry } from './entries.ts';

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

/** Copies a text for a mail to the customer. */
export function CopyButton({ text }: { text: () => string }) {
  const translate = useTranslate();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    setCopied(true);
  };
  return (
    <Button size="small" onClick={copy} sx={{ mt: 1 }}>
      {translate(copied ? 'mt.timeline.copied' : 'mt.timeline.copy')}
    </Button>
  );
}

/** A link to a page of this server outside of the console. */
export function ServerLink({ to, children }: { to: string; children: string }) {
  return (
    <MuiLink href={to} target="_blank" rel="noopener">
      {children}
    </MuiLink>
  );
}

/** What was wrong with a request, unless that was said before, then why, what to do, and where to read more. */
export function Reasons({ entry, isSaid = false }: { entry: RequestEntry; isSaid?: boolean }) {
  const { faults = [], outcome, status } = entry;
  const texts = useSupportTexts();
  const remedyOf = useRemedies();
  if (outcome === 'accepted') return null;
  const codes = [...new Set(faults.length > 0 ? faults.map(({ code }) => code) : [String(status)])];
  return (
    <>
      {(isSaid ? [] : faults).map(({ code, error = code, detail }) => (
        <Typography key={error + detail} color="error" sx={{ overflowWrap: 'anywhere' }}>
          {detail} ({error})
        </Typography>
      ))}
      {codes.map((code) => {
        const remedy = remedyOf?.(code);
        if (!texts || !remedy) return null;
        return (
          <Box key={code} sx={{ my: 0.5 }}>
            <Typography variant="body2">
              <strong>{texts.cause}:</strong> {remedy.cause}
            </Typography>
            <Typography variant="body2">
              <strong>{texts.fix}:</strong> {remedy.fix}{' '}
              <ServerLink to={remedy.page}>{`${texts.more}: ${code}`}</ServerLink>
            </Typography>
          </Box>
        );
      })}
    </>
  );
}

function RequestDetails({ entry, who }: { entry: RequestEntry; who: string | undefined }) {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  const texts = useSupportTexts();
  const customer = useCustomerTexts();
  const place = permissions.includes('imports.read') ? rowOf(entry) : undefined;
  const row = useRow(place && entry);
  return (
    <>
      {texts ? (
        <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
          {texts.sent}: {sentWords(texts, entry, row)}{' '}
          {place ? <Link to={rowPage(place.run, place.number)}>{texts.openRow}</Link> : null}
        </Typography>
      ) : null}
      <Reasons entry={entry} />
      <Body title={texts?.block ?? ''} text={row?.block} />
      <Body title={translate('mt.timeline.request')} text={entry.requestBody} />
      <Body title={translate('mt.timeline.response')} text={entry.responseBody} />
      {customer ? <CopyButton text={() => customer.ofRequest(entry, who, row)} /> : null}
    </>
  );
}

function ChangeDetails({ entry, who }: { entry: ChangeEntry; who: string | undefined }) {
  const texts = useSupportTexts();
  const customer = useCustomerTexts();
  const attribute = useAttributeWords();
  if (!texts) return null;
  return (
    <>
      <Stack component="ul" sx={{ m: 0, pl: 2 }}>
        {changeLines(texts, entry, attribute).map((line) => (
          <Typography component="li" variant="body2" key={line} sx={{ overflowWrap: 'anywhere' }}>
            {line.slice(2)}
          </Typography>
        ))}
      </Stack>
      {customer ? <CopyButton text={() => customer.ofChange(entry, who)} /> : null}
    </>
  );
}

/** What changed in a line: the resource, and the attributes that a change names, or those with values. */
function useChangeLine(): (change: ChangeEntry) => string {
  const texts = useSupportTexts();
  const attribute = useAttributeWords();
  return (change) => {
    if (!texts) return '';
    const { attributes, values = [], named } = change;
    const names = (attributes ?? values.map((one) => one.attribute)).map((name) =>
      attribute(name).replace(` (${name})`, ''),
    );
    const whom = named ? `: ${namedWords(named, texts.gone)}` : '';
    return [`${subjectWords(texts, change)}${whom}`, [...new Set(names)].join(', ')].filter(Boolean).join(' – ');
  };
}

/** What a request was in a line: its method and path; of a file, the row. */
function useRequestLine(): (request: RequestEntry) => string {
  const texts = useSupportTexts();
  return (request) => {
    const place = rowOf(request);
    if (!texts || !place) return `${request.method} ${request.path}`;
    const words = fill(request.door === 'xml' ? texts.blockLine : texts.rowLine, { row: place.number });
    return words.charAt(0).toUpperCase() + words.slice(1);
  };
}

const COLOURS = { accepted: 'success', refused: 'error', failed: 'error' } as const;

/** A line of the history; it is drawn again only if its entry is another one. */
const EntryLine = memo(function EntryLine({ entry, who }: { entry: Entry; who: string | undefined }) {
  const { at, request, change } = entry;
  const changeLine = useChangeLine();
  const requestLine = useRequestLine();
  return (
    <Accordion disableGutters slotProps={{ transition: { unmountOnExit: true }, heading: { component: 'div' } }}>
      <AccordionSummary>
        <Stack
          direction={{ xs: 'column', sm: 'row' }}
          spacing={1}
          sx={{ width: '100%', alignItems: { xs: 'flex-start', sm: 'center' } }}
        >
          <Typography variant="body2" component="span" sx={{ minWidth: 150 }}>
            <Time at={at} />
          </Typography>
          <Chip size="small" label={request?.door ?? change?.door} />
          <Typography variant="body2" sx={{ flex: 1, overflowWrap: 'anywhere' }}>
            {request ? requestLine(request) : change && changeLine(change)}
            {request?.faults ? ` – ${reasonOf(request)}` : ''}
          </Typography>
          {request ? (
            <Chip size="small" variant="outlined" color={COLOURS[request.outcome]} label={request.status} />
          ) : null}
          <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
            {actorOf(request?.actor ?? change?.actor)}
          </Typography>
        </Stack>
      </AccordionSummary>
      <AccordionDetails>
        {request ? <RequestDetails entry={request} who={who} /> : null}
        {change ? <ChangeDetails entry={change} who={who} /> : null}
      </AccordionDetails>
    </Accordion>
  );
});

/** A list of entries, the newest first. @param who whom all are about, if it is known */
export function Entries({ entries, who }: { entries: readonly Entry[]; who?: string | undefined }) {
  return (
    <Box>
      {entries.map((entry) => (
        <EntryLine
          key={`${entry.at}${entry.request?.request ?? entry.change?.request}${entry.change ? 'c' : 'r'}`}
          entry={entry}
          who={who}
        />
      ))}
    </Box>
  );
}
