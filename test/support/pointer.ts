// Finding a value in a JSON answer, with the pointers of the exchanges in assets/clients/.

export { at } from '../../src/cli/simulate/pointer.ts';
