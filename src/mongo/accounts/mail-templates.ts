// Mail templates in MongoDB.

import type { Db } from 'mongodb';
import type { TemplateRecords } from '../../directory/mails/templates.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { MailTemplateDocument } from '../schemas/accounts/mail-templates.ts';

/** Creates the templates of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createTemplateRecords(db: Db): TemplateRecords {
  const { mailTemplates: templates } = collectionsOf(db);
  const idOf = (account: string, kind: string, language: string) => `${account}:${kind}:${language}`;
  return {
    async find(account, kind, language) {
      const found = await guarded(() => templates.findOne({ account, _id: idOf(account, kind, language) }));
      return found ? toTemplate(found) : undefined;
    },
    async list(account) {
      const found = templates.find({ account }).sort({ kind: 1, language: 1 });
      return (await guarded(() => found.toArray())).map(toTemplate);
    },
    async save(account, template) {
      const _id = idOf(account, template.kind, template.language);
      await guarded(() => templates.replaceOne({ account, _id }, { account, ...template }, { upsert: true }));
    },
    async remove(account, kind, language) {
      const { deletedCount } = await guarded(() =>
        templates.deleteOne({ account, _id: idOf(account, kind, language) }),
      );
      return deletedCount > 0;
    },
  };
}

function toTemplate({ _id, account: _account, ...template }: MailTemplateDocument) {
  return template;
}
