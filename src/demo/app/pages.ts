// The pages of the demo app. They are in English: it is for those who try the server out, and no part of it.

import { type Html, html, type WrittenPage, writePage } from '../../doors/html.ts';
import type { OwnCourse } from './sign-in.ts';

const LOOK = { name: 'Demo app' };

const page = (title: string, main: Html): WrittenPage => writePage({ title, main, language: 'en', look: LOOK });

/** @param base the path of the app */
export function welcomePage(base: string, note?: string): WrittenPage {
  return page(
    'Welcome',
    html`${note === undefined ? undefined : html`<p class="error" role="alert">${note}</p>`}
<p>This page is an application that signs learners of the account demo in over OpenID Connect, as the real app does. It is served in development only.</p>
<p><a class="button" href="${base}/sign-in">Sign in</a></p>`,
  );
}

interface Person {
  claims: Readonly<Record<string, unknown>>;
  newCourses: number;
}

const SHOWN: Readonly<Record<string, string>> = {
  preferred_username: 'Login name',
  email: 'E-mail',
  account_name: 'Account',
  role: 'Role',
  language: 'Language',
};

export function personPage(base: string, { claims, newCourses }: Person): WrittenPage {
  const rows = Object.entries(SHOWN).flatMap(([claim, label]) => {
    const value = claims[claim];
    return typeof value === 'string' ? [html`<dt>${label}</dt><dd>${value}</dd>`] : [];
  });
  return page(
    `Hello, ${textOf(claims.name)}`,
    html`<p>New courses: <strong id="badge">${String(newCourses)}</strong></p>
<p><a class="button" href="${base}/courses">Courses</a></p>
<h2>Who you are</h2><dl>${rows}</dl>
<h2>Your groups</h2>${listOf(namesOf(claims.groups))}
<h2>Your stores</h2>${listOf(namesOf(claims.stores))}
<form method="post" action="${base}/sign-out"><button>Sign out</button></form>`,
  );
}

export function coursesPage(base: string, courses: readonly OwnCourse[]): WrittenPage {
  const items = courses.map(({ title, link }) => html`<a href="${link}" rel="noreferrer">${title}</a>`);
  return page(
    'Courses',
    html`${listOf(items)}<p>You have looked at the list now, so that no course in it is new any more.</p>
<p><a class="button" href="${base}">Back</a></p>`,
  );
}

export function problemPage(base: string, words: string): WrittenPage {
  return page('That did not work', html`<p>${words}</p><p><a class="button" href="${base}">Back</a></p>`);
}

function listOf(items: readonly Html[]): Html {
  return items.length === 0 ? html`<p>None</p>` : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

/** Groups and stores have a name and an id. */
function namesOf(claim: unknown): Html[] {
  if (!Array.isArray(claim)) return [];
  return claim.map((one: { id?: unknown; name?: unknown }) => html`${textOf(one.name) || textOf(one.id)}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
