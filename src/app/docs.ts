// The documentation page and the OpenAPI documents that it shows, as pages of the HTTP server.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../config.ts';
import { createScimOpenApi, type ScimOpenApiOptions } from '../doors/scim/openapi/document.ts';
import type { Page } from '../http/app.ts';
import { DOCS_PATH } from './scim.ts';

const ASSETS = join(packageRoot, 'assets', 'api-reference');
/** The version in the name makes the address of each version another one. */
const SCALAR = 'scalar-1.72.1.js';
const JSON_TYPE = 'application/json; charset=utf-8';
const SCRIPT_TYPE = 'text/javascript; charset=utf-8';

/** Scripts and requests of this server only. Scalar places its styles in the page, which therefore are allowed inline. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MobieTrain provisioning: API reference</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="reference"></div>
<noscript>
<h1>MobieTrain provisioning</h1>
<p>This page needs JavaScript. The OpenAPI documents: <a href="/openapi-scim.json">SCIM 2.0</a>, <a href="/openapi.json">admin API</a>.</p>
</noscript>
<script src="/docs/${SCALAR}"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** Creates the pages. @param adminOpenApi the OpenAPI document of the admin API, as JSON */
export function composeDocs(scim: ScimOpenApiOptions, adminOpenApi: string): Page[] {
  return [
    { path: DOCS_PATH, mediaType: 'text/html; charset=utf-8', text: HTML, policy: POLICY },
    { path: `/docs/${SCALAR}`, mediaType: SCRIPT_TYPE, gzip: readFileSync(join(ASSETS, `${SCALAR}.gz`)) },
    { path: '/docs/start.js', mediaType: SCRIPT_TYPE, text: readFileSync(join(ASSETS, 'start.js'), 'utf8') },
    { path: '/openapi.json', mediaType: JSON_TYPE, text: adminOpenApi },
    { path: '/openapi-scim.json', mediaType: JSON_TYPE, text: JSON.stringify(createScimOpenApi(scim)) },
  ];
}
