// What is said after something was made, changed or removed: it names the person, the group, the store.

import {
  type RaRecord,
  useGetRecordRepresentation,
  useNotify,
  useRecordContext,
  useRedirect,
  useResourceContext,
  useTranslate,
} from 'react-admin';

interface InvitedUser {
  givenName?: string;
  familyName?: string;
  userName?: string;
}

/** Whom an invitation invites. */
export const personOf = ({ user }: { user: InvitedUser }): string =>
  [user.givenName, user.familyName].filter(Boolean).join(' ') || (user.userName ?? '');

/** The name of a record in a sentence. */
function useRecordName(): (record: RaRecord) => string {
  const represented = useGetRecordRepresentation(useResourceContext());
  return (record) => {
    // An invitation is known by whom it invites.
    const user: unknown = record.user;
    if (typeof user !== 'object' || user === null) return String(represented(record));
    return personOf({ user: user as InvitedUser });
  };
}

/** For a form: what it says after a record was saved, and the page that follows. */
export function useSaved(what: 'created' | 'updated', next: 'list' | 'show') {
  const resource = useResourceContext();
  const nameOf = useRecordName();
  const notify = useNotify();
  const redirect = useRedirect();
  return {
    onSuccess(record: RaRecord) {
      notify(`mt.saved.${what}`, { type: 'success', messageArgs: { name: nameOf(record) } });
      redirect(next, resource, record.id, record);
    },
  };
}

/** What is said after the record of the context was removed. */
export function useRemoved(): string {
  const record = useRecordContext();
  const translate = useTranslate();
  const nameOf = useRecordName();
  return translate('mt.saved.deleted', { name: record ? nameOf(record) : '' });
}
