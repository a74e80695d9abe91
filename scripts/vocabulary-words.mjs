// The words and phrases that `npm run lint` refuses in comments, strings and documents, each with what to write instead. They
// are word-by-word translations, private words of earlier versions, or words with several meanings; docs/glossary.md has the
// word to use for each thing. Patterns ignore case. A new entry must not match ordinary English.

export const WORDS = [
  // "if" and conditions
  [/\b(?:undefined|true|false|null|absent|nothing|none|throws \w+|refused) where\b/, '"if"'],
  [
    /(?:^|[.;:] |\/\/ |\*\* )where (?:an?|the|no|none|nobody|it|there|one|that) [^.?|]{0,80},/,
    'start the sentence with "If"',
  ],
  [/\bwhere (?:there|none|nobody) (?:is|are|was|were|has|does)\b/, '"if there is …"'],
  [/\bwhere no\b/, '"if no …"'],
  [/\b(?:database|store|provider|server) is away\b/, '"is unavailable"'],
  // German word order and prepositions
  [/\b(?:the|an|its|no) own (?:one|ones)\b|\b(?:the|an) own\b/, '"its own", "their own", "your own"'],
  [/\bof now\b/, '"current"'],
  [/\bof this id here\b/, '"with this id exists"'],
  [/\b(?:is|are|was|be) called (?:so|otherwise)\b/, '"has this name", "was renamed"'],
  [/\bwho is called\b/, '"whose name is"'],
  [/\b(?:comes?|came|coming) to be\b/, '"is created"'],
  [/(?<!there )\bis no (?!longer|more|such|way|need|reason|limit|match)[a-z]/, '"is not a"'],
  [/\bone (?:\w+ )?a line\b/, '"one per line"'],
  [/\bfor ever\b/, '"permanently"'],
  [/\banew\b/, '"again"'],
  [/\b(?:what|which) bec[ao]me?s? of\b/, '"what happened to", "the outcome of"'],
  [/\b(?:is|are|was|were|be|not) through\b(?! the)/, '"is finished"'],
  [/\b(?:it|run|import|server|and|or) goes on\b(?! to)/, '"continues"'],
  [/\bput(?:s|ting)? right\b/, '"correct"'],
  [/\bspeaks? for\b/, '"identifies", "belongs to"'],
  [
    /\b(?:stands?|stood|standing) (?:here|there|in|above|beside|behind|over|before|under)\b/,
    '"is", "is in", "is stored in"',
  ],
  [/\btold\b(?! apart)/, '"reported", "returned", "documented"'],
  [/\btells? (?:what|which|whether|how|why|of|nothing)\b/, '"says", "reports", "returns"'],
  [/\bwhoever\b/, '"a user who", "any process that"'],
  // private words and words with several meanings
  [/\bsettl(?:e|es|ed|ing)\b/, '"resolve", "commit", "complete" or "rethrow"'],
  [/\bwish(?:es)?\b/, '"request", "change request"'],
  [/\blanes?\b/, '"row scheduler"'],
  [/\bshelf\b|\bshelves\b/, '"overlay"'],
  [/\btraits?\b/, '"secondary key"'],
  [/\bloose\b/, '"unlinked values"'],
  [/(?<!order |quotation |question )\bmarks?\b/, '"checkpoint", "primary", "search key" or "write id"'],
  [/(?<!round )\btrips\b/, '"batches"'],
  [/\bjudg(?:e|es|ed|ing)\b/, '"check", "validate" or "authorize"'],
];

/** Exact phrases that may stay although they match, by file. */
export const ALLOWED = [
  // The stored field `loose` and the kind of its search keys, whose names cannot change without a migration.
  { file: 'src/directory/query/search-keys.ts', text: 'loose' },
  { file: 'src/directory/users/plan.ts', text: 'loose' },
  { file: 'src/mongo/users/filter.ts', text: 'loose' },
];
