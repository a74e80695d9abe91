// The command palette: every page by its name, users by any identifier, and the timeline of a text.

import { Box, Dialog, DialogContent, DialogTitle, TextField } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useDeferredValue, useEffect, useRef, useState } from 'react';
import { useTranslate } from 'react-admin';
import { useNavigate } from 'react-router-dom';
import { callAccount } from '../api.ts';
import { nameOf } from './user-list.tsx';

/** Where one can go. */
interface Target {
  to: string;
  label: string;
  group: string;
}

const USERS_SHOWN = 6;
/** Shorter texts would find half of the account. */
const SEARCH_CHARS_MIN = 2;

interface PaletteProps {
  pages: readonly { path: string; label: string }[];
  operations: readonly string[];
  close: () => void;
}

export function Palette({ pages, operations, close }: PaletteProps) {
  const translate = useTranslate();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const targets = useTargets(text.trim(), pages, operations);
  const current = Math.min(chosen, targets.length - 1);
  const go = (target: Target | undefined) => {
    if (!target) return;
    close();
    void navigate(target.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') go(targets[current]);
    else if (event.key === 'ArrowDown') setChosen((current + 1) % targets.length);
    else if (event.key === 'ArrowUp') setChosen((current + targets.length - 1) % targets.length);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog open onClose={close} aria-labelledby="palette" fullWidth sx={AT_THE_TOP}>
      <DialogTitle id="palette">{translate('mt.palette.title')}</DialogTitle>
      <DialogContent>
        <TextField
          autoFocus
          fullWidth
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
          helperText={translate('mt.palette.lead')}
          slotProps={{ htmlInput: { ...COMBOBOX, 'aria-activedescendant': `palette-${current}` } }}
        />
        <Box id="palette-list" role="listbox" aria-labelledby="palette">
          {targets.map((target, index) => (
            <ListItem key={target.to} target={target} index={index} isCurrent={index === current} go={go} />
          ))}
        </Box>
      </DialogContent>
    </Dialog>
  );
}

const COMBOBOX = {
  role: 'combobox',
  autoComplete: 'off',
  'aria-labelledby': 'palette',
  'aria-controls': 'palette-list',
  'aria-expanded': true,
  'aria-autocomplete': 'list',
} as const;

/** The list is below the field, so the dialog must not jump when it grows. */
const AT_THE_TOP = { '& .MuiDialog-container': { alignItems: 'flex-start' } };

interface ListItemProps {
  target: Target;
  index: number;
  isCurrent: boolean;
  go: (target: Target) => void;
}

/** The keyboard stays in the field, so an entry is never focused itself. */
function ListItem({ target, index, isCurrent, go }: ListItemProps) {
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isCurrent) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isCurrent]);
  return (
    <Box
      ref={element}
      id={`palette-${index}`}
      role="option"
      aria-selected={isCurrent}
      onClick={() => go(target)}
      sx={{ display: 'flex', gap: 2, p: 1, cursor: 'pointer', borderRadius: 1, ...(isCurrent ? CURRENT : {}) }}
    >
      <Box sx={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>{target.label}</Box>
      <Box sx={{ color: 'text.secondary', fontSize: 'small' }}>{target.group}</Box>
    </Box>
  );
}

const CURRENT = { bgcolor: 'action.selected' };

const foldedLetters = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

function useTargets(text: string, pages: PaletteProps['pages'], operations: readonly string[]): Target[] {
  const translate = useTranslate();
  const search = useDeferredValue(text);
  const isSearching = search.length >= SEARCH_CHARS_MIN && operations.includes('users.read');
  const { data: users = [] } = useQuery({
    queryKey: ['palette', search],
    queryFn: async () => (await callAccount('get', '/users', { query: { search, limit: USERS_SHOWN } })).json.items,
    enabled: isSearching,
  });
  const letters = foldedLetters(text);
  const named = pages.filter(({ label }) => foldedLetters(label).includes(letters));
  const group = { pages: translate('mt.palette.pages'), users: translate('mt.pages.users') };
  const label = translate('mt.palette.timeline', { text });
  const timeline = { to: `/timeline?search=${encodeURIComponent(text)}`, label, group: translate('mt.pages.timeline') };
  return [
    ...named.map(({ path, label: name }) => ({ to: path, label: name, group: group.pages })),
    ...(isSearching ? users : []).map((user) => ({
      to: `/users/${user.id}/show`,
      label: [nameOf(user), user.userName].filter(Boolean).join(' · '),
      group: group.users,
    })),
    ...(text !== '' && operations.includes('users.events') ? [timeline] : []),
  ];
}
