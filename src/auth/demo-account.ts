// The account that a new server begins with, so that a first call works before anything is set up.

import type { Outcome } from '../directory/faults.ts';
import type { Account, Connection } from '../directory/model.ts';

const DEMO_SLUG = 'demo';

/** What it needs of the accounts. */
export interface DemoAccounts {
  createAccount(draft: { name: string; slug: string; requiredData: 'report' }): Promise<Outcome<Account>>;
  findAccount(slug: string): Promise<Account | undefined>;
  ensureConnection(account: Account, name: string): Promise<Connection>;
  ensureBootstrapCredential(account: Account, token: string | undefined): Promise<void>;
  createCredential(connection: Connection): Promise<{ token: string }>;
}

/**
 * Creates the demo account on the first start, with a connection and a token, and the token of BOOTSTRAP_TOKEN on every start.
 * Returns the token of the first start.
 */
export async function seedDemoAccount(
  accounts: DemoAccounts,
  bootstrapToken: string | undefined,
): Promise<string | undefined> {
  const made = await accounts.createAccount({ name: 'Demo', slug: DEMO_SLUG, requiredData: 'report' });
  const account = made.ok ? made.value : await accounts.findAccount(DEMO_SLUG);
  if (!account) throw new Error('The demo account could not be created');
  await accounts.ensureBootstrapCredential(account, bootstrapToken);
  if (!made.ok) return undefined;
  const connection = await accounts.ensureConnection(account, DEMO_SLUG);
  return (await accounts.createCredential(connection)).token;
}
