// Texts for mails to customers: what happened, in words, with cause and what to do; codes and bodies come last.

import { useLocaleState } from 'react-admin';
import { accountSlug } from '../api.ts';
import { useAttributeWords } from '../attribute-words.ts';
import type { SupportTexts } from '../texts/support/en.ts';
import { timesIn } from '../times.tsx';
import {
  actorOf,
  type ChangeEntry,
  namedWords,
  type RequestEntry,
  type RowEntry,
  rowOf,
  useRemedies,
  valueWords,
} from './entries.ts';
import { fill, useSupportTexts } from './lazy-texts.ts';

/** Below the address of this server. */
const SCIM_BASE = '/scim/v2';
/** Longer bodies are cut: the request id leads to the whole. */
const BODY_CHARS_MAX = 1_500;

/** What is searched for a person, and what else a text about "never sent" says. */
export interface NeverSent {
  text: string;
  keptFrom: string;
  connections: { name: string; kind: string; lastCall?: string }[];
  /** The latest call of each connection whose token was not accepted. */
  refusedTokens: Pick<RequestEntry, 'at' | 'connectionName'>[];
}

/** That calls came whose token was not accepted, in words. */
export function tokenWords(texts: SupportTexts, never: NeverSent, moment: (at: string) => string): string[] {
  return never.refusedTokens.map(({ at, connectionName = '' }) =>
    fill(texts.never.token, { time: moment(at), connection: connectionName }),
  );
}

/** Writes texts; undefined until everything that they need is loaded. */
export function useCustomerTexts() {
  const texts = useSupportTexts();
  const remedyOf = useRemedies();
  const attribute = useAttributeWords();
  const [locale] = useLocaleState();
  if (!texts || !remedyOf) return undefined;
  const { exact } = timesIn(locale);
  const moment = (at: string) => `${exact(at)} (${Intl.DateTimeFormat().resolvedOptions().timeZone})`;
  const pages = (page: string) => new URL(page, window.location.origin).href;
  return {
    ofRequest: (request: RequestEntry, who: string | undefined, row: RowEntry | undefined): string =>
      blocks([
        outcomeWords(texts, request),
        lines([
          [texts.when, moment(request.at)],
          [texts.who, whoOf(request, who, row) ?? texts.nobody],
          [texts.through, request.connectionName ?? texts.administration],
          [texts.sent, sentWords(texts, request, row)],
          [texts.by, byWhom(request)],
          [texts.requestId, request.request],
          [texts.answer, String(request.status)],
        ]),
        wrongWords(texts, request, remedyOf, pages),
        titled(texts.block, shortened(texts, row?.block)),
        titled(texts.request, shortened(texts, pretty(request.requestBody))),
        titled(texts.response, shortened(texts, pretty(request.responseBody))),
      ]),
    ofChange: (change: ChangeEntry, who: string | undefined): string =>
      blocks([
        texts.outcomes.change,
        lines([
          [texts.when, moment(change.at)],
          [texts.who, change.named ? namedWords(change.named, texts.gone) : (who ?? texts.nobody)],
          [texts.through, change.connectionName ?? texts.administration],
          [texts.by, byWhom(change)],
          [texts.requestId, change.request],
        ]),
        `${texts.changed}: ${subjectWords(texts, change)}`,
        changeLines(texts, change, attribute).join('\n'),
      ]),
    ofVerdict: (who: string, sentence: string, next: string, at: string): string =>
      blocks([
        lines([
          [texts.who, `${who} (${accountSlug()})`],
          [texts.copiedAt, moment(at)],
        ]),
        sentence,
        next === '' ? '' : `${texts.fix}: ${next}`,
      ]),
    ofNever: (never: NeverSent): string => neverWords(texts, never, moment),
  };
}

/** Who it was, unless the connection says it. */
function byWhom({ actor }: Pick<RequestEntry, 'actor'>): string {
  return actor?.kind === 'token' ? '' : actorOf(actor);
}

/** What a request was and how it ended. */
function outcomeWords({ outcomes }: SupportTexts, { door, method, outcome }: RequestEntry): string {
  if (method !== 'ROW') return outcomes[outcome];
  const isAccepted = outcome === 'accepted';
  if (door === 'xml') return isAccepted ? outcomes.blockAccepted : outcomes.blockRefused;
  return isAccepted ? outcomes.rowAccepted : outcomes.rowRefused;
}

/** What was sent, in words, with method and path. */
export function sentWords(texts: SupportTexts, request: RequestEntry, row?: RowEntry): string {
  const { method, path, door } = request;
  const place = rowOf(request);
  if (place) {
    const file = row?.run.fileName ?? place.run;
    if (door === 'xml') return fill(texts.blockOf, { row: place.number, file });
    const line = row?.line === undefined ? '' : fill(texts.inLine, { line: row.line });
    return fill(texts.row, { row: place.number, file }) + line;
  }
  const { calls } = texts;
  // The addresses of SCIM are stored below the base.
  const literal = `${method} ${door === 'scim' ? SCIM_BASE : ''}${path}`;
  if (method === 'COMMAND') return `${calls.command} (${path.split('/').filter(Boolean).join(' ')})`;
  const [, resource = ''] = (door === 'scim' && /^\/(\w+)/.exec(path)) || [];
  const name = `${method} ${resource}`;
  const words = Object.hasOwn(calls, name) ? calls[name as keyof typeof calls] : calls.other;
  return `${words} (${literal})`;
}

