// Metrics in the format of Prometheus, on a port of their own, so that they are not open to the clients of the server.

import { createServer } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { passwordChecks } from '../auth/passwords/hashing.ts';
import type { Config } from '../config.ts';
import type { Observe } from '../http/pipeline.ts';
import type { Log } from '../log.ts';
import { type Backlog, createBacklog, watchPool } from '../mongo/backlog.ts';
import type { Mongo } from '../mongo/client/connection.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The metrics of a process. */
export interface Metrics {
  /** Counts a request with its outcome and duration. */
  observe: Observe;
  /** Listens on METRICS_PORT, if it is set. @throws Error with `code` EADDRINUSE and the like */
  listen(): Promise<void>;
  stop(): void;
}

/** Creates the metrics of a process; a registry of its own keeps several servers in one process apart. */
export function createMetrics(config: Pick<Config, 'metricsPort' | 'metricsHost'>, mongo: Mongo, log: Log): Metrics {
  const registry = new Registry();
  const isOn = config.metricsPort !== 0;
  if (isOn) collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Requests to the doors by route and outcome',
    labelNames: ['door', 'method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  });
  if (isOn) registerPasswordChecks(registry);
  if (isOn) registerBacklog(registry, createBacklog(mongo.db), watchPool(mongo.client));
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'Content-Type': registry.contentType }).end(text),
      (error: unknown) => {
        log.warn('The metrics could not be collected', { error });
        response.writeHead(500).end();
      },
    );
  });
  return {
    observe: ({ door, method, route, status, ms }) => {
      if (isOn) durations.observe({ door, method, route: route ?? 'none', status: String(status) }, ms / 1000);
    },
    async listen() {
      if (!isOn) return;
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(config.metricsPort, config.metricsHost, resolve);
      });
      log.info('Metrics are served', { port: config.metricsPort, host: config.metricsHost });
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A rise shows that passwords are guessed: each check costs some 20 ms of a processor. */
function registerPasswordChecks(registry: Registry): void {
  new Counter({
    name: 'password_checks_total',
    help: 'Passwords that were compared with a hash, right ones and wrong ones',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(passwordChecks());
    },
  });
}

/** What waits in the database, read with each scrape. A value that can't be read is left out. */
function registerBacklog(registry: Registry, backlog: Backlog, pool: () => { open: number; inUse: number }): void {
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await Promise.resolve(read()).catch(() => Number.NaN));
      },
    });
  gauge('mongodb_pool_connections', 'Open connections to MongoDB', () => pool().open);
  gauge('mongodb_pool_connections_in_use', 'Connections to MongoDB that are in use', () => pool().inUse);
  gauge('audit_relay_lag_seconds', 'The age of the oldest change record that was not moved to the audit trail', () =>
    backlog.relayLagSeconds(),
  );
  gauge('runs_open', 'Imports and simulations that wait or run', () => backlog.openRuns());
  gauge('mails_waiting', 'Mails that wait to be sent', () => backlog.waitingMails());
}
