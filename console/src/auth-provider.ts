// Signs administrators in and out for react-admin.

import type { AuthProvider } from 'react-admin';
import { currentSession, loadSession, signIn, signOut } from './api.ts';

export const authProvider: AuthProvider = {
  login: ({ username, password }: { username: string; password: string }) => signIn(username, password),
  logout: () => signOut(),
  async checkAuth() {
    if (!currentSession()) await loadSession();
  },
  // The form that is being filled in stays: the notification says that the session has ended.
  async checkError({ status }: { status?: number }) {
    if (status === 401) throw new Error();
  },
  async getIdentity() {
    const { administrator } = currentSession() ?? (await loadSession());
    return { id: administrator.id };
  },
  async getPermissions() {
    const found = currentSession() ?? (await loadSession().catch(() => undefined));
    return found?.operations ?? [];
  },
};
