// The documentation page of the admin API: one HTML document without scripts, generated from the OpenAPI document.

import { createHash } from 'node:crypto';
import type { createOpenApiDocument } from './openapi.ts';

type OpenApiDocument = ReturnType<typeof createOpenApiDocument>;

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: { description?: string };
}

interface PathOperation {
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema?: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema?: object }> }>;
}

const STYLE = `
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1rem}
nav ul{columns:2;padding-left:1rem}
h1{line-height:1.2}h2{margin-top:2.5rem;border-bottom:2px solid}h3{margin:1.5rem 0 .25rem;font-size:1rem}
code,pre{font:14px/1.45 ui-monospace,monospace}
pre{overflow:auto;padding:.75rem;border:1px solid;border-radius:.25rem}
.method{display:inline-block;min-width:4.5rem;font-weight:700}
table{border-collapse:collapse;margin:.5rem 0}th,td{text-align:left;vertical-align:top;padding:.15rem .75rem .15rem 0}
details{margin:.25rem 0}
@media(max-width:40rem){nav ul{columns:1}}
`;

/** The page, and the Content-Security-Policy under which it works. */
export function createDocsPage(document: OpenApiDocument): { html: string; policy: string } {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  return { html: pageOf(document), policy: `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'` };
}

function pageOf(document: OpenApiDocument): string {
  const byTag = new Map<string, string[]>();
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const [method, value] of Object.entries(item)) {
      const operation = value as unknown as PathOperation;
      const tag = operation.tags?.[0] ?? '';
      byTag.set(tag, [...(byTag.get(tag) ?? []), operationHtml(method, path, operation)]);
    }
  }
  const tags = [...byTag.keys()];
  const schemas = Object.entries(document.components?.schemas ?? {});
  const { title, description } = document.info;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(description ?? '')}</p>`,
    `<p>Base: <code>${escapeHtml(document.servers?.[0]?.url ?? '')}</code>. Machine-readable: <a href="/openapi.json">openapi.json</a>.</p>`,
    `<nav aria-label="Contents"><ul>${tags.map((tag) => `<li><a href="#${anchor(tag)}">${escapeHtml(tag)}</a></li>`).join('')}<li><a href="#schemas">Schemas</a></li></ul></nav><main>`,
    ...tags.map((tag) => `<h2 id="${anchor(tag)}">${escapeHtml(tag)}</h2>${(byTag.get(tag) ?? []).join('')}`),
    '<h2 id="schemas">Schemas</h2>',
    ...schemas.map(
      ([name, schema]) =>
        `<details id="schema-${anchor(name)}"><summary><code>${escapeHtml(name)}</code></summary><pre>${escapeHtml(JSON.stringify(schema, undefined, 2))}</pre></details>`,
    ),
    '</main></body></html>',
  ].join('\n');
}

function operationHtml(method: string, path: string, operation: PathOperation): string {
  const parameters = (operation.parameters ?? []).map(
    ({ name, in: place, required, description, schema }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(place)}${required ? ', required' : ''}</td><td>${escapeHtml(description ?? schema?.description ?? '')}</td></tr>`,
  );
  const bodies = Object.entries(operation.requestBody?.content ?? {}).map(
    ([type, { schema }]) => `<p>Body, <code>${escapeHtml(type)}</code>: ${schemaLink(schema)}</p>`,
  );
  const answers = Object.entries(operation.responses).map(
    ([status, { description, content }]) =>
      `<tr><td><code>${escapeHtml(status)}</code></td><td>${escapeHtml(description)}</td><td>${schemaLink(Object.values(content ?? {})[0]?.schema)}</td></tr>`,
  );
  return [
    `<section><h3><code><span class="method">${escapeHtml(method.toUpperCase())}</span> ${escapeHtml(path)}</code></h3>`,
    `<p>${escapeHtml(operation.summary ?? '')}. ${escapeHtml(operation.description ?? '')}</p>`,
    parameters.length > 0 ? `<table>${parameters.join('')}</table>` : '',
    ...bodies,
    `<details><summary>Responses</summary><table>${answers.join('')}</table></details></section>`,
  ].join('');
}

function schemaLink(schema: object | undefined): string {
  if (!schema) return '';
  const reference = '$ref' in schema ? String(schema.$ref).split('/').at(-1) : undefined;
  if (reference === undefined) return `<code>${escapeHtml(JSON.stringify(schema))}</code>`;
  return `<a href="#schema-${anchor(reference)}"><code>${escapeHtml(reference)}</code></a>`;
}

function anchor(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
