// A list that has nothing yet: what it is, and how to begin.

import { Stack, Typography } from '@mui/material';
import {
  CreateButton,
  useGetResourceLabel,
  useResourceContext,
  useResourceDefinition,
  useTranslate,
} from 'react-admin';

export function Empty() {
  const translate = useTranslate();
  const resource = useResourceContext() ?? '';
  const { hasCreate } = useResourceDefinition();
  const name = useGetResourceLabel()(resource, 2);
  return (
    <Stack spacing={2} sx={{ alignItems: 'center', py: 8, textAlign: 'center' }}>
      <Typography variant="h5" component="h2">
        {translate('ra.page.empty', { name: name.toLowerCase() })}
      </Typography>
      {hasCreate ? <CreateButton variant="contained" /> : null}
    </Stack>
  );
}
