// The entry point of the server process, or of the first of several: configuration, start, start message, and a clean shutdown on
// SIGTERM and SIGINT.

import { openDatabase } from './app/database.ts';
import { type RunningServer, startServer } from './app/server.ts';
import { NoAdministrator } from './auth/first-start.ts';
import { isWorker, type RunningCluster, reportServed, startWorkers, WorkerFailed } from './cluster.ts';
import { type Config, ConfigError, loadConfig } from './config.ts';
import { boundHeapGrowth } from './heap-growth.ts';
import { createLog } from './log.ts';
import { noAdministratorHelp, startMessage } from './start-message.ts';

function readConfig(): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

boundHeapGrowth();
const config = readConfig();
const log = createLog({ level: config.logLevel });

// An unhandled rejection is a bug; it is logged, and the server continues.
process.on('unhandledRejection', (error) => log.error('A rejected promise was not handled', { error }));

let stoppingSince: number | undefined;
/** Ends a start that is under way. */
const starting = new AbortController();
/** A start that does not end by then is left; the next one takes over its mongod and its locks. */
const ABORT_MS = 5_000;
/** Under npm, Ctrl-C arrives twice: from the terminal, and forwarded by npm. Only a later signal forces the exit. */
const SAME_SIGNAL_MS = 1000;
let server: Running | undefined;

/** A server in this process, or several in others. */
type Running = RunningServer | RunningCluster;

function onSignal(signal: NodeJS.Signals): void {
  if (stoppingSince !== undefined) {
    if (Date.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(130);
    return;
  }
  stoppingSince = Date.now();
  log.info('Stopping', { signal });
  if (server) {
    void stop(server);
    return;
  }
  // Nothing to drain yet; main() checks `stoppingSince` afterwards.
  starting.abort(new Error('stopped'));
  setTimeout(() => process.exit(130), ABORT_MS).unref();
}

async function stop(running: Running): Promise<void> {
  try {
    await running.stop();
    log.info('Stopped');
    process.exit(0);
  } catch (error) {
    log.error('Stopping failed', { error });
    process.exit(1);
  }
}

async function main(): Promise<void> {
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    server =
      config.processes > 1 && !isWorker()
        ? await startProcesses()
        : await startServer(config, log, printProgress, starting.signal);
  } catch (error) {
    if (stoppingSince !== undefined) process.exit(130);
    if (error instanceof WorkerFailed) process.exit(error.code);
    if (error instanceof NoAdministrator) {
      process.stderr.write(`The server does not start: ${error.message}.\n${noAdministratorHelp(config)}\n`);
      process.exit(2);
    }
    process.stderr.write(`The server could not start: ${startError(error)}\n`);
    log.debug('The start failed', { error });
    process.exit(1);
  }
  if (stoppingSince !== undefined) await stop(server);
  else if (isWorker()) reportServed(server);
  else process.stdout.write(startMessage(server, config));
}

function printProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Opens the database in this process and serves requests in workers. */
async function startProcesses(): Promise<RunningCluster> {
  const database = await openDatabase(config, printProgress, { supervise: true, signal: starting.signal });
  try {
    const cluster = await startWorkers({ workers: config.processes, mongodbUri: database.uri, log });
    return {
      ...cluster,
      async stop() {
        await cluster.stop();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function startError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE')
    return `port ${config.port} is in use. Stop the program that uses it, or set PORT to another port.`;
  if (error.name === 'MongoServerSelectionError')
    return `MongoDB does not respond (${error.message}). Check MONGODB_URI.`;
  return error.message;
}

await main();
