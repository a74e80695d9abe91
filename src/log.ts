// Owns the log: one JSON object per line on stderr, with the request id, after secrets have been removed.

import { AsyncLocalStorage } from 'node:async_hooks';
import winston from 'winston';

type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** The log. `fields` are redacted; an Error among them is written with its stack. */
export interface Log {
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A log that writes nothing. */
export const NO_LOG: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** The options of `createLog`. */
export interface LogOptions {
  level: LogLevel;
  /** Readable lines instead of JSON; the default if stderr is a terminal. */
  pretty?: boolean;
  /** The stream to write to instead of stderr. */
  stream?: NodeJS.WritableStream;
}

const DEPTH_MAX = 6;
const NODES_MAX = 500;
const TEXT_CHARACTERS_MAX = 4000;
const HIDDEN = '[redacted]';

/** Keys whose values are never written; compared ignoring case, `-` and `_`. */
const SECRET_KEYS = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'password',
  'secret',
  'clientsecret',
  'token',
  'accesstoken',
  'bootstraptoken',
  'externalid',
]);

const currentRequest = new AsyncLocalStorage<string>();

/** Runs `work` so that every line it logs, including asynchronously, has this request id. */
export function runWithRequestId<T>(id: string, work: () => T): T {
  return currentRequest.run(id, work);
}

/** The id of the current request; undefined outside of a request. */
export function requestId(): string | undefined {
  return currentRequest.getStore();
}

/** Creates the log. It writes to stderr, because stdout is reserved for the output of commands. */
export function createLog(options: LogOptions): Log {
  const pretty = options.pretty ?? (options.stream === undefined && process.stderr.isTTY === true);
  const { format } = winston;
  const levels = ['error', 'warn', 'info', 'debug'];
  const logger = winston.createLogger({
    level: options.level,
    format: format.combine(format.timestamp(), pretty ? format.printf(printPretty) : format.json()),
    transports: [
      options.stream === undefined
        ? new winston.transports.Console({ stderrLevels: levels })
        : new winston.transports.Stream({ stream: options.stream }),
    ],
  });
  const write = (level: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (!logger.isLevelEnabled(level)) return;
    const request = requestId();
    const safe = redact(fields ?? {}) as Record<string, unknown>;
    // Message, level and request come last so that a field cannot overwrite them.
    logger.log({ ...safe, ...(request === undefined ? {} : { request }), level, message: redactText(message) });
  };
  return { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
}

/**
 * A copy of a value that is safe to write: secrets replaced, at most 6 levels, 500 values and 4,000 characters per text.
 * Objects in the copy have no prototype, so that a client's `__proto__` is an ordinary key.
 */
export function redact(value: unknown): unknown {
  return copy(value, 0, { left: NODES_MAX });
}

/** A text without tokens and without the password of a connection string, at most 4,000 characters. */
function redactText(text: string): string {
  const bounded = text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}…` : text;
  return bounded
    .replace(/mb([tp])_[A-Za-z0-9_-]+/g, 'mb$1_…')
    .replace(/\b(Bearer|Basic) [A-Za-z0-9._~+/=-]+/gi, `$1 ${HIDDEN}`)
    .replace(/(mongodb(?:\+srv)?:\/\/)[^@/\s]{1,500}@/g, `$1${HIDDEN}@`);
}

function copy(value: unknown, depth: number, budget: { left: number }): unknown {
  budget.left -= 1;
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (depth >= DEPTH_MAX || budget.left <= 0) return '[…]';
  if (value instanceof Error) return copyError(value, depth, budget);
  if (Array.isArray(value)) return copyList(value, depth, budget);
  const safe: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(value)) {
    if (budget.left <= 0) break;
    safe[redactText(key)] = isSecret(key) ? HIDDEN : copy((value as Record<string, unknown>)[key], depth + 1, budget);
  }
  return safe;
}

function copyList(list: readonly unknown[], depth: number, budget: { left: number }): unknown[] {
  const safe: unknown[] = [];
  for (const entry of list) {
    if (budget.left <= 0) break;
    safe.push(copy(entry, depth + 1, budget));
  }
  return safe;
}

function copyError(error: Error, depth: number, budget: { left: number }): unknown {
  return {
    name: error.name,
    stack: redactText(error.stack ?? error.message),
    ...(error.cause === undefined ? {} : { cause: copy(error.cause, depth + 1, budget) }),
  };
}

function isSecret(key: string): boolean {
  return key.length <= 40 && SECRET_KEYS.has(key.toLowerCase().replace(/[-_]/g, ''));
}

function printPretty(info: winston.Logform.TransformableInfo): string {
  const { level, message, timestamp, request, ...fields } = info;
  const rest = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
  const about = typeof request === 'string' ? ` [${request}]` : '';
  return `${String(timestamp).slice(11, 19)} ${level.padEnd(5)}${about} ${String(message)}${rest}`;
}
