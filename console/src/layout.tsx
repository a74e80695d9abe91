// The frame of every page: the menu, the account that is worked on, language and theme.

import AccountTree from '@mui/icons-material/AccountTree';
import Badge from '@mui/icons-material/BadgeOutlined';
import Business from '@mui/icons-material/BusinessOutlined';
import Cable from '@mui/icons-material/Cable';
import Group from '@mui/icons-material/Group';
import History from '@mui/icons-material/History';
import HowToReg from '@mui/icons-material/HowToReg';
import Label from '@mui/icons-material/LabelOutlined';
import Mail from '@mui/icons-material/MailOutlined';
import Outbox from '@mui/icons-material/OutboxOutlined';
import Person from '@mui/icons-material/Person';
import Receipt from '@mui/icons-material/ReceiptLong';
import School from '@mui/icons-material/School';
import Search from '@mui/icons-material/Search';
import Settings from '@mui/icons-material/Settings';
import Shield from '@mui/icons-material/Shield';
import Store from '@mui/icons-material/Storefront';
import Timeline from '@mui/icons-material/Timeline';
import Upload from '@mui/icons-material/UploadFile';
import { Box, Divider, IconButton, MenuItem, TextField, useMediaQuery } from '@mui/material';
import type { Theme } from '@mui/material/styles';
import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import {
  AppBar,
  CheckForApplicationUpdate,
  Layout,
  LoadingIndicator,
  LocalesMenuButton,
  Menu,
  Sidebar,
  type SidebarProps,
  TitlePortal,
  ToggleThemeButton,
  usePermissions,
  useTranslate,
} from 'react-admin';
import { accountSlug, call, chooseAccount } from './api.ts';
import { forgetPages } from './data-provider.ts';
import { openQuestion, subscribe } from './questions.ts';

const QuestionDialogs = lazy(async () => ({ default: (await import('./pages/questions.tsx')).Questions }));

/** The dialogs are loaded when there is a question. */
function Questions() {
  return useSyncExternalStore(subscribe, openQuestion) ? <QuestionDialogs /> : null;
}

function AccountChooser() {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  const isMany = permissions.includes('accounts.manage');
  const { data } = useQuery({
    queryKey: ['accounts'],
    queryFn: async () => (await call('get', '/accounts')).json.items,
    enabled: isMany,
  });
  if (!isMany || !data) return null;
  const change = (slug: string) => {
    chooseAccount(slug);
    forgetPages();
    // Everything on the page is of the other account.
    window.location.assign('#/');
    window.location.reload();
  };
  return (
    <TextField
      select
      size="small"
      variant="outlined"
      margin="none"
      fullWidth={false}
      slotProps={{ htmlInput: { 'aria-label': translate('mt.account') } }}
      value={accountSlug()}
      onChange={({ target }) => change(target.value)}
      sx={{ width: 160, mx: 1, flex: 'none' }}
    >
      {data.map(({ slug, name }) => (
        <MenuItem key={slug} value={slug}>
          {name}
        </MenuItem>
      ))}
    </TextField>
  );
}

/** On a phone, the title needs the width of the bar: account, language and theme are in the menu. */
const useIsPhone = () => useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));

/** Also for people who don't see it turn. */
function Loading() {
  const translate = useTranslate();
  return <LoadingIndicator aria-label={translate('ra.page.loading')} />;
}

const ConsoleAppBar = () => (
  <AppBar
    alwaysOn
    toolbar={
      <>
        <PaletteButton />
        {useIsPhone() ? null : (
          <>
            <AccountChooser />
            <LocalesMenuButton />
            <ToggleThemeButton />
            <Loading />
          </>
        )}
      </>
    }
  >
    <TitlePortal component="h1" />
  </AppBar>
);

