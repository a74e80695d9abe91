// The environment of a test file. jest gives each file its own realm, a global object with its own `Error` and `Object`, but what
// Node creates belongs to the main realm. Two things are adapted, so that tests see what the server sees:
// - `error instanceof Error` is true for errors of Node's modules (fs, streams), too.
// - `structuredClone` creates objects of the test's realm. `deepEqual` compares prototypes.
// Arrays that Node's modules create (`readdir`, `once`) still differ in their prototype: spread them for `deepEqual`.

import { MessageChannel, moveMessagePortToContext, receiveMessageOnPort } from 'node:worker_threads';
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
  #port;

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

  /** A message port reads a message as objects of the realm that it was moved to. */
  async setup() {
    await super.setup();
    const { port1, port2 } = new MessageChannel();
    const reader = moveMessagePortToContext(port2, this.getVmContext());
    this.#port = port1;
    this.global.structuredClone = (value, { transfer } = {}) => {
      port1.postMessage(value, transfer);
      return receiveMessageOnPort(reader).message;
    };
  }

  async teardown() {
    this.#port?.close();
    await super.teardown();
  }
}
