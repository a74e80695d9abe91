// A process that works on CSV runs until it is killed. Arguments: the database's URI and name, and the accounts as JSON.

import type { Account } from '../../src/directory/model.ts';
import { openCsvWorker } from './csv.ts';

const [uri = '', name = '', accounts = '[]'] = process.argv.slice(2);
const { worker } = await openCsvWorker(uri, name, JSON.parse(accounts) as Account[]);
worker.start();
console.log('working');
