// The cookies of administrators' sessions (RFC 6265bis): never readable by scripts, never sent by another site's request.

/** Writes and reads the cookies of one installation. */
export interface SessionCookies {
  /** Set-Cookie for a session. */
  session(token: string, expires: Date): string;
  /** Set-Cookie for a sign-in in progress. */
  pending(secret: string, maxAgeSeconds: number): string;
  readSession(header: string | undefined): string | undefined;
  readPending(header: string | undefined): string | undefined;
}

const HEADER_CHARS_MAX = 8192;

/** @param secure whether the public URL is https: the cookies are then sent only over https and only to this host */
export function createSessionCookies(secure: boolean): SessionCookies {
  const prefix = secure ? '__Host-' : '';
  const [session, pending] = [`${prefix}mobietrain-session`, `${prefix}mobietrain-sign-in`];
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  return {
    session: (token, expires) => `${session}=${token}; ${attributes}; Expires=${expires.toUTCString()}`,
    pending: (secret, maxAgeSeconds) => `${pending}=${secret}; ${attributes}; Max-Age=${maxAgeSeconds}`,
    readSession: (header) => cookieOf(header, session),
    readPending: (header) => cookieOf(header, pending),
  };
}

/** Set-Cookie that removes a session's cookie. */
export function expiredCookie(cookies: SessionCookies): string {
  return cookies.session('', new Date(0));
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  if (header === undefined || header.length > HEADER_CHARS_MAX) return undefined;
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || undefined;
  }
  return undefined;
}
