// The environment of a test file. jest gives each file its own global object with its own `Error`, but Node's modules (fs,
// streams) create errors with the `Error` of the main realm. Here `error instanceof Error` is true for both, as in the server.
// Arrays that Node's modules create (`readdir`, `once`) still differ in their prototype, which `deepEqual` compares: spread them.

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
      // Subclasses inherit this method; only the class itself accepts errors of the main realm.
      const value = function (error) {
        return isInstance.call(this, error) || (this === inner && error instanceof outer);
      };
      Object.defineProperty(inner, Symbol.hasInstance, { value });
    }
  }
}
