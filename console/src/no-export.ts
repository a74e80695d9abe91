// In place of the package `jsonexport`: the console exports nothing by itself; files come from the API.

export default function exported(_records: unknown, _options: unknown, done: (error: Error) => void): void {
  done(new Error('Not offered'));
}
