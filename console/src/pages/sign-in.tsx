// The sign-in of administrators.

import { Typography } from '@mui/material';
import { Login, LoginForm, useTranslate } from 'react-admin';

export function SignIn() {
  const translate = useTranslate();
  return (
    <main>
      <Login sx={{ backgroundImage: 'none', bgcolor: 'background.default', color: 'text.primary' }}>
        <Typography component="h1" variant="h6" align="center">
          {translate('mt.appTitle')}
        </Typography>
        <Typography variant="body2" align="center">
          {translate('mt.signInLead')}
        </Typography>
        <LoginForm />
      </Login>
    </main>
  );
}
