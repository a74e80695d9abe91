// What a call of the admin API takes and answers, by its method and path, from the OpenAPI document.

import type { components, paths } from './api-types.d.ts';

/** The resources and answers of the API, by their names in its document. */
export type Schemas = components['schemas'];

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The paths that have this method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: M extends keyof paths[P] ? P : never;
}[keyof paths];

type InAccount<P> = P extends `/accounts/{account}${infer Rest}` ? Rest : never;

/** The same within an account, behind its slug. */
export type AccountPathOf<M extends Method> = InAccount<PathOf<M>>;

/** The operation with a path within an account. */
export type AccountPath<P extends string> = `/accounts/{account}${P}`;

type Operation<M extends Method, P> = P extends keyof paths ? (M extends keyof paths[P] ? paths[P][M] : never) : never;

type ParametersOf<O, Kind extends string> = O extends { parameters: infer All }
  ? All extends { [K in Kind]?: infer Parameters }
    ? Parameters
    : unknown
  : unknown;

/** A part of the options, under its name; none if it is empty, and not required if all of it is optional. */
type Part<Name extends string, Value> = [keyof Value] extends [never]
  ? unknown
  : Record<never, never> extends Value
    ? { [N in Name]?: Value }
    : { [N in Name]: Value };

/** In a query everything is text; the console writes switches as booleans. */
type Query<Q> = { [N in keyof Q]: Q[N] | ('true' extends Q[N] ? boolean : never) };

type BodyPart<O> = O extends { requestBody: { content: infer Content } }
  ? Content extends { 'application/json': infer Body }
    ? { body: Body }
    : { file: Blob }
  : O extends { requestBody?: { content: { 'application/json': infer Body } } }
    ? { body?: Body | undefined }
    : unknown;

/** What a call takes. `version` is that of the record that was read: the call is refused if there is another one by now. */
export type CallOptions<M extends Method, P> = Part<'params', Omit<ParametersOf<Operation<M, P>, 'path'>, 'account'>> &
  Part<'query', Query<NonNullable<ParametersOf<Operation<M, P>, 'query'>>>> &
  BodyPart<Operation<M, P>> & { version?: number | undefined };

/** The options as the last argument of a function: they can be left out if nothing is required. */
export type OptionsArgument<Options> = Record<never, never> extends Options ? [options?: Options] : [options: Options];

type JsonOf<Response> = Response extends { content: infer Content }
  ? [Content] extends [never]
    ? never
    : Content extends { 'application/json': infer Json }
      ? Json
      : never
  : never;

type JsonOfEach<O> = O extends { responses: infer Responses } ? JsonOf<Responses[keyof Responses]> : never;

/** The JSON that a call answers with. */
export type AnswerOf<M extends Method, P> = JsonOfEach<Operation<M, P>>;
