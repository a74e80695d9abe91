// MongoDB's profiler around the work of a server: every statement that it sent to any collection, those inside of transactions too,
// with the plan that it ran by, checked by one rule. No collection is scanned; an index begins with the account, or with a value
// that has one owner; what is read is what is found. The exceptions are listed in tables, each with its reason.

import assert from 'node:assert/strict';
import type { Db, Document } from 'mongodb';
import { type Job, jobOf, OWNERS, ownersOf } from './statement-owners.ts';

/** A statement as the profiler keeps it. */
export interface Statement {
  op: string;
  ns: string;
  command: Document;
  planSummary?: string;
  docsExamined?: number;
  keysExamined?: number;
  nreturned?: number;
  nMatched?: number;
  ndeleted?: number;
}

/**
 * Collections of which more may be read in a piece of work than a statement gives: a number, where an order by something else
 * makes a page read all that is found; or a text that says why there is no bound.
 */
export type MayRead = Readonly<Record<string, string | number>>;

export interface Profiler {
  /** The statements that the server sent while `work` ran. */
  statementsOf(work: () => Promise<unknown>): Promise<Statement[]>;
  /** The same, checked. */
  check(work: () => Promise<unknown>, mayRead?: MayRead): Promise<Statement[]>;
}

const PROFILE_BYTES = 128 * 1024 * 1024;
/** What a statement may read beyond what it finds: a neighbour in the index, somebody who was in between. */
const SLACK = 4;

/** A profiler over the database of a server under test. */
export async function openProfiler(db: Db): Promise<Profiler> {
  await db.createCollection('system.profile', { capped: true, size: PROFILE_BYTES });
  const profile = db.collection<Statement>('system.profile');
  const isOurs = { appName: 'mobietrain-provisioning' };
  const shapes = new Set<string>();

  async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
    const seen = await profile.countDocuments(isOurs);
    await db.command({ profile: 2 });
    try {
      await work();
    } finally {
      await db.command({ profile: 0 });
    }
    const all = await profile.find(isOurs).skip(seen).toArray();
    return all.filter((statement) => !collectionOf(statement).startsWith('system.') && isQuery(statement));
  }

  async function judge(statement: Statement, mayRead: MayRead): Promise<void> {
    assert.ok(collectionOf(statement) in OWNERS, `no rule for the collection ${collectionOf(statement)}`);
    judgePlan(statement, jobOfStatement(statement));
    const allowed = mayRead[collectionOf(statement)];
    const isFree = typeof allowed === 'string';
    if (!isFree) judgeReads(statement, allowed ?? 0);
    const shape = shapeOf(statement);
    if (shapes.has(shape) || isCut(statement)) return;
    shapes.add(shape);
    await judgeAgain(db, statement, isFree ? undefined : Number(allowed ?? 0));
  }

  return {
    statementsOf,
    async check(work, mayRead = {}) {
      const statements = await statementsOf(work);
      assert.ok(statements.length > 0, 'nothing was asked');
      for (const statement of statements) await judge(statement, mayRead);
      return statements;
    },
  };
}

export const collectionOf = ({ ns }: Pick<Statement, 'ns'>): string => ns.slice(ns.indexOf('.') + 1);

/** Whether a statement is of a job over all accounts: such go on beside every request. */
export function isOfJob(statement: Statement): boolean {
  return jobOfStatement(statement) !== undefined;
}

function jobOfStatement(statement: Statement): Job | undefined {
  return jobOf(collectionOf(statement), filterOf(statement), (statement.command.u ?? {}) as Document);
}

const QUERIES = ['aggregate', 'count', 'distinct', 'findAndModify', 'findandmodify'];

function isQuery({ op, command }: Statement): boolean {
  if (op === 'insert' || op === 'getmore') return false;
  return op !== 'command' || QUERIES.some((name) => name in command);
}

export function filterOf({ command }: Statement): Document {
  const [first] = (command.pipeline ?? []) as Document[];
  return (command.filter ?? command.q ?? command.query ?? first?.$match ?? {}) as Document;
}

/** The profiler cuts long commands off: what it keeps is a text then. */
function isCut({ command }: Statement): boolean {
  return typeof command.$truncated === 'string';
}

function told(statement: Statement): string {
  const { op, planSummary, docsExamined, command } = statement;
  const filter = isCut(statement) ? String(command.$truncated).slice(0, 500) : JSON.stringify(filterOf(statement));
  const order = command.sort ? ` sorted by ${JSON.stringify(command.sort)}` : '';
  return `${op} ${collectionOf(statement)} by ${planSummary}, ${docsExamined} read: ${filter}${order}`;
}

