// Saves, and deletes after a question, if the role may.

import { DeleteWithConfirmButton, SaveButton, Toolbar, usePermissions } from 'react-admin';

export function EditToolbar({ needs }: { needs: string }) {
  const { permissions = [] } = usePermissions<string[]>();
  return (
    <Toolbar sx={{ justifyContent: 'space-between' }}>
      <SaveButton />
      {permissions.includes(needs) ? <DeleteWithConfirmButton mutationMode="pessimistic" /> : null}
    </Toolbar>
  );
}
