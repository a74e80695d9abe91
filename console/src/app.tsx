// The console: which pages there are, and who sees them. What a role may not do is not shown; the API judges all the same.

import { lazy, Suspense } from 'react';
import {
  Admin,
  bwDarkTheme,
  bwLightTheme,
  CustomRoutes,
  type I18nProvider,
  Loading,
  type RaThemeOptions,
  Resource,
} from 'react-admin';
import { Route } from 'react-router-dom';
import { authProvider } from './auth-provider.ts';
import { dataProvider } from './data-provider.ts';
import { ConsoleLayout } from './layout.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { UserList } from './pages/user-list.tsx';

const page = <T extends object>(load: () => Promise<T>, name: keyof T) => {
  const Page = lazy(async () => ({ default: (await load())[name] as () => React.ReactNode }));
  return () => (
    <Suspense fallback={<Loading />}>
      <Page />
    </Suspense>
  );
};

const users = () => import('./pages/users.tsx');
const directory = () => import('./pages/directory.tsx');
const administrators = () => import('./pages/administrators.tsx');
const catalogues = () => import('./pages/catalogues.tsx');
const connections = () => import('./pages/connections.tsx');
const invitations = () => import('./pages/invitations.tsx');
const imports = () => import('./pages/imports.tsx');
const records = () => import('./pages/records.tsx');
const attributes = () => import('./pages/attributes.tsx');

const Home = page(() => import('./pages/home.tsx'), 'Home');
const Timeline = page(() => import('./pages/timeline.tsx'), 'Timeline');
const Settings = page(() => import('./pages/account.tsx'), 'Settings');
const Mails = page(() => import('./pages/mails.tsx'), 'Mails');

const CATALOGUE = {
  list: page(catalogues, 'CatalogueList'),
  edit: page(catalogues, 'CatalogueEdit'),
  create: page(catalogues, 'CatalogueCreate'),
};

const PAGES = {
  users: {
    list: UserList,
    show: page(users, 'UserShow'),
    edit: page(users, 'UserEdit'),
    create: page(users, 'UserCreate'),
  },
  invitations: { list: page(invitations, 'InvitationList'), create: page(invitations, 'InvitationCreate') },
  groups: {
    list: page(directory, 'GroupList'),
    show: page(directory, 'GroupShow'),
    edit: page(directory, 'GroupEdit'),
    create: page(directory, 'GroupCreate'),
  },
  stores: {
    list: page(directory, 'StoreList'),
    edit: page(directory, 'StoreEdit'),
    create: page(directory, 'StoreCreate'),
  },
  'org-units': CATALOGUE,
  roles: CATALOGUE,
  organizations: CATALOGUE,
  'enrollment-profiles': CATALOGUE,
  courses: {
    list: page(directory, 'CourseList'),
    edit: page(directory, 'CourseEdit'),
    create: page(directory, 'CourseCreate'),
  },
  imports: { list: page(imports, 'ImportList'), show: page(imports, 'ImportShow') },
  connections: {
    list: page(connections, 'ConnectionList'),
    show: page(connections, 'ConnectionShow'),
    edit: page(connections, 'ConnectionEdit'),
    create: page(connections, 'ConnectionCreate'),
  },
  events: { list: page(records, 'EventList') },
  audit: { list: page(records, 'AuditList') },
  attributes: { list: page(attributes, 'AttributeList'), create: page(attributes, 'AttributeCreate') },
  administrators: {
    list: page(administrators, 'AdministratorList'),
    edit: page(administrators, 'AdministratorEdit'),
    create: page(administrators, 'AdministratorCreate'),
  },
} as const;

/** What a page needs of a role: to see it, and to make something new. */
const NEEDS: Readonly<Record<string, { see: string; make?: string }>> = {
  users: { see: 'users.read', make: 'users.create' },
  invitations: { see: 'users.read', make: 'users.invite' },
  groups: { see: 'groups.read', make: 'groups.edit' },
  stores: { see: 'stores.read', make: 'stores.edit' },
  'org-units': { see: 'orgUnits.read', make: 'orgUnits.edit' },
  roles: { see: 'catalogues.read', make: 'catalogues.edit' },
  organizations: { see: 'catalogues.read', make: 'catalogues.edit' },
  'enrollment-profiles': { see: 'catalogues.read', make: 'catalogues.edit' },
  courses: { see: 'courses.read', make: 'courses.edit' },
  imports: { see: 'imports.read' },
  connections: { see: 'connections.read', make: 'connections.edit' },
  events: { see: 'events.read' },
  audit: { see: 'events.read' },
  attributes: { see: 'account.read', make: 'account.change' },
  administrators: { see: 'administrators.read', make: 'administrators.edit' },
};

/** Contrast as WCAG asks for it, where the themes of react-admin have less. */
function readable(theme: RaThemeOptions): RaThemeOptions {
  return {
    ...theme,
    components: {
      ...theme.components,
      // On a phone, a table is wider than the page.
      RaDataTable: { styleOverrides: { root: { overflowX: 'auto' } } },
      MuiTableSortLabel: { styleOverrides: { root: { color: 'inherit', '&:hover': { color: 'inherit' } } } },
    },
  } as RaThemeOptions;
}

const LIGHT = readable(bwLightTheme);
const DARK = readable({
  ...bwDarkTheme,
  palette: { ...bwDarkTheme.palette, error: { main: '#ff8a80' } },
  components: { ...bwDarkTheme.components, RaToolbar: { styleOverrides: { root: { backgroundColor: '#212121' } } } },
} as RaThemeOptions);

/** What makes a record known to people. */
const REPRESENTATION: Readonly<Record<string, string>> = {
  users: 'userName',
  groups: 'name',
  stores: 'name',
  'org-units': 'code',
  roles: 'code',
  organizations: 'code',
  'enrollment-profiles': 'code',
  courses: 'title',
  administrators: 'email',
  connections: 'name',
  attributes: 'name',
  imports: 'fileName',
};

export function Console({ i18n }: { i18n: I18nProvider }) {
  return (
    <Admin
      title="MobieTrain"
      authProvider={authProvider}
      dataProvider={dataProvider}
      i18nProvider={i18n}
      layout={ConsoleLayout}
      loginPage={SignIn}
      dashboard={Home}
      theme={LIGHT}
      darkTheme={DARK}
      requireAuth
      disableTelemetry
    >
      {(operations: string[] = []) => [
        ...Object.entries(PAGES).flatMap(([name, views]) => {
          const needs = NEEDS[name];
          if (!needs || !operations.includes(needs.see)) return [];
          const { create, ...others } = views as { create?: () => React.ReactNode; list: () => React.ReactNode };
          const making = create && needs.make !== undefined && operations.includes(needs.make) ? { create } : {};
          const named = REPRESENTATION[name] === undefined ? {} : { recordRepresentation: REPRESENTATION[name] };
          return [<Resource key={name} name={name} {...others} {...making} {...named} />];
        }),
        <CustomRoutes key="routes">
          <Route path="/timeline" element={<Timeline />} />
          <Route path="/settings" element={<Settings />} />
          <Route path="/mails" element={<Mails />} />
        </CustomRoutes>,
      ]}
    </Admin>
  );
}
