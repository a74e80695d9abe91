// Saves, and deletes after a question, if the role may.

import { DeleteWithConfirmButton, SaveButton, Toolbar, usePermissions } from 'react-admin';
import { useRemoved } from './saved.ts';

export function EditToolbar({ needs }: { needs: string }) {
  const removed = useRemoved();
  const { permissions = [] } = usePermissions<string[]>();
  return (
    <Toolbar sx={{ justifyContent: 'space-between' }}>
      <SaveButton />
      {permissions.includes(needs) ? (
        <DeleteWithConfirmButton mutationMode="pessimistic" successMessage={removed} />
      ) : null}
    </Toolbar>
  );
}
