// The attributes that an account adds to its users. They are served at once: in SCIM below the URN of the account, as columns of files,
// as `customAttributes` of users here.

import { z } from 'zod';
import { fault, isNonEmpty } from '../../../directory/faults.ts';
import type { Account } from '../../../directory/model.ts';
import {
  ACCOUNT_ATTRIBUTE_TYPES,
  type AccountAttribute,
  accountAttributeFaults,
  accountUrn,
  type SchemasOf,
} from '../../../directory/schema/account-attributes.ts';
import { accountParams } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';

/** The port to the attributes of accounts. Undefined: the account has no such attribute, or has one of this name meanwhile. */
export interface AttributeDesk {
  addAttribute(account: string, attribute: AccountAttribute): Promise<Account | undefined>;
  changeAttribute(
    account: string,
    name: string,
    change: Partial<Pick<AccountAttribute, 'required' | 'description'>>,
  ): Promise<Account | undefined>;
  removeAttribute(account: string, name: string): Promise<Account | undefined>;
}

const description = z.string().max(255).meta({ description: 'What the attribute holds, for people and for /Schemas' });
const required = z.boolean().meta({ description: 'Whether an active user without a value is incomplete' });

const attributeSchema = z
  .object({
    name: z.string(),
    path: z.string().meta({ description: 'The whole name in SCIM' }),
    type: z.enum(ACCOUNT_ATTRIBUTE_TYPES),
    multiValued: z.boolean(),
    required,
    matching: z.boolean().meta({ description: 'Whether users are found by it from an index' }),
    description: description.optional(),
  })
  .meta({ id: 'CustomAttribute' });

const attributeDraft = z
  .strictObject({
    name: z.string().min(1).max(100).meta({ description: 'Letters and digits, at most 64; begins with a letter' }),
    type: z.enum(ACCOUNT_ATTRIBUTE_TYPES).default('string'),
    multiValued: z.boolean().default(false),
    required: required.default(false),
    matching: z.boolean().default(false).meta({ description: 'Only for texts; at most 5 of an account' }),
    description: description.optional(),
  })
  .meta({ id: 'CustomAttributeDraft' });

const attributeChange = z
  .strictObject({ required: required.optional(), description: description.optional() })
  .meta({ id: 'CustomAttributeChange' });

const attributeParams = accountParams.extend({
  attribute: z.string().min(1).max(100).meta({ description: 'The name of the attribute' }),
});

interface AttributeOperationsOptions {
  accounts: AttributeDesk;
  schemasOf: SchemasOf;
}

/** The operations on custom attributes. */
export function attributeOperations(options: AttributeOperationsOptions): Operation[] {
  return [listAttributes(), createAttribute(options), changeAttribute(options), deleteAttribute(options)];
}

function listAttributes(): Operation {
  return operation({
    id: 'listCustomAttributes',
    tag: 'Accounts',
    method: 'GET',
    path: '/accounts/{account}/attributes',
    summary: 'List the attributes that the account adds to its users',
    permission: 'account.read',
    params: accountParams,
    answers: {
      200: {
        description: 'All custom attributes, in the order in which they were added, and the URN of their schema',
        schema: z.object({ schema: z.string(), items: z.array(attributeSchema) }).meta({ id: 'CustomAttributeList' }),
      },
    },
    handle: async ({ caller: { account } }) =>
      json(200, {
        schema: accountUrn(account.slug),
        items: (account.attributes ?? []).map((attribute) => rendered(account, attribute)),
      }),
  });
}

function createAttribute({ accounts, schemasOf }: AttributeOperationsOptions): Operation {
  return operation({
    id: 'createCustomAttribute',
    tag: 'Accounts',
    method: 'POST',
    path: '/accounts/{account}/attributes',
    summary: 'Add an attribute to the users of the account',
    description: 'It is served within a second. Its name, type and whether it is matching stay as they are.',
    permission: 'account.change',
    params: accountParams,
    body: attributeDraft,
    answers: { 201: { description: 'The new attribute', schema: attributeSchema } },
    async handle({ caller: { account }, body: { description: words, ...draft } }) {
      const attribute = { ...draft, ...(words ? { description: words } : {}) };
      const faults = accountAttributeFaults(attribute, account, schemasOf({ id: '', slug: '' }));
      if (isNonEmpty(faults)) return faultProblem(faults);
      const changed = await accounts.addAttribute(account.id, attribute);
      if (!changed) return faultProblem([fault('uniqueness', 'name', { value: attribute.name })]);
      return json(201, rendered(account, attribute));
    },
  });
}

function changeAttribute({ accounts }: AttributeOperationsOptions): Operation {
  return operation({
    id: 'changeCustomAttribute',
    tag: 'Accounts',
    method: 'PATCH',
    path: '/accounts/{account}/attributes/{attribute}',
    summary: 'Update the description of a custom attribute and whether it is required',
    permission: 'account.change',
    params: attributeParams,
    body: attributeChange,
    answers: { 200: { description: 'The attribute', schema: attributeSchema } },
    async handle({ caller: { account }, params, body }) {
      const change = {
        ...(body.required === undefined ? {} : { required: body.required }),
        ...(body.description === undefined ? {} : { description: body.description }),
      };
      const known = account.attributes?.find(({ name }) => name === params.attribute);
      const changed =
        known && Object.keys(change).length > 0
          ? await accounts.changeAttribute(account.id, known.name, change)
          : known && account;
      const attribute = changed?.attributes?.find(({ name }) => name === params.attribute);
      return attribute ? json(200, rendered(account, attribute)) : notFound(params.attribute);
    },
  });
}

function deleteAttribute({ accounts }: AttributeOperationsOptions): Operation {
  return operation({
    id: 'deleteCustomAttribute',
    tag: 'Accounts',
    method: 'DELETE',
    path: '/accounts/{account}/attributes/{attribute}',
    summary: 'Remove a custom attribute and its values of all users',
    permission: 'account.change',
    params: attributeParams,
    answers: { 204: { description: 'Removed' } },
    async handle({ caller: { account }, params }) {
      const changed = await accounts.removeAttribute(account.id, params.attribute);
      return changed ? noContent() : notFound(params.attribute);
    },
  });
}

function notFound(name: string) {
  return faultProblem([fault('notFound', 'Attribute', { value: name })]);
}

function rendered({ slug }: Account, attribute: AccountAttribute) {
  return { ...attribute, path: `${accountUrn(slug)}:${attribute.name}` };
}
