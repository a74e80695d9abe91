// Finds the operation of a method and a raw path by an exact match of the operations' paths. The path is decoded once.

import type { Method, Operation } from './operation.ts';

export type OperationMatch =
  | { kind: 'found'; operation: Operation; params: Record<string, string> }
  | { kind: 'method'; allow: string[] }
  | { kind: 'unknown' };

export interface OperationTable {
  match(method: string, path: string): OperationMatch;
}

interface Route {
  segments: string[];
  operations: Map<string, Operation>;
}

const SEGMENTS_MAX = 10;

/** Makes the table of these operations. A literal segment takes precedence over a parameter. */
export function createOperationTable(operations: readonly Operation[]): OperationTable {
  const routes = new Map<string, Route>();
  for (const operation of operations) {
    const route = routes.get(operation.path) ?? { segments: split(operation.path), operations: new Map() };
    route.operations.set(operation.method, operation);
    routes.set(operation.path, route);
  }
  const ordered = [...routes.values()].sort((a, b) => literals(b) - literals(a));
  return {
    match(method, path) {
      const segments = decoded(path);
      const route = segments && ordered.find((one) => fits(one, segments));
      if (!segments || !route) return { kind: 'unknown' };
      // HEAD is a GET whose body the server leaves out.
      const operation = route.operations.get(method === 'HEAD' ? 'GET' : method);
      if (!operation) return { kind: 'method', allow: allowed(route) };
      return { kind: 'found', operation, params: paramsOf(route, segments) };
    },
  };
}

function split(path: string): string[] {
  return path.split('/').slice(1);
}

/** The decoded segments; undefined if the path is malformed, has an empty segment, or is too long. */
function decoded(path: string): string[] | undefined {
  const segments = split(path.endsWith('/') && path !== '/' ? path.slice(0, -1) : path);
  if (segments.length > SEGMENTS_MAX) return undefined;
  try {
    const texts = segments.map((segment) => decodeURIComponent(segment));
    const isClean = texts.every((text) => text !== '' && text !== '.' && text !== '..' && !/[/\\\0]/.test(text));
    return isClean ? texts : undefined;
  } catch {
    return undefined;
  }
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}

function literals({ segments }: Route): number {
  return segments.filter((segment) => !isParameter(segment)).length;
}

function fits({ segments }: Route, actual: string[]): boolean {
  return (
    segments.length === actual.length &&
    segments.every((segment, index) => isParameter(segment) || segment === actual[index])
  );
}

function paramsOf({ segments }: Route, actual: string[]): Record<string, string> {
  const params = Object.create(null) as Record<string, string>;
  for (const [index, segment] of segments.entries()) {
    if (isParameter(segment)) params[segment.slice(1, -1)] = actual[index] ?? '';
  }
  return params;
}

function allowed({ operations }: Route): string[] {
  const methods = [...operations.keys()] as Method[];
  return methods.includes('GET') ? ['HEAD', ...methods] : methods;
}
