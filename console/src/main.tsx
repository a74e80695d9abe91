// The entry of the console.

import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import { createRoot } from 'react-dom/client';
import { Console } from './app.tsx';
import { createI18n } from './i18n.ts';

// The policy of the page allows only styles with its nonce.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
const cache = createCache({ key: 'mui', nonce, prepend: true });
const i18n = await createI18n();
const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <CacheProvider value={cache}>
      <Console i18n={i18n} />
    </CacheProvider>,
  );