/** The indexes of a plan summary such as `IXSCAN { account: 1, fold.userName: 1 }, IXSCAN { … }`: their first fields. */
function leadingOf(summary: string): string[] {
  if (summary.startsWith('IDHACK')) return ['_id'];
  return [...summary.matchAll(/\{ ([\w.]+):/g)].map((match) => match[1] as string);
}

function judgePlan(statement: Statement, job: Job | undefined): void {
  const summary = statement.planSummary ?? '';
  const where = told(statement);
  assert.ok(summary !== '' && !summary.includes('COLLSCAN'), where);
  if (summary === 'EOF') return;
  const owners = ownersOf(collectionOf(statement));
  for (const leading of leadingOf(summary)) {
    if (job?.leading.includes(leading) || owners.leading.includes(leading)) continue;
    // By its own id a document is found at once; that it is the account's is part of the condition all the same.
    assert.equal(leading, '_id', where);
    assert.match(
      isCut(statement) ? String(statement.command.$truncated) : JSON.stringify(filterOf(statement)),
      /account/,
      where,
    );
  }
}

/** What a statement found, where the profiler tells: of a count it does not. */
function foundBy({ op, command, nreturned, nMatched, ndeleted }: Statement): number | undefined {
  if (op === 'update') return nMatched ?? 0;
  if (op === 'remove') return ndeleted ?? 0;
  if ('count' in command || isCount(command)) return undefined;
  return Math.max(nreturned ?? 0, nMatched ?? 0, ndeleted ?? 0);
}

function isCount({ pipeline }: Document): boolean {
  return Array.isArray(pipeline) && pipeline.some((stage: Document) => '$group' in stage);
}

function judgeReads(statement: Statement, allowed: number): void {
  const given = foundBy(statement);
  if (given === undefined) return;
  const found = Math.max(given, allowed);
  assert.ok((statement.docsExamined ?? 0) <= found + SLACK, `${found} found: ${told(statement)}`);
}

/** What a statement is without its values. */
function shapeOf(statement: Statement): string {
  const { op, command } = statement;
  const shape = { filter: filterOf(statement), sort: command.sort, hint: command.hint, skip: 'skip' in command };
  return `${op} ${statement.ns} ${JSON.stringify(shape, (_key, value: unknown) => {
    if (Array.isArray(value)) return value.every((one) => typeof one === 'string') ? '[]' : value;
    return typeof value === 'object' && value !== null ? value : typeof value;
  })}`;
}

/** Explains a statement once more; a count is run as the find that it counts, whose plan shows what it reads. */
async function judgeAgain(db: Db, statement: Statement, allowed: number | undefined): Promise<void> {
  const isCounting = 'count' in statement.command || isCount(statement.command);
  const explain = isCounting ? countedFind(statement) : explainable(statement);
  const plan = await db.command({ explain, verbosity: isCounting ? 'executionStats' : 'queryPlanner' });
  const stages = JSON.stringify(plan, (key, value: unknown) => (key === 'rejectedPlans' ? undefined : value));
  assert.doesNotMatch(stages, /"stage":"COLLSCAN"/, told(statement));
  if (!isCounting || allowed === undefined) return;
  const { totalDocsExamined: read, nReturned: found } = plan.executionStats as Record<string, number>;
  assert.ok((read ?? 0) <= Math.max(found ?? 0, allowed) + SLACK, `${found} counted, ${read} read: ${told(statement)}`);
}

function countedFind(statement: Statement): Document {
  const { hint } = statement.command;
  return { find: collectionOf(statement), filter: filterOf(statement), ...(hint ? { hint } : {}) };
}

function explainable(statement: Statement): Document {
  const collection = collectionOf(statement);
  const { filter, sort, skip, limit, query, pipeline, q, u, multi, hint } = statement.command;
  const hinted = hint === undefined ? {} : { hint };
  if ('find' in statement.command) {
    const page = { ...(sort ? { sort } : {}), ...(skip ? { skip } : {}), ...(limit ? { limit } : {}) };
    return { find: collection, filter, ...page, ...hinted };
  }
  if ('aggregate' in statement.command) return { aggregate: collection, pipeline, cursor: {}, ...hinted };
  if (statement.op === 'update') return { update: collection, updates: [{ q, u, multi: multi === true, ...hinted }] };
  if (statement.op === 'remove') return { delete: collection, deletes: [{ q, limit: 0, ...hinted }] };
  return { find: collection, filter: query, ...hinted };
}