/** Whom a request is about: what is known, or else what it names itself. */
function whoOf({ subject, requestBody }: RequestEntry, who: string | undefined, row: RowEntry | undefined) {
  const known = who ?? subject?.name ?? row?.identity;
  if (known !== undefined) return known;
  try {
    const { userName, displayName, externalId } = JSON.parse(requestBody ?? '{}') as Record<string, unknown>;
    const named = [userName, displayName, externalId].find((value) => typeof value === 'string');
    return (named as string | undefined) ?? subject?.id;
  } catch {
    return subject?.id;
  }
}

type RemedyOf = NonNullable<ReturnType<typeof useRemedies>>;

function wrongWords(
  texts: SupportTexts,
  { faults = [], outcome, status }: RequestEntry,
  remedyOf: RemedyOf,
  pages: (page: string) => string,
): string {
  if (outcome === 'accepted') return '';
  const sentences = faults.map(({ detail }) => `- ${detail}`);
  const codes = new Set(faults.length > 0 ? faults.map(({ code }) => code) : [String(status)]);
  const remedies = [...codes].flatMap((code) => remedyOf(code) ?? []);
  const advice = [...new Map(remedies.map((one) => [one.page, one])).values()].map(({ cause, fix, page }) =>
    [`${texts.cause}: ${cause}`, `${texts.fix}: ${fix}`, `${texts.more}: ${pages(page)}`].join('\n'),
  );
  return blocks([sentences.length > 0 ? [`${texts.wrong}:`, ...sentences].join('\n') : '', ...advice]);
}

/** What was done to which resource. */
export function subjectWords({ resources, actions }: SupportTexts, { resource, action }: ChangeEntry): string {
  const what = Object.hasOwn(resources, resource) ? resources[resource as keyof typeof resources] : resource;
  return `${what} ${Object.hasOwn(actions, action) ? actions[action as keyof typeof actions] : action}`;
}

/** A line for each attribute that changed. */
export function changeLines(
  texts: SupportTexts,
  { values, attributes = [], refers = [] }: ChangeEntry,
  attribute: (name: string) => string,
): string[] {
  if (!values) return attributes.map((name) => `- ${attribute(name)}`);
  return values.map(({ attribute: name, before, after }) => {
    const [from, to] = [before, after].map((text) => valueWords(text, refers, texts.gone));
    return `- ${attribute(name)}: ${from} → ${to}`;
  });
}

/** The names of products, by the kind of a connection. */
const PRODUCTS = { entra: 'Entra ID', okta: 'Okta' } as const;
type Product = keyof SupportTexts['checks'];
/** The kinds of connections that are no clients of SCIM: nobody is assigned there. */
const NO_CLIENTS: ReadonlySet<string | undefined> = new Set(['csv', 'xml', 'crewplanner']);

/** What to check where: in the products that the account has, or else in both. */
export function checksOf(texts: SupportTexts, { connections }: Pick<NeverSent, 'connections'>) {
  const clients = connections.filter(({ kind }) => !NO_CLIENTS.has(kind));
  const kinds = new Set(clients.map(({ kind }) => kind));
  const known: Product[] = (['entra', 'okta'] as const).filter((kind) => kinds.has(kind));
  const isOther = known.length === 0 && kinds.size > 0;
  const shown: Product[] = isOther ? ['other'] : known.length > 0 ? known : ['entra', 'okta'];
  const others = clients.find(({ kind }) => kind !== 'entra' && kind !== 'okta');
  return shown.map((kind) => ({
    title: fill(texts.never.check, { product: kind === 'other' ? (others?.name ?? '') : PRODUCTS[kind] }),
    steps: texts.checks[kind],
  }));
}

function neverWords(texts: SupportTexts, never: NeverSent, moment: (at: string) => string): string {
  const { never: words } = texts;
  const calls = never.connections.map(({ name, lastCall }) => {
    const call = lastCall === undefined ? words.noCall : fill(words.lastCall, { time: moment(lastCall) });
    return `- ${name}: ${call}`;
  });
  const now = new Date().toISOString();
  return blocks([
    fill(words.title, { text: never.text }),
    lines([
      [words.searched, `${never.text} (${words.searchedAs}; ${accountSlug()})`],
      [words.period, fill(words.periodOf, { from: moment(never.keptFrom), to: moment(now) })],
    ]),
    calls.length > 0 ? [`${words.connections}:`, ...calls].join('\n') : '',
    tokenWords(texts, never, moment).join('\n'),
    ...checksOf(texts, never).map(({ title, steps }) =>
      [`${title}:`, ...steps.map((step, index) => `${index + 1}. ${step}`)].join('\n'),
    ),
  ]);
}

function lines(pairs: readonly (readonly [string, string])[]): string {
  return pairs
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

function titled(title: string, text: string): string {
  return text === '' ? '' : `${title}:\n${text}`;
}

function blocks(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

/** JSON on several lines. */
export function pretty(text: string | undefined): string {
  if (text === undefined) return '';
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

function shortened({ cut }: SupportTexts, text = ''): string {
  return text.length > BODY_CHARS_MAX ? `${text.slice(0, BODY_CHARS_MAX)}\n… (${cut})` : text;
}
