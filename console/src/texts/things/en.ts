// Things of the console in English: one of them, a new one, none, and what to do next. Sentences are written whole, because languages inflect.

/** The things that the console has pages for, by page. */
export const thingsEn = {
  users: {
    one: 'User',
    create: 'New user',
    empty: 'There are no users yet.',
    next: 'Connect a directory, import a file, invite somebody, or add somebody here.',
  },
  invitations: {
    one: 'Invitation',
    create: 'Invite somebody',
    empty: 'Nobody is invited at the moment.',
    next: 'Whoever you invite gets a mail and registers on the phone.',
  },
  groups: {
    one: 'User group',
    create: 'New user group',
    empty: 'There are no user groups yet.',
    next: 'They come with the users of a directory or a file; you can also make one here.',
  },
  stores: {
    one: 'Store',
    create: 'New store',
    empty: 'There are no stores yet.',
    next: 'They come with the users of a directory or a file; you can also make one here.',
  },
  orgUnits: {
    one: 'Org unit',
    create: 'New org unit',
    empty: 'There are no org units yet.',
    next: 'Begin with the topmost one; units below it have its path in theirs, such as Retail/Benelux.',
  },
  roles: {
    one: 'Role',
    create: 'New role',
    empty: 'There are no roles yet.',
    next: 'Make one for each role that your files give to people; a row with another one is refused.',
  },
  organizations: {
    one: 'Organization',
    create: 'New organization',
    empty: 'There are no organizations yet.',
    next: 'Make one for each organization that your files name; a row with another one is refused.',
  },
  enrollmentProfiles: {
    one: 'Enrollment profile',
    create: 'New enrollment profile',
    empty: 'There are no enrollment profiles yet.',
    next: 'Make one for each profile that your files name; a row with another one is refused.',
  },
  courses: {
    one: 'Course',
    create: 'New course',
    empty: 'There are no courses yet.',
    next: 'Publish one to everybody or to some user groups.',
  },
  imports: {
    one: 'Import',
    create: 'New import',
    empty: 'Nothing was imported yet.',
    next: 'Choose a CSV or XML file above. It is simulated first.',
  },
  connections: {
    one: 'Connection',
    create: 'New connection',
    empty: 'There are no connections yet.',
    next: 'Make one for the directory that sends your users, and give it a token or send its set-up link.',
  },
  attributes: {
    one: 'Custom attribute',
    create: 'New custom attribute',
    empty: 'There are no custom attributes yet.',
    next: 'Add one for what you know of people and no other field has.',
  },
  events: {
    one: 'Request',
    create: 'New request',
    empty: 'There were no requests yet.',
    next: 'They appear here as soon as a connection calls. Make a connection first.',
  },
  audit: {
    one: 'Change',
    create: 'New change',
    empty: 'Nothing has changed yet.',
    next: 'Every change of a user, group or store appears here, with who made it.',
  },
  administrators: {
    one: 'Administrator',
    create: 'New administrator',
    empty: 'The account has no administrators of its own yet.',
    next: 'Add somebody who looks after users; they get a link to set a password.',
  },
};

/** The same in another language. */
export type Things = typeof thingsEn;
