// A list that has nothing yet: what it is for, and how to begin.

import { Button, Stack, Typography } from '@mui/material';
import { CreateButton, usePermissions, useResourceContext, useResourceDefinition, useTranslate } from 'react-admin';
import { Link } from 'react-router-dom';

/** Where else a list is begun, with what a role needs to see that page. */
const BEGINNINGS: Readonly<Record<string, readonly (readonly [path: string, text: string, needs: string])[]>> = {
  users: [
    ['/connections', 'connections', 'connections.read'],
    ['/imports', 'imports', 'imports.run'],
    ['/invitations/create', 'invitations', 'users.invite'],
  ],
  groups: [['/connections', 'connections', 'connections.read']],
  stores: [['/connections', 'connections', 'connections.read']],
  events: [['/connections', 'connections', 'connections.read']],
};

export function Empty() {
  const translate = useTranslate();
  const resource = useResourceContext() ?? '';
  const { hasCreate } = useResourceDefinition();
  const { permissions = [] } = usePermissions<string[]>();
  const others = (BEGINNINGS[resource] ?? []).filter(([, , needs]) => permissions.includes(needs));
  return (
    <Stack spacing={2} sx={{ alignItems: 'center', py: 8, px: 2, textAlign: 'center' }}>
      <Typography variant="h5" component="h2">
        {translate(`resources.${resource}.empty`)}
      </Typography>
      <Typography sx={{ maxWidth: '60ch' }}>{translate(`resources.${resource}.next`)}</Typography>
      {hasCreate ? <CreateButton variant="contained" label={translate(`resources.${resource}.page.create`)} /> : null}
      <Stack direction="row" spacing={1} sx={{ flexWrap: 'wrap', justifyContent: 'center' }}>
        {others.map(([path, text]) => (
          <Button key={path} component={Link} to={path} sx={{ minHeight: 44 }}>
            {translate(`mt.pages.${text}`)}
          </Button>
        ))}
      </Stack>
    </Stack>
  );
}
