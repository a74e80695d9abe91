// Cookies that only this server can read (RFC 7516), so that the demo app needs no memory and works over several processes.

import { EncryptJWT, jwtDecrypt } from 'jose';

export interface SealedCookies<T> {
  /** The line of Set-Cookie that stores a value. */
  set(value: T): Promise<string>;
  /** The line that removes it. */
  clear(): string;
  /** The value in a Cookie header; undefined if there is none, or if it is too old. */
  read(header: string | undefined): Promise<T | undefined>;
}

/** Creates a cookie. @param key 32 bytes */
export function sealedCookie<T extends Record<string, unknown>>(options: {
  name: string;
  path: string;
  isSecure: boolean;
  seconds: number;
  key: Uint8Array;
}): SealedCookies<T> {
  const { name, path, isSecure, seconds, key } = options;
  const line = (value: string, age: number) =>
    `${name}=${value}; Path=${path}; Max-Age=${age}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  return {
    async set(value) {
      const sealed = await new EncryptJWT({ value })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setAudience(name)
        .setExpirationTime(`${seconds}s`)
        .encrypt(key);
      return line(sealed, seconds);
    },
    clear: () => line('', 0),
    async read(header = '') {
      const [, sealed] = new RegExp(`(?:^|;\\s*)${name}=([\\w.-]+)`).exec(header) ?? [];
      if (sealed === undefined) return undefined;
      const opened = await jwtDecrypt<{ value: T }>(sealed, key, { audience: name }).catch(() => undefined);
      return opened?.payload.value;
    },
  };
}
