// Your own Express application with the SCIM door in it. `tokens` are the bearer tokens of this application, by the
// login slug of the account that each belongs to; without them, the tokens that the product issues are taken.

import express from 'express';
import { openProvisioning, scimRouter } from 'mobietrain-provisioning';

/**
 * Builds the application. `publicUrl` is where clients reach it, without a trailing slash: the beginning of every location.
 *
 * @param {{ mongodbUri: string, database: string, publicUrl: string, tokens?: Record<string, string> }} settings
 */
export async function createApp({ mongodbUri, database, publicUrl, tokens }) {
  const provisioning = await openProvisioning({ mongodbUri, database });
  const { accounts, scim } = provisioning;

  const app = express();
  app.get('/hello', (_request, response) => {
    response.json({ hello: 'world' });
  });
  app.use(
    '/scim/v2',
    scimRouter({
      ...scim,
      baseUrl: `${publicUrl}/scim/v2`,
      authenticate: tokens ? byToken(accounts, tokens) : scim.authenticate,
    }),
  );
  return { app, accounts, close: () => provisioning.close() };
}

/** Authentication by this application's own tokens. It runs before a request's path and body are looked at. */
function byToken(accounts, tokens) {
  const slugs = new Map(Object.entries(tokens));
  return async ({ headers }) => {
    const slug = slugs.get(headers.authorization?.replace(/^Bearer /, ''));
    const account = slug === undefined ? undefined : await accounts.findAccount(slug);
    if (!account) return { ok: false, challenge: 'Bearer realm="example"' };
    const connection = await accounts.ensureConnection(account, 'Identity provider');
    return { ok: true, caller: { account, connection, credentialId: 'example' }, session: undefined };
  };
}
