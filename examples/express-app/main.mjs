// Starts the example: MONGODB_URI=mongodb://… node examples/express-app/main.mjs

import { createApp } from './app.mjs';

const port = Number(process.env.PORT ?? 3000);
const { app, accounts } = await createApp({
  mongodbUri: process.env.MONGODB_URI ?? 'mongodb://localhost:27017/?replicaSet=rs0',
  database: 'example',
  publicUrl: `http://localhost:${port}`,
  tokens: { 'a-token-of-this-application': 'example' },
});
await accounts.createAccount({ name: 'Example', slug: 'example', requiredData: 'report' });
app.listen(port, () => {
  console.log(`curl -H "Authorization: Bearer a-token-of-this-application" http://localhost:${port}/scim/v2/Users`);
});
