// The world of a test file: jest gives each a global object of its own, with its own `Error`, while the errors of Node's modules
// (of fs, of streams) are made by the `Error` outside of it. Here they are instances of both, so `error instanceof Error` says of
// ENOENT in a test what it says in the server. Arrays that Node's modules make (`readdir`, `once`) stay strangers to deepEqual,
// which compares prototypes: spread them.

import { TestEnvironment } from 'jest-environment-node';

const ERRORS = [
  'Error',
  'AggregateError',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
];
const isInstance = Function.prototype[Symbol.hasInstance];

export default class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const name of ERRORS) {
      const outer = globalThis[name];
      const inner = this.global[name];
      // A class that extends it asks here, too, and has instances of its own only.
      const value = function (error) {
        return isInstance.call(this, error) || (this === inner && error instanceof outer);
      };
      Object.defineProperty(inner, Symbol.hasInstance, { value });
    }
  }
}