/** The menu, in the order in which people look for things: people first. */
const ITEMS: readonly (readonly [path: string, text: string, needs: string, icon: ReactNode])[] = [
  ['/timeline', 'timeline', 'users.events', <Timeline key="i" />],
  ['/users', 'users', 'users.read', <Person key="i" />],
  ['/invitations', 'invitations', 'users.read', <Mail key="i" />],
  ['/groups', 'groups', 'groups.read', <Group key="i" />],
  ['/stores', 'stores', 'stores.read', <Store key="i" />],
  ['/org-units', 'orgUnits', 'orgUnits.read', <AccountTree key="i" />],
  ['/roles', 'roles', 'catalogues.read', <Badge key="i" />],
  ['/organizations', 'organizations', 'catalogues.read', <Business key="i" />],
  ['/enrollment-profiles', 'enrollmentProfiles', 'catalogues.read', <HowToReg key="i" />],
  ['/courses', 'courses', 'courses.read', <School key="i" />],
  ['/imports', 'imports', 'imports.read', <Upload key="i" />],
  ['/connections', 'connections', 'connections.read', <Cable key="i" />],
  ['/events', 'events', 'events.read', <Receipt key="i" />],
  ['/audit', 'audit', 'events.read', <History key="i" />],
  ['/mails', 'mails', 'mails.edit', <Outbox key="i" />],
  ['/attributes', 'attributes', 'account.change', <Label key="i" />],
  ['/administrators', 'administrators', 'administrators.read', <Shield key="i" />],
  ['/settings', 'settings', 'account.change', <Settings key="i" />],
];

function ConsoleMenu() {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  const isPhone = useIsPhone();
  return (
    <>
      <Menu>
        <Menu.DashboardItem primaryText={translate('mt.pages.home')} />
        {ITEMS.filter(([, , needs]) => permissions.includes(needs)).map(([path, text, , icon]) => (
          <Menu.Item key={path} to={path} primaryText={translate(`mt.pages.${text}`)} leftIcon={icon} />
        ))}
      </Menu>
      {isPhone ? (
        <Box sx={{ my: 1, px: 1 }}>
          <Divider sx={{ mb: 2 }} />
          <AccountChooser />
          <LocalesMenuButton />
          <ToggleThemeButton />
        </Box>
      ) : null}
    </>
  );
}

/** On a phone, the menu is a dialog, which needs a name. */
function ConsoleSidebar(props: SidebarProps) {
  const translate = useTranslate();
  const name = useIsPhone() ? { slotProps: { paper: { 'aria-label': translate('mt.menu') } } } : {};
  return <Sidebar {...props} {...name} />;
}

const LazyPalette = lazy(async () => ({ default: (await import('./pages/palette.tsx')).Palette }));

/** Opens the command palette, also by Ctrl-K or Cmd-K; it is loaded when it is opened. */
function PaletteButton() {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      setOpen(true);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const pages = ITEMS.filter(([, , needs]) => permissions.includes(needs));
  const named = pages.map(([path, text]) => ({ path, label: translate(`mt.pages.${text}`) }));
  return (
    <>
      <IconButton
        color="inherit"
        data-palette
        title={translate('mt.palette.open')}
        aria-label={translate('mt.palette.open')}
        onClick={() => setOpen(true)}
      >
        <Search />
      </IconButton>
      {isOpen ? (
        <Suspense fallback={null}>
          <LazyPalette
            pages={[{ path: '/', label: translate('mt.pages.home') }, ...named]}
            operations={permissions}
            close={() => setOpen(false)}
          />
        </Suspense>
      ) : null}
    </>
  );
}

/** On a phone, a table is wider than the page: it scrolls by itself. */
const TABLES = {
  '& .RaLayout-contentWithSidebar': { maxWidth: '100vw', overflowX: 'auto' },
  // The round button that makes something new does not cover the last line.
  '& #main-content': { minWidth: 0, overflowX: 'auto', pb: { xs: 10, sm: 0 } },
};

export const ConsoleLayout = ({ children }: { children: ReactNode }) => (
  <Layout appBar={ConsoleAppBar} appBarAlwaysOn menu={ConsoleMenu} sidebar={ConsoleSidebar} sx={TABLES}>
    {children}
    <CheckForApplicationUpdate />
    <Suspense fallback={null}>
      <Questions />
    </Suspense>
  </Layout>
);
