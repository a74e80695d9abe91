// The types of the admin API, made from its OpenAPI document by `npm run console:types`. Do not edit: change the schemas of the
// operations in src/doors/admin/, then make this file again.
export interface paths {
  "/accounts": {
    get: operations["listAccounts"];
    post: operations["createAccount"];
  };
  "/accounts/{account}": {
    get: operations["readAccount"];
    patch: operations["changeAccount"];
  };
  "/accounts/{account}/administrators": {
    get: operations["listAdministrators"];
    post: operations["createAdministrator"];
  };
  "/accounts/{account}/administrators/{administrator}": {
    get: operations["readAdministrator"];
    delete: operations["deleteAdministrator"];
    patch: operations["changeAdministrator"];
  };
  "/accounts/{account}/administrators/{administrator}/password-link": {
    post: operations["sendPasswordLink"];
  };
  "/accounts/{account}/administrators/{administrator}/sessions": {
    get: operations["listAdministratorSessions"];
    delete: operations["endAdministratorSessions"];
  };
  "/accounts/{account}/administrators/{administrator}/sessions/{session}": {
    delete: operations["endAdministratorSession"];
  };
  "/accounts/{account}/administrators/{administrator}/tokens": {
    get: operations["listAdministratorTokens"];
  };
  "/accounts/{account}/administrators/{administrator}/tokens/{token}": {
    delete: operations["deleteAdministratorToken"];
  };
  "/accounts/{account}/attributes": {
    get: operations["listCustomAttributes"];
    post: operations["createCustomAttribute"];
  };
  "/accounts/{account}/attributes/{attribute}": {
    delete: operations["deleteCustomAttribute"];
    patch: operations["changeCustomAttribute"];
  };
  "/accounts/{account}/audit": {
    get: operations["listChanges"];
  };
  "/accounts/{account}/clients": {
    get: operations["listClients"];
    post: operations["createClient"];
  };
  "/accounts/{account}/clients/{client}": {
    delete: operations["deleteClient"];
  };
  "/accounts/{account}/connections": {
    get: operations["listConnections"];
    post: operations["createConnection"];
  };
  "/accounts/{account}/connections/{connection}": {
    patch: operations["changeConnection"];
  };
  "/accounts/{account}/connections/{connection}/credentials": {
    post: operations["createCredential"];
  };
  "/accounts/{account}/connections/{connection}/health": {
    get: operations["readConnectionHealth"];
  };
  "/accounts/{account}/connections/{connection}/setup-links": {
    post: operations["createSetupLink"];
  };
  "/accounts/{account}/connections/{connection}/stream": {
    get: operations["watchConnection"];
  };
  "/accounts/{account}/connections/{connection}/workbench-token": {
    post: operations["createWorkbenchToken"];
  };
  "/accounts/{account}/courses": {
    get: operations["listCourses"];
    post: operations["createCourse"];
  };
  "/accounts/{account}/courses/{course}": {
    get: operations["readCourse"];
    delete: operations["deleteCourse"];
    patch: operations["changeCourse"];
  };
  "/accounts/{account}/credentials": {
    get: operations["listCredentials"];
  };
  "/accounts/{account}/credentials/{credential}": {
    delete: operations["revokeCredential"];
  };
  "/accounts/{account}/enrollment-profiles": {
    get: operations["listEnrollmentProfiles"];
    post: operations["createEnrollmentProfile"];
  };
  "/accounts/{account}/enrollment-profiles/{item}": {
    get: operations["readEnrollmentProfile"];
    delete: operations["deleteEnrollmentProfile"];
    patch: operations["changeEnrollmentProfile"];
  };
  "/accounts/{account}/erasures": {
    post: operations["eraseDeletedPerson"];
  };
  "/accounts/{account}/events": {
    get: operations["listEvents"];
  };
  "/accounts/{account}/exports/template.csv": {
    get: operations["readTemplate"];
  };
  "/accounts/{account}/exports/users.csv": {
    get: operations["exportUsers"];
  };
  "/accounts/{account}/groups": {
    get: operations["listGroups"];
    post: operations["createGroup"];
  };
  "/accounts/{account}/groups/{group}": {
    get: operations["readGroup"];
    delete: operations["deleteGroup"];
    patch: operations["changeGroup"];
  };
  "/accounts/{account}/groups/{group}/members": {
    post: operations["changeMembers"];
  };
  "/accounts/{account}/groups/{group}/merge/{into}": {
    get: operations["previewGroupMerge"];
    post: operations["mergeGroup"];
  };
  "/accounts/{account}/health": {
    get: operations["readAccountHealth"];
  };
  "/accounts/{account}/history": {
    get: operations["searchHistory"];
  };
  "/accounts/{account}/imports": {
    get: operations["listImports"];
  };
  "/accounts/{account}/imports/{run}": {
    get: operations["readImport"];
  };
  "/accounts/{account}/imports/{run}/cancel": {
    post: operations["cancelImport"];
  };
  "/accounts/{account}/imports/{run}/failures.xml": {
    get: operations["readImportFailures"];
  };
  "/accounts/{account}/imports/{run}/import": {
    post: operations["importSimulated"];
  };
  "/accounts/{account}/imports/{run}/result.csv": {
    get: operations["readImportResult"];
  };
  "/accounts/{account}/imports/{run}/rows": {
    get: operations["listImportRows"];
  };
  "/accounts/{account}/imports/{run}/simulate": {
    post: operations["simulateAgain"];
  };
  "/accounts/{account}/imports/csv": {
    post: operations["importCsv"];
  };
  "/accounts/{account}/imports/xml": {
    post: operations["importXml"];
  };
  "/accounts/{account}/invitations": {
    get: operations["listInvitations"];
    post: operations["createInvitation"];
  };
  "/accounts/{account}/invitations/{invitation}": {
    get: operations["readInvitation"];
    delete: operations["revokeInvitation"];
  };
  "/accounts/{account}/invitations/{invitation}/resend": {
    post: operations["resendInvitation"];
  };
  "/accounts/{account}/invitations/batch": {
    post: operations["createInvitations"];
  };
  "/accounts/{account}/invitations/counts": {
    get: operations["countInvitations"];
  };
  "/accounts/{account}/invitations/preview": {
    post: operations["previewInvitation"];
  };
  "/accounts/{account}/link-secrets": {
    get: operations["listLinkSecrets"];
    post: operations["createLinkSecret"];
  };
  "/accounts/{account}/link-secrets/{secret}": {
    delete: operations["deleteLinkSecret"];
  };
  "/accounts/{account}/mail-templates": {
    get: operations["listMailTemplates"];
  };
  "/accounts/{account}/mail-templates/{kind}/{language}": {
    put: operations["setMailTemplate"];
    delete: operations["removeMailTemplate"];
  };
  "/accounts/{account}/mail-templates/{kind}/{language}/preview": {
    post: operations["previewMailTemplate"];
  };
  "/accounts/{account}/mails": {
    get: operations["listMails"];
  };
  "/accounts/{account}/mails/{mail}": {
    get: operations["readMail"];
  };
  "/accounts/{account}/mails/{mail}/resend": {
    post: operations["sendMailAgain"];
  };
  "/accounts/{account}/org-units": {
    get: operations["listOrgUnits"];
    post: operations["createOrgUnit"];
  };
  "/accounts/{account}/org-units/{item}": {
    get: operations["readOrgUnit"];
    delete: operations["deleteOrgUnit"];
    patch: operations["changeOrgUnit"];
  };
  "/accounts/{account}/organizations": {
    get: operations["listOrganizations"];
    post: operations["createOrganization"];
  };
  "/accounts/{account}/organizations/{item}": {
    get: operations["readOrganization"];
    delete: operations["deleteOrganization"];
    patch: operations["changeOrganization"];
  };
  "/accounts/{account}/roles": {
    get: operations["listRoles"];
    post: operations["createRole"];
  };
  "/accounts/{account}/roles/{item}": {
    get: operations["readRole"];
    delete: operations["deleteRole"];
    patch: operations["changeRole"];
  };
  "/accounts/{account}/setup-links": {
    get: operations["listSetupLinks"];
  };
  "/accounts/{account}/setup-links/{setupLink}": {
    delete: operations["revokeSetupLink"];
  };
  "/accounts/{account}/stores": {
    get: operations["listStores"];
    post: operations["createStore"];
  };
  "/accounts/{account}/stores/{store}": {
    get: operations["readStore"];
    delete: operations["deleteStore"];
    patch: operations["changeStore"];
  };
  "/accounts/{account}/stores/{store}/merge/{into}": {
    get: operations["previewStoreMerge"];
    post: operations["mergeStore"];
  };
  "/accounts/{account}/users": {
    get: operations["listUsers"];
    post: operations["createUser"];
  };
  "/accounts/{account}/users/{user}": {
    get: operations["readUser"];
    delete: operations["deleteUser"];
    patch: operations["changeUser"];
  };
  "/accounts/{account}/users/{user}/activate": {
    post: operations["activateUser"];
  };
  "/accounts/{account}/users/{user}/block": {
    post: operations["blockUser"];
  };
  "/accounts/{account}/users/{user}/deactivate": {
    post: operations["deactivateUser"];
  };
  "/accounts/{account}/users/{user}/erase": {
    post: operations["eraseUser"];
  };
  "/accounts/{account}/users/{user}/erasure": {
    get: operations["previewErasure"];
  };
  "/accounts/{account}/users/{user}/events": {
    get: operations["listUserEvents"];
  };
  "/accounts/{account}/users/{user}/history": {
    get: operations["readUserHistory"];
  };
  "/accounts/{account}/users/{user}/sources": {
    get: operations["readUserSources"];
  };
  "/accounts/{account}/users/{user}/unblock": {
    post: operations["unblockUser"];
  };
  "/administrators": {
    get: operations["listSystemAdministrators"];
    post: operations["createSystemAdministrator"];
  };
  "/administrators/{administrator}": {
    get: operations["readSystemAdministrator"];
    delete: operations["deleteSystemAdministrator"];
    patch: operations["changeSystemAdministrator"];
  };
  "/administrators/{administrator}/password-link": {
    post: operations["sendSystemPasswordLink"];
  };
  "/administrators/{administrator}/sessions": {
    get: operations["listSystemAdministratorSessions"];
    delete: operations["endSystemAdministratorSessions"];
  };
  "/administrators/{administrator}/sessions/{session}": {
    delete: operations["endSystemAdministratorSession"];
  };
  "/administrators/{administrator}/tokens": {
    get: operations["listSystemAdministratorTokens"];
  };
  "/administrators/{administrator}/tokens/{token}": {
    delete: operations["deleteSystemAdministratorToken"];
  };
  "/learners/{externalId}/badge": {
    get: operations["readBadge"];
  };
  "/me/badge": {
    get: operations["readOwnBadge"];
  };
  "/me/courses": {
    get: operations["listOwnCourses"];
  };
  "/remedies": {
    get: operations["listRemedies"];
  };
  "/session": {
    get: operations["readSession"];
    post: operations["signIn"];
    delete: operations["signOut"];
  };
  "/session/oidc": {
    get: operations["startOidc"];
    post: operations["linkOidc"];
  };
  "/session/oidc/callback": {
    get: operations["finishOidc"];
  };
  "/session/password": {
    put: operations["changePassword"];
  };
  "/session/password-link": {
    put: operations["setPasswordByLink"];
  };
  "/session/tokens": {
    get: operations["listTokens"];
    post: operations["createToken"];
  };
  "/session/tokens/{token}": {
    delete: operations["deleteToken"];
  };
  "/sessions": {
    get: operations["listSessions"];
    delete: operations["endSessions"];
  };
  "/sessions/{session}": {
    delete: operations["endSession"];
  };
}

export type webhooks = Record<string, never>;

export interface components {
  schemas: {
    Account: {
      assignableGroups?: ({
          groups?: string[];
          role: "superior" | "orgUnitAssistant" | "orgUnitAdministrator" | "subdomainAdministrator";
          types?: string[];
        })[];
      colour?: string;
      contact?: string;
      crewplannerAlgorithm?: "HS256" | "RS256" | "ES256";
      crewplannerSlug?: string;
      derivedGroups: {
          attribute: string;
          groupType: string;
        }[];
      endDatePolicy?: "deactivate" | "delete";
      id: string;
      importDelimiter?: ";" | "," | "tab" | "detect";
      importEncoding?: string;
      importTime?: string;
      inviteImported?: boolean;
      inviteLifetimeDays?: number;
      inviteReminderDays?: number[];
      languages?: ("en" | "nl" | "fr" | "de")[];
      login?: "password" | "link";
      loginNamesEditable: boolean;
      logo?: string;
      name: string;
      passwordSync?: boolean;
      requiredData: "enforce" | "report";
      slug: string;
      termsUrl?: string;
      termsVersion?: string;
      timeZone?: string;
      userLimit?: number;
    };
    AccountChange: {
      assignableGroups?: ({
          groups?: string[];
          role: "superior" | "orgUnitAssistant" | "orgUnitAdministrator" | "subdomainAdministrator";
          types?: string[];
        })[];
      colour?: string;
      contact?: string;
      crewplannerAlgorithm?: "HS256" | "RS256" | "ES256";
      crewplannerSlug?: string;
      derivedGroups?: {
          attribute: string;
          groupType: string;
        }[];
      endDatePolicy?: "deactivate" | "delete";
      importDelimiter?: ";" | "," | "tab" | "detect";
      importEncoding?: string;
      importTime?: string;
      inviteImported?: boolean;
      inviteLifetimeDays?: number;
      inviteReminderDays?: number[];
      languages?: ("en" | "nl" | "fr" | "de")[];
      login?: "password" | "link";
      loginNamesEditable?: boolean;
      logo?: string;
      name?: string;
      passwordSync?: boolean;
      requiredData?: "enforce" | "report";
      termsUrl?: string;
      termsVersion?: string;
      timeZone?: string;
      userLimit?: number | null;
    };
    AccountDraft: {
      assignableGroups?: ({
          groups?: string[];
          role: "superior" | "orgUnitAssistant" | "orgUnitAdministrator" | "subdomainAdministrator";
          types?: string[];
        })[];
      colour?: string;
      contact?: string;
      crewplannerAlgorithm?: "HS256" | "RS256" | "ES256";
      crewplannerSlug?: string;
      derivedGroups?: {
          attribute: string;
          groupType: string;
        }[];
      endDatePolicy?: "deactivate" | "delete";
      importDelimiter?: ";" | "," | "tab" | "detect";
      importEncoding?: string;
      importTime?: string;
      inviteImported?: boolean;
      inviteLifetimeDays?: number;
      inviteReminderDays?: number[];
      languages?: ("en" | "nl" | "fr" | "de")[];
      login?: "password" | "link";
      loginNamesEditable?: boolean;
      logo?: string;
      name: string;
      passwordSync?: boolean;
      requiredData?: "enforce" | "report";
      slug?: string;
      termsUrl?: string;
      termsVersion?: string;
      timeZone?: string;
      userLimit?: number | null;
    };
    AccountHealth: {
      connections: components["schemas"]["ConnectionLine"][];
      counted?: string;
      days: {
          activeUsers?: number;
          day: string;
          failed: number;
          groups?: number;
          refused: number;
          requests: number;
          users?: number;
        }[];
    };
    AccountList: {
      items: components["schemas"]["Account"][];
    };
    Administrator: {
      created: string;
      disabled: boolean;
      email: string;
      id: string;
      lastSignIn?: string;
      name: string;
      orgUnit?: string;
      role: "learner" | "superior" | "orgUnitAssistant" | "orgUnitAdministrator" | "subdomainAdministrator" | "customerAdministrator" | "systemAdministrator";
      user?: string;
    };
    AdministratorChange: {
      currentPassword?: string;
      disabled?: boolean;
      email?: string;
      name?: string;
      orgUnit?: string | null;
      password?: string;
      role?: "learner" | "superior" | "orgUnitAssistant" | "orgUnitAdministrator" | "subdomainAdministrator" | "customerAdministrator" | "systemAdministrator";
      user?: string | null;
    };
    AdministratorDraft: {
      email: string;
      name: string;
      orgUnit?: string;
      password?: string;
      role: "learner" | "superior" | "orgUnitAssistant" | "orgUnitAdministrator" | "subdomainAdministrator" | "customerAdministrator" | "systemAdministrator";
      user?: string;
    };
    AdministratorPage: {
      items: components["schemas"]["Administrator"][];
      next?: string;
      total?: number;
    };
    Badge: {
      newCourses: number;
    };
    CatalogueItem: {
      code: string;
      created: string;
      id: string;
      name?: string;
      version: number;
    };
    CatalogueItemChange: {
      name?: string | null;
    };
    CatalogueItemDraft: {
      code: string;
      name?: string;
    };
    CatalogueItemPage: {
      items: components["schemas"]["CatalogueItem"][];
      next?: string;
      total?: number;
    };
    Change: {
      action: string;
      actor?: components["schemas"]["RequestActor"];
      at: string;
      attributes?: string[];
      connection: string;
      connectionName?: string;
      credential: string;
      door: string;
      erased?: {
        [key: string]: number;
      };
      id: string;
      named?: {
        id: string;
        name?: string;
        number?: string;
        type: "User" | "Group" | "Store";
      };
      refers?: components["schemas"]["NamedReference"][];
      request: string;
      resource: string;
      subject: string;
      values?: {
          after?: string;
          attribute: string;
          before?: string;
        }[];
    };
    ChangedAdministrator: {
      created: string;
      disabled: boolean;
      email: string;
      ended?: {
        sessions: number;
        tokens: number;
      };
      id: string;
      lastSignIn?: string;
      name: string;
      orgUnit?: string;
      role: "learner" | "superior" | "orgUnitAssistant" | "orgUnitAdministrator" | "subdomainAdministrator" | "customerAdministrator" | "systemAdministrator";
      user?: string;
    };
    ChangedPassword: {
      account?: string;
      administrator: components["schemas"]["Administrator"];
      csrfToken?: string;
      ended?: {
        sessions: number;
        tokens: number;
      };
      expires?: string;
      operations: ("users.read" | "users.create" | "users.invite" | "users.change" | "users.activate" | "users.block" | "users.delete" | "users.erase" | "users.roles" | "users.events" | "groups.read" | "groups.edit" | "stores.read" | "stores.edit" | "orgUnits.read" | "orgUnits.edit" | "catalogues.read" | "catalogues.edit" | "courses.read" | "courses.edit" | "administrators.read" | "administrators.edit" | "connections.read" | "connections.edit" | "connections.watch" | "clients.read" | "clients.edit" | "events.read" | "imports.read" | "imports.run" | "mails.edit" | "mails.preview" | "account.read" | "account.change" | "accounts.manage" | "system.administrators")[];
    };
    ChangePage: {
      items: components["schemas"]["Change"][];
      next?: string;
      total?: number;
    };
    Client: {
      created: string;
      id: string;
      name: string;
      postLogoutRedirectUris: string[];
      redirectUris: string[];
      startUrl?: string;
    };
    ClientDraft: {
      name: string;
      postLogoutRedirectUris?: string[];
      redirectUris: string[];
      startUrl?: string;
    };
    ClientList: {
      items: components["schemas"]["Client"][];
    };
    Connection: {
      id: string;
      kind: "entra" | "okta" | "csv" | "xml" | "crewplanner" | "other";
      lastCall?: string;
      name: string;
      sandbox: boolean;
      unknownAttributes: "refuse" | "ignore";
      writesStoresAndUnits: boolean;
    };
    ConnectionChange: {
      kind?: "entra" | "okta" | "csv" | "xml" | "crewplanner" | "other";
      unknownAttributes?: "refuse" | "ignore" | null;
      writesStoresAndUnits?: boolean;
    };
    ConnectionDraft: {
      kind?: "entra" | "okta" | "csv" | "xml" | "crewplanner" | "other";
      name: string;
      sandbox?: boolean;
      unknownAttributes?: "refuse" | "ignore";
      writesStoresAndUnits?: boolean;
    };
    ConnectionHealth: {
      brought?: {
        at: string;
        groups: number;
        users: number;
      };
      cadence: {
        due?: string;
        observedMinutes?: number;
        overdueSince?: string;
        publishedMinutes?: number;
      };
      client?: "entra" | "okta" | "onelogin" | "jumpcloud" | "ping";
      connection: components["schemas"]["Connection"];
      days: {
          day: string;
          failed: number;
          refused: number;
          requests: number;
        }[];
      faults: {
          cause: string;
          code: string;
          count: number;
          fix: string;
          last: string;
          page: string;
        }[];
      groups: components["schemas"]["Drift"];
      hours: {
          failed: number;
          hour: string;
          refused: number;
          requests: number;
        }[];
      lastCall?: string;
      lastSuccess?: string;
      problems: ("inQuarantine" | "tokenExpired" | "quarantineNear" | "tokenExpiring" | "manyRefused" | "serverErrors" | "neverCalled")[];
      quarantine?: {
        advice: string;
        failures: number;
        failuresLeft: number;
        hours: number;
        operations: number;
        share: number;
        state: "none" | "approaching" | "inQuarantine";
        threshold: "token" | "share" | "failures" | "allFailures";
      };
      status: "ok" | "warning" | "problem" | "unused";
      tokens: ({
          daysLeft?: number;
          expires?: string;
          hint: string;
          id: string;
          lastUsed?: string;
          name?: string;
          state: "valid" | "expiring" | "expired";
        })[];
      users: components["schemas"]["Drift"];
    };
    ConnectionLine: {
      connection: components["schemas"]["Connection"];
      lastCall?: string;
      lastSuccess?: string;
      problems: ("inQuarantine" | "tokenExpired" | "quarantineNear" | "tokenExpiring" | "manyRefused" | "serverErrors" | "neverCalled")[];
      recent: {
        failed: number;
        refused: number;
        requests: number;
      };
      status: "ok" | "warning" | "problem" | "unused";
      token?: {
        daysLeft?: number;
        expires?: string;
        state: "valid" | "expiring" | "expired";
      };
    };
    ConnectionList: {
      items: components["schemas"]["Connection"][];
    };
    Course: {
      created: string;
      groups: string[];
      id: string;
      language?: string;
      link: string;
      modified: string;
      publishedFrom: string;
      publishedTo?: string;
      title: string;
      version: number;
    };
    CourseChange: {
      groups?: string[];
      language?: string | null;
      link?: string;
      publishedFrom?: string;
      publishedTo?: string | null;
      title?: string;
    };
    CourseDraft: {
      groups?: string[];
      language?: string | null;
      link: string;
      publishedFrom?: string;
      publishedTo?: string | null;
      title: string;
    };
    CoursePage: {
      items: components["schemas"]["Course"][];
      next?: string;
      total?: number;
    };
    Credential: {
      connection: string;
      created: string;
      expires?: string;
      hint: string;
      id: string;
      lastUsed?: string;
      name?: string;
      revoked?: string;
    };
    CredentialDraft: {
      expiresInDays?: number;
      name?: string;
    };
    CredentialList: {
      items: components["schemas"]["Credential"][];
    };
    CustomAttribute: {
      description?: string;
      matching: boolean;
      multiValued: boolean;
      name: string;
      path: string;
      required: boolean;
      type: "string" | "boolean" | "integer" | "decimal" | "dateTime";
    };
    CustomAttributeChange: {
      description?: string;
      required?: boolean;
    };
    CustomAttributeDraft: {
      description?: string;
      matching?: boolean;
      multiValued?: boolean;
      name: string;
      required?: boolean;
      type?: "string" | "boolean" | "integer" | "decimal" | "dateTime";
    };
    CustomAttributeList: {
      items: components["schemas"]["CustomAttribute"][];
      schema: string;
    };
    DeletedPerson: {
      emails?: string[];
      externalIds?: string[];
      ids?: string[];
      names?: {
          family: string;
          given: string;
        }[];
      phones?: string[];
      userNames?: string[];
    };
    Drift: {
      difference?: number;
      here: number;
      listed?: {
        at: string;
        total: number;
      };
    };
    EndedSessions: {
      ended: number;
    };
    Erased: {
      administrators: number;
      answers: number;
      events: number;
      files: number;
      mails: number;
      reports: number;
      rows: number;
      unconfirmed: number;
      unfinished: number;
      users: number;
    };
    ErasurePreview: {
      administrators: number;
      blocks: number;
      changes: number;
      events: number;
      invitations: number;
      mails: number;
      reports: number;
      rows: number;
      signIns: number;
    };
    Event: {
      actor?: components["schemas"]["RequestActor"];
      at: string;
      connection?: string;
      connectionName?: string;
      credential?: string;
      door: string;
      durationMs: number;
      faults?: {
          code: string;
          detail: string;
          error?: string;
        }[];
      id: string;
      isRead?: boolean;
      method: string;
      outcome: "accepted" | "refused" | "failed";
      path: string;
      request: string;
      requestBody?: string;
      responseBody?: string;
      status: number;
      subject?: {
        id: string;
        name?: string;
        type: string;
      };
      userAgent?: string;
    };
    EventPage: {
      items: components["schemas"]["Event"][];
      next?: string;
      total?: number;
    };
    Group: {
      adminName?: string;
      claimed: boolean;
      created: string;
      derived: boolean;
      externalId?: string;
      id: string;
      modified: string;
      name: string;
      sourceName: string;
      type?: string;
      version: number;
    };
    GroupChange: {
      adminName?: string | null;
      externalId?: string | null;
      name?: string;
      type?: string | null;
    };
    GroupDraft: {
      adminName?: string;
      externalId?: string;
      members?: string[];
      name: string;
      type?: string;
    };
    GroupMerge: {
      done: boolean;
      into: components["schemas"]["Group"];
      moved: number;
    };
    GroupMergePreview: {
      courses: number;
      from: components["schemas"]["Group"];
      ids: number;
      into: components["schemas"]["Group"];
      members: number;
    };
    GroupPage: {
      items: components["schemas"]["Group"][];
      next?: string;
      total?: number;
    };
    HistoryEntry: {
      at: string;
      change?: {
        action: string;
        actor?: components["schemas"]["RequestActor"];
        at: string;
        attributes?: string[];
        connection: string;
        connectionName?: string;
        credential: string;
        door: string;
        erased?: {
          [key: string]: number;
        };
        id: string;
        named?: {
          id: string;
          name?: string;
          number?: string;
          type: "User" | "Group" | "Store";
        };
        refers?: components["schemas"]["NamedReference"][];
        request: string;
        resource: string;
        subject: string;
        values?: {
            after?: string;
            attribute: string;
            before?: string;
          }[];
      };
      request?: {
        actor?: components["schemas"]["RequestActor"];
        at: string;
        connection?: string;
        connectionName?: string;
        credential?: string;
        door: string;
        durationMs: number;
        faults?: {
            code: string;
            detail: string;
            error?: string;
          }[];
        id: string;
        isRead?: boolean;
        method: string;
        outcome: "accepted" | "refused" | "failed";
        path: string;
        request: string;
        requestBody?: string;
        responseBody?: string;
        status: number;
        subject?: {
          id: string;
          name?: string;
          type: string;
        };
        userAgent?: string;
      };
    };
    Import: {
      bytes: number;
      counts: {
        created: number;
        done: number;
        noted: number;
        refused: number;
        total?: number;
        unchanged: number;
        updated: number;
      };
      created: string;
      delimiter?: string;
      encoding?: string;
      fileName: string;
      fileset?: string;
      finished?: string;
      id: string;
      kind: string;
      reason?: string;
      requestedBy: string;
      started?: string;
      state: string;
    };
    ImportPage: {
      items: components["schemas"]["Import"][];
      next?: string;
    };
    ImportRow: {
      block?: string;
      faults?: {
          at: string;
          code: string;
          error?: string;
          words: string;
        }[];
      fields?: {
          from?: string;
          name: string;
          to?: string;
        }[];
      identity: string;
      line?: number;
      number: number;
      outcome: "created" | "updated" | "unchanged" | "refused";
      user?: string;
    };
    ImportRowPage: {
      items: components["schemas"]["ImportRow"][];
    };
    Invitation: {
      created: string;
      daysLeft: number;
      firstDay: string;
      id: string;
      language: "en" | "nl" | "fr" | "de";
      lastDay: string;
      mail?: {
        queued: string;
        reason?: string;
        state: "waiting" | "sent" | "failed" | "kept";
      };
      marker: "none" | "yellow" | "red";
      resendableFrom?: string;
      user: {
        email?: string;
        familyName?: string;
        givenName?: string;
        id: string;
        phone?: string;
        userName?: string;
      };
    };
    InvitationBatch: {
      invitations: components["schemas"]["InvitationDraft"][];
    };
    InvitationCounts: {
      items: {
          expired: number;
          month: string;
          revoked: number;
          sent: number;
          takenOver: number;
          used: number;
        }[];
    };
    InvitationDraft: {
      companyId?: string | null;
      costCenter?: string | null;
      country?: string | null;
      customAttributes?: {
        [key: string]: string | number | boolean | ((string | number | boolean)[]) | null;
      };
      customField01?: string | null;
      customField02?: string | null;
      customField03?: string | null;
      department?: string | null;
      displayName?: string | null;
      division?: string | null;
      emails?: {
          display?: string;
          primary?: boolean;
          type?: string;
          value: string;
        }[] | null;
      employeeNumber?: string | null;
      enrollmentProfiles?: string[] | null;
      groups?: string[];
      language?: "en" | "nl" | "fr" | "de";
      locale?: string | null;
      manager?: string | null;
      name?: ({
        familyName?: string | null;
        formatted?: string | null;
        givenName?: string | null;
        honorificPrefix?: string | null;
        honorificSuffix?: string | null;
        middleName?: string | null;
      }) | null;
      nickName?: string | null;
      organization?: string | null;
      organizationalRole?: string | null;
      organizationalUnit?: string | null;
      organizations?: string[] | null;
      phoneNumbers?: {
          display?: string;
          primary?: boolean;
          type?: string;
          value: string;
        }[] | null;
      preferredLanguage?: string | null;
      role?: "user" | "manager";
      roles?: {
          display?: string;
          primary?: boolean;
          type?: string;
          value: string;
        }[] | null;
      stores?: {
          country?: string;
          name?: string;
          primary?: boolean;
          refId: string;
        }[] | null;
      timezone?: string | null;
      title?: string | null;
      userAgreement?: boolean;
      userName?: string | null;
    };
    InvitationPage: {
      items: components["schemas"]["Invitation"][];
      next?: string;
      total?: number;
    };
    InvitationPreview: {
      channel: "mail" | "sms";
      html?: string;
      language: "en" | "nl" | "fr" | "de";
      lastDay: string;
      senderName?: string;
      subject: string;
      text: string;
    };
    InvitationPreviewDraft: {
      channel?: "mail" | "sms";
      language?: "en" | "nl" | "fr" | "de";
      name?: string;
      preferredLanguage?: string;
    };
    InvitationResults: {
      results: {
          invitation?: components["schemas"]["Invitation"];
          problem?: {
            detail: string;
            [key: string]: unknown;
          };
          status: number;
        }[];
    };
    KeptMail: {
      attempts: number;
      channel: "mail" | "sms";
      created: string;
      html?: string;
      id: string;
      reason?: string;
      senderName?: string;
      state: "waiting" | "failed" | "kept";
      subject: string;
      text: string;
      to: string;
    };
    KnownAs: {
      emails?: string[];
      externalIds?: string[];
      names?: {
          family: string;
          given: string;
        }[];
      phones?: string[];
      userNames?: string[];
    };
    LinkOrigin: {
      attribute?: string;
      connection?: components["schemas"]["NamedConnection"];
      kind: "inline" | "push" | "derived" | "administrator";
    };
    LinkSecret: {
      created: string;
      id: string;
    };
    LinkSecretList: {
      items: components["schemas"]["LinkSecret"][];
    };
    Mail: {
      attempts: number;
      channel: "mail" | "sms";
      created: string;
      id: string;
      reason?: string;
      state: "waiting" | "failed" | "kept";
      subject: string;
      to: string;
    };
    MailPage: {
      items: components["schemas"]["Mail"][];
      next?: string;
      total?: number;
    };
    MailTemplate: {
      kind: string;
      language: string;
      modified: string;
      senderName?: string;
      subject: string;
      text: string;
    };
    MailTemplateDraft: {
      senderName?: string;
      subject: string;
      text: string;
    };
    MailTemplateList: {
      items: components["schemas"]["MailTemplate"][];
    };
    MemberChange: {
      add?: string[];
      remove?: string[];
    };
    NamedConnection: {
      id: string;
      name?: string;
    };
    NamedReference: {
      id: string;
      name?: string;
      number?: string;
      type: "User" | "Group" | "Store";
    };
    NewCredential: {
      connection: string;
      created: string;
      expires?: string;
      hint: string;
      id: string;
      lastUsed?: string;
      name?: string;
      revoked?: string;
      token: string;
    };
    NewLinkSecret: {
      created: string;
      id: string;
      secret: string;
    };
    NewPersonalToken: {
      created: string;
      expires: string;
      hint: string;
      id: string;
      lastUsed?: string;
      name: string;
      token: string;
    };
    NewSetupLink: {
      client?: string;
      connection: string;
      created: string;
      expires: string;
      id: string;
      revoked?: string;
      seen: {
        create?: string;
        deactivate?: string;
        group?: string;
        test?: string;
        update?: string;
      };
      tokens: number;
      url: string;
    };
    OidcLink: {
      currentPassword: string;
    };
    OidcLinkStart: {
      url: string;
    };
    OwnCourse: {
      id: string;
      language?: string;
      link: string;
      newSince: string;
      publishedFrom: string;
      publishedTo?: string;
      title: string;
    };
    OwnCoursePage: {
      items: components["schemas"]["OwnCourse"][];
      next?: string;
      total?: number;
    };
    PasswordByLink: {
      password: string;
      token: string;
    };
    PasswordChange: {
      currentPassword: string;
      password: string;
    };
    PasswordSet: {
      ended?: {
        sessions: number;
        tokens: number;
      };
    };
    PersonalToken: {
      created: string;
      expires: string;
      hint: string;
      id: string;
      lastUsed?: string;
      name: string;
    };
    PersonalTokenDraft: {
      expiresInDays?: number;
      name: string;
    };
    PersonalTokenList: {
      items: components["schemas"]["PersonalToken"][];
    };
    Problem: {
      code: string;
      detail: string;
      faults?: {
          code: string;
          detail: string;
          path: string;
        }[];
      status: number;
      title: string;
      type: string;
    };
    Remedies: {
      items: components["schemas"]["Remedy"][];
    };
    Remedy: {
      cause: string;
      code: string;
      fix: string;
      page: string;
    };
    RequestActor: {
      id: string;
      kind: string;
      name?: string;
    };
    Session: {
      account?: string;
      administrator: components["schemas"]["Administrator"];
      csrfToken?: string;
      expires?: string;
      operations: ("users.read" | "users.create" | "users.invite" | "users.change" | "users.activate" | "users.block" | "users.delete" | "users.erase" | "users.roles" | "users.events" | "groups.read" | "groups.edit" | "stores.read" | "stores.edit" | "orgUnits.read" | "orgUnits.edit" | "catalogues.read" | "catalogues.edit" | "courses.read" | "courses.edit" | "administrators.read" | "administrators.edit" | "connections.read" | "connections.edit" | "connections.watch" | "clients.read" | "clients.edit" | "events.read" | "imports.read" | "imports.run" | "mails.edit" | "mails.preview" | "account.read" | "account.change" | "accounts.manage" | "system.administrators")[];
    };
    SessionList: {
      items: {
          address?: string;
          created: string;
          current: boolean;
          expires: string;
          id: string;
          userAgent?: string;
        }[];
    };
    SetupLink: {
      client?: string;
      connection: string;
      created: string;
      expires: string;
      id: string;
      revoked?: string;
      seen: {
        create?: string;
        deactivate?: string;
        group?: string;
        test?: string;
        update?: string;
      };
      tokens: number;
    };
    SetupLinkDraft: {
      expiresInDays?: number;
    };
    SetupLinkList: {
      items: components["schemas"]["SetupLink"][];
    };
    SignIn: {
      account?: string;
      email: string;
      password: string;
    };
    SourcedLink: {
      at?: string;
      door?: string;
      id?: string;
      name?: string;
      origins: components["schemas"]["LinkOrigin"][];
      request?: string;
    };
    Store: {
      adminName?: string;
      country?: string;
      created: string;
      id: string;
      modified: string;
      name?: string;
      refId: string;
      sourceName?: string;
      version: number;
    };
    StoreChange: {
      adminName?: string | null;
      country?: string | null;
      name?: string | null;
    };
    StoreDraft: {
      adminName?: string | null;
      country?: string | null;
      name?: string | null;
      refId: string;
    };
    StoreMerge: {
      done: boolean;
      into: components["schemas"]["Store"];
      moved: number;
      next?: string;
      refused: {
          detail: string;
          user: string;
          userName: string;
        }[];
      stayed: number;
    };
    StoreMergePreview: {
      from: components["schemas"]["Store"];
      into: components["schemas"]["Store"];
      users: number;
    };
    StorePage: {
      items: components["schemas"]["Store"][];
      next?: string;
      total?: number;
    };
    UsedCatalogueItem: {
      code: string;
      created: string;
      id: string;
      name?: string;
      users: number;
      version: number;
    };
    User: {
      active: boolean;
      companyId?: string;
      costCenter?: string;
      country?: string;
      created: string;
      customAttributes?: {
        [key: string]: string | number | boolean | ((string | number | boolean)[]);
      };
      customField01?: string;
      customField02?: string;
      customField03?: string;
      department?: string;
      displayName?: string;
      division?: string;
      emails: {
          value?: string;
          [key: string]: unknown;
        }[];
      employeeNumber?: string;
      enrollmentProfiles: string[];
      groups: {
          id: string;
          name: string;
          type?: string;
        }[];
      hasExternalId: boolean;
      id: string;
      locale?: string;
      manager?: string;
      missing: string[];
      modified: string;
      name?: {
        familyName?: string;
        formatted?: string;
        givenName?: string;
        honorificPrefix?: string;
        honorificSuffix?: string;
        middleName?: string;
      };
      nickName?: string;
      organization?: string;
      organizationalRole?: string;
      organizationalUnit?: string;
      organizations: string[];
      phoneNumbers: {
          value?: string;
          [key: string]: unknown;
        }[];
      preferredLanguage?: string;
      privacyPolicyConfirmed: boolean;
      roles: {
          value?: string;
          [key: string]: unknown;
        }[];
      status: "active" | "incomplete" | "invited" | "inactive" | "blocked";
      stores: {
          country?: string;
          name?: string;
          primary?: boolean;
          refId?: string;
        }[];
      timezone?: string;
      title?: string;
      userName?: string;
      version: number;
    };
    UserChange: {
      active?: boolean;
      companyId?: string | null;
      costCenter?: string | null;
      country?: string | null;
      customAttributes?: {
        [key: string]: string | number | boolean | ((string | number | boolean)[]) | null;
      };
      customField01?: string | null;
      customField02?: string | null;
      customField03?: string | null;
      department?: string | null;
      displayName?: string | null;
      division?: string | null;
      emails?: {
          display?: string;
          primary?: boolean;
          type?: string;
          value: string;
        }[] | null;
      employeeNumber?: string | null;
      enrollmentProfiles?: string[] | null;
      externalId?: string | null;
      groups?: string[] | null;
      locale?: string | null;
      manager?: string | null;
      name?: ({
        familyName?: string | null;
        formatted?: string | null;
        givenName?: string | null;
        honorificPrefix?: string | null;
        honorificSuffix?: string | null;
        middleName?: string | null;
      }) | null;
      nickName?: string | null;
      organization?: string | null;
      organizationalRole?: string | null;
      organizationalUnit?: string | null;
      organizations?: string[] | null;
      phoneNumbers?: {
          display?: string;
          primary?: boolean;
          type?: string;
          value: string;
        }[] | null;
      preferredLanguage?: string | null;
      roles?: {
          display?: string;
          primary?: boolean;
          type?: string;
          value: string;
        }[] | null;
      stores?: {
          country?: string;
          name?: string;
          primary?: boolean;
          refId: string;
        }[] | null;
      timezone?: string | null;
      title?: string | null;
      userName?: string | null;
    };
    UserDraft: {
      active?: boolean;
      companyId?: string | null;
      costCenter?: string | null;
      country?: string | null;
      customAttributes?: {
        [key: string]: string | number | boolean | ((string | number | boolean)[]) | null;
      };
      customField01?: string | null;
      customField02?: string | null;
      customField03?: string | null;
      department?: string | null;
      displayName?: string | null;
      division?: string | null;
      emails?: {
          display?: string;
          primary?: boolean;
          type?: string;
          value: string;
        }[] | null;
      employeeNumber?: string | null;
      enrollmentProfiles?: string[] | null;
      externalId?: string | null;
      groups?: string[] | null;
      locale?: string | null;
      manager?: string | null;
      name?: ({
        familyName?: string | null;
        formatted?: string | null;
        givenName?: string | null;
        honorificPrefix?: string | null;
        honorificSuffix?: string | null;
        middleName?: string | null;
      }) | null;
      nickName?: string | null;
      organization?: string | null;
      organizationalRole?: string | null;
      organizationalUnit?: string | null;
      organizations?: string[] | null;
      phoneNumbers?: {
          display?: string;
          primary?: boolean;
          type?: string;
          value: string;
        }[] | null;
      preferredLanguage?: string | null;
      roles?: {
          display?: string;
          primary?: boolean;
          type?: string;
          value: string;
        }[] | null;
      stores?: {
          country?: string;
          name?: string;
          primary?: boolean;
          refId: string;
        }[] | null;
      timezone?: string | null;
      title?: string | null;
      userName?: string | null;
    };
    UserPage: {
      items: components["schemas"]["User"][];
      next?: string;
      total?: number;
    };
    UserSources: {
      attributes: {
          at?: string;
          attribute: string;
          connection: components["schemas"]["NamedConnection"];
          door?: string;
          request?: string;
        }[];
      groups: components["schemas"]["SourcedLink"][];
      status: {
        active?: components["schemas"]["Change"];
        blocked?: components["schemas"]["Change"];
      };
      stores: components["schemas"]["SourcedLink"][];
    };
    WorkbenchToken: {
      expires: string;
      token: string;
    };
    WrittenMail: {
      html?: string;
      senderName?: string;
      subject: string;
      text: string;
    };
  };
  responses: never;
  parameters: {
  };
  requestBodies: never;
  headers: never;
  pathItems: never;
}

export type $defs = Record<string, never>;

export type external = Record<string, never>;

export interface operations {

  listAccounts: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["AccountList"];
        };
      };
    };
  };
  createAccount: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["AccountDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["Account"];
        };
      };
    };
  };
  readAccount: {
    parameters: {
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Account"];
        };
      };
    };
  };
  changeAccount: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AccountChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Account"];
        };
      };
    };
  };
  listAdministrators: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["AdministratorPage"];
        };
      };
    };
  };
  createAdministrator: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AdministratorDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["Administrator"];
        };
      };
    };
  };
  readAdministrator: {
    parameters: {
      path: {
        account: string;
        administrator: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Administrator"];
        };
      };
    };
  };
  deleteAdministrator: {
    parameters: {
      path: {
        account: string;
        administrator: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  changeAdministrator: {
    parameters: {
      path: {
        account: string;
        administrator: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AdministratorChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ChangedAdministrator"];
        };
      };
    };
  };
  sendPasswordLink: {
    parameters: {
      path: {
        account: string;
        administrator: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  listAdministratorSessions: {
    parameters: {
      path: {
        account: string;
        administrator: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["SessionList"];
        };
      };
    };
  };
  endAdministratorSessions: {
    parameters: {
      path: {
        account: string;
        administrator: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["EndedSessions"];
        };
      };
    };
  };
  endAdministratorSession: {
    parameters: {
      path: {
        account: string;
        administrator: string;
        session: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  listAdministratorTokens: {
    parameters: {
      path: {
        account: string;
        administrator: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["PersonalTokenList"];
        };
      };
    };
  };
  deleteAdministratorToken: {
    parameters: {
      path: {
        account: string;
        administrator: string;
        token: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  listCustomAttributes: {
    parameters: {
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CustomAttributeList"];
        };
      };
    };
  };
  createCustomAttribute: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CustomAttributeDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["CustomAttribute"];
        };
      };
    };
  };
  deleteCustomAttribute: {
    parameters: {
      path: {
        account: string;
        attribute: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  changeCustomAttribute: {
    parameters: {
      path: {
        account: string;
        attribute: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CustomAttributeChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CustomAttribute"];
        };
      };
    };
  };
  listChanges: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ChangePage"];
        };
      };
    };
  };
  listClients: {
    parameters: {
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ClientList"];
        };
      };
    };
  };
  createClient: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ClientDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["Client"];
        };
      };
    };
  };
  deleteClient: {
    parameters: {
      path: {
        account: string;
        client: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  listConnections: {
    parameters: {
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ConnectionList"];
        };
      };
    };
  };
  createConnection: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConnectionDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["Connection"];
        };
      };
    };
  };
  changeConnection: {
    parameters: {
      path: {
        account: string;
        connection: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConnectionChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Connection"];
        };
      };
    };
  };
  createCredential: {
    parameters: {
      path: {
        account: string;
        connection: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CredentialDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["NewCredential"];
        };
      };
    };
  };
  readConnectionHealth: {
    parameters: {
      query?: {
        language?: "en" | "nl" | "fr" | "de";
      };
      path: {
        account: string;
        connection: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ConnectionHealth"];
        };
      };
    };
  };
  createSetupLink: {
    parameters: {
      path: {
        account: string;
        connection: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["SetupLinkDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["NewSetupLink"];
        };
      };
    };
  };
  watchConnection: {
    parameters: {
      query?: {
        outcome?: "accepted" | "refused";
        method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "ROW";
        status?: "2xx" | "3xx" | "4xx" | "5xx";
        after?: string;
      };
      path: {
        account: string;
        connection: string;
      };
    };
    responses: {
      200: {
        content: {
          "text/event-stream": string;
        };
      };
    };
  };
  createWorkbenchToken: {
    parameters: {
      path: {
        account: string;
        connection: string;
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["WorkbenchToken"];
        };
      };
    };
  };
  listCourses: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CoursePage"];
        };
      };
    };
  };
  createCourse: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CourseDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["Course"];
        };
      };
    };
  };
  readCourse: {
    parameters: {
      path: {
        account: string;
        course: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Course"];
        };
      };
    };
  };
  deleteCourse: {
    parameters: {
      path: {
        account: string;
        course: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  changeCourse: {
    parameters: {
      path: {
        account: string;
        course: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CourseChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Course"];
        };
      };
    };
  };
  listCredentials: {
    parameters: {
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CredentialList"];
        };
      };
    };
  };
  revokeCredential: {
    parameters: {
      path: {
        account: string;
        credential: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  listEnrollmentProfiles: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        search?: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CatalogueItemPage"];
        };
      };
    };
  };
  createEnrollmentProfile: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CatalogueItemDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["CatalogueItem"];
        };
      };
    };
  };
  readEnrollmentProfile: {
    parameters: {
      path: {
        account: string;
        item: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["UsedCatalogueItem"];
        };
      };
    };
  };
  deleteEnrollmentProfile: {
    parameters: {
      path: {
        account: string;
        item: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  changeEnrollmentProfile: {
    parameters: {
      path: {
        account: string;
        item: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CatalogueItemChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CatalogueItem"];
        };
      };
    };
  };
  eraseDeletedPerson: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["DeletedPerson"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Erased"];
        };
      };
    };
  };
  listEvents: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        door?: "scim" | "csv" | "xml" | "invitations" | "links" | "learners" | "admin" | "cli";
        failed?: "true" | "false";
        connection?: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["EventPage"];
        };
      };
    };
  };
  readTemplate: {
    parameters: {
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "text/csv": string;
        };
      };
    };
  };
  exportUsers: {
    parameters: {
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "text/csv": string;
        };
      };
    };
  };
  listGroups: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        search?: string;
        type?: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["GroupPage"];
        };
      };
    };
  };
  createGroup: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["GroupDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["Group"];
        };
      };
    };
  };
  readGroup: {
    parameters: {
      path: {
        account: string;
        group: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Group"];
        };
      };
    };
  };
  deleteGroup: {
    parameters: {
      path: {
        account: string;
        group: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  changeGroup: {
    parameters: {
      path: {
        account: string;
        group: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["GroupChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Group"];
        };
      };
    };
  };
  changeMembers: {
    parameters: {
      path: {
        account: string;
        group: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["MemberChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Group"];
        };
      };
    };
  };
  previewGroupMerge: {
    parameters: {
      path: {
        account: string;
        group: string;
        into: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["GroupMergePreview"];
        };
      };
    };
  };
  mergeGroup: {
    parameters: {
      path: {
        account: string;
        group: string;
        into: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["GroupMerge"];
        };
      };
    };
  };
  readAccountHealth: {
    parameters: {
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["AccountHealth"];
        };
      };
    };
  };
  searchHistory: {
    parameters: {
      query: {
        limit?: number;
        cursor?: string;
        reads?: "true" | "false";
        search: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["HistoryEntry"][];
            keptFrom: string;
            next?: string;
            total?: number;
          };
        };
      };
    };
  };
  listImports: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ImportPage"];
        };
      };
    };
  };
  readImport: {
    parameters: {
      path: {
        account: string;
        run: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  cancelImport: {
    parameters: {
      path: {
        account: string;
        run: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  readImportFailures: {
    parameters: {
      path: {
        account: string;
        run: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/xml": string;
        };
      };
    };
  };
  importSimulated: {
    parameters: {
      query?: {
        mailTo?: string;
      };
      path: {
        account: string;
        run: string;
      };
    };
    responses: {
      202: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  readImportResult: {
    parameters: {
      query?: {
        part?: "all" | "failed";
      };
      path: {
        account: string;
        run: string;
      };
    };
    responses: {
      200: {
        content: {
          "text/csv": string;
        };
      };
    };
  };
  listImportRows: {
    parameters: {
      query?: {
        limit?: number;
        after?: number;
        outcome?: "created" | "updated" | "unchanged" | "refused";
        faulty?: "true";
      };
      path: {
        account: string;
        run: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ImportRowPage"];
        };
      };
    };
  };
  simulateAgain: {
    parameters: {
      query?: {
        encoding?: string;
        delimiter?: ";" | "," | "tab";
      };
      path: {
        account: string;
        run: string;
      };
    };
    responses: {
      202: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  importCsv: {
    parameters: {
      query?: {
        fileName?: string;
        simulate?: "true" | "false";
        fileset?: string;
        mailTo?: string;
        encoding?: string;
        delimiter?: ";" | "," | "tab";
      };
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "text/csv": string;
      };
    };
    responses: {
      202: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  importXml: {
    parameters: {
      query?: {
        fileName?: string;
        simulate?: "true" | "false";
        fileset?: string;
        mailTo?: string;
        encoding?: string;
        delimiter?: ";" | "," | "tab";
      };
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/xml": string;
      };
    };
    responses: {
      202: {
        content: {
          "application/json": components["schemas"]["Import"];
        };
      };
    };
  };
  listInvitations: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        marker?: "none" | "yellow" | "red";
        user?: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["InvitationPage"];
        };
      };
    };
  };
  createInvitation: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["InvitationDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["Invitation"];
        };
      };
    };
  };
  readInvitation: {
    parameters: {
      path: {
        account: string;
        invitation: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Invitation"];
        };
      };
    };
  };
  revokeInvitation: {
    parameters: {
      path: {
        account: string;
        invitation: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  resendInvitation: {
    parameters: {
      path: {
        account: string;
        invitation: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Invitation"];
        };
      };
    };
  };
  createInvitations: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["InvitationBatch"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["InvitationResults"];
        };
      };
    };
  };
  countInvitations: {
    parameters: {
      query?: {
        months?: number;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["InvitationCounts"];
        };
      };
    };
  };
  previewInvitation: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["InvitationPreviewDraft"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["InvitationPreview"];
        };
      };
    };
  };
  listLinkSecrets: {
    parameters: {
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["LinkSecretList"];
        };
      };
    };
  };
  createLinkSecret: {
    parameters: {
      path: {
        account: string;
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["NewLinkSecret"];
        };
      };
    };
  };
  deleteLinkSecret: {
    parameters: {
      path: {
        account: string;
        secret: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  listMailTemplates: {
    parameters: {
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["MailTemplateList"];
        };
      };
    };
  };
  setMailTemplate: {
    parameters: {
      path: {
        account: string;
        kind: string;
        language: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["MailTemplateDraft"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["MailTemplate"];
        };
      };
    };
  };
  removeMailTemplate: {
    parameters: {
      path: {
        account: string;
        kind: string;
        language: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  previewMailTemplate: {
    parameters: {
      path: {
        account: string;
        kind: string;
        language: string;
      };
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["MailTemplateDraft"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["WrittenMail"];
        };
      };
    };
  };
  listMails: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        state?: "failed" | "waiting" | "kept";
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["MailPage"];
        };
      };
    };
  };
  readMail: {
    parameters: {
      path: {
        account: string;
        mail: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["KeptMail"];
        };
      };
    };
  };
  sendMailAgain: {
    parameters: {
      path: {
        account: string;
        mail: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Mail"];
        };
      };
    };
  };
  listOrgUnits: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        search?: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CatalogueItemPage"];
        };
      };
    };
  };
  createOrgUnit: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CatalogueItemDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["CatalogueItem"];
        };
      };
    };
  };
  readOrgUnit: {
    parameters: {
      path: {
        account: string;
        item: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["UsedCatalogueItem"];
        };
      };
    };
  };
  deleteOrgUnit: {
    parameters: {
      path: {
        account: string;
        item: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  changeOrgUnit: {
    parameters: {
      path: {
        account: string;
        item: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CatalogueItemChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CatalogueItem"];
        };
      };
    };
  };
  listOrganizations: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        search?: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CatalogueItemPage"];
        };
      };
    };
  };
  createOrganization: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CatalogueItemDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["CatalogueItem"];
        };
      };
    };
  };
  readOrganization: {
    parameters: {
      path: {
        account: string;
        item: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["UsedCatalogueItem"];
        };
      };
    };
  };
  deleteOrganization: {
    parameters: {
      path: {
        account: string;
        item: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  changeOrganization: {
    parameters: {
      path: {
        account: string;
        item: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CatalogueItemChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CatalogueItem"];
        };
      };
    };
  };
  listRoles: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        search?: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CatalogueItemPage"];
        };
      };
    };
  };
  createRole: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CatalogueItemDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["CatalogueItem"];
        };
      };
    };
  };
  readRole: {
    parameters: {
      path: {
        account: string;
        item: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["UsedCatalogueItem"];
        };
      };
    };
  };
  deleteRole: {
    parameters: {
      path: {
        account: string;
        item: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  changeRole: {
    parameters: {
      path: {
        account: string;
        item: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CatalogueItemChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["CatalogueItem"];
        };
      };
    };
  };
  listSetupLinks: {
    parameters: {
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["SetupLinkList"];
        };
      };
    };
  };
  revokeSetupLink: {
    parameters: {
      path: {
        account: string;
        setupLink: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  listStores: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        search?: string;
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["StorePage"];
        };
      };
    };
  };
  createStore: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["StoreDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["Store"];
        };
      };
    };
  };
  readStore: {
    parameters: {
      path: {
        account: string;
        store: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Store"];
        };
      };
    };
  };
  deleteStore: {
    parameters: {
      path: {
        account: string;
        store: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  changeStore: {
    parameters: {
      path: {
        account: string;
        store: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["StoreChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Store"];
        };
      };
    };
  };
  previewStoreMerge: {
    parameters: {
      path: {
        account: string;
        store: string;
        into: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["StoreMergePreview"];
        };
      };
    };
  };
  mergeStore: {
    parameters: {
      query?: {
        cursor?: string;
      };
      path: {
        account: string;
        store: string;
        into: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["StoreMerge"];
        };
      };
    };
  };
  listUsers: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        search?: string;
        group?: string;
        orgUnit?: string;
        store?: string;
        role?: string;
        organization?: string;
        enrollmentProfile?: string;
        status?: "active" | "incomplete" | "invited" | "inactive" | "blocked";
        sort?: "created" | "userName" | "modified";
      };
      path: {
        account: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["UserPage"];
        };
      };
    };
  };
  createUser: {
    parameters: {
      path: {
        account: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["UserDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
    };
  };
  readUser: {
    parameters: {
      path: {
        account: string;
        user: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
    };
  };
  deleteUser: {
    parameters: {
      path: {
        account: string;
        user: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  changeUser: {
    parameters: {
      path: {
        account: string;
        user: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["UserChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
    };
  };
  activateUser: {
    parameters: {
      path: {
        account: string;
        user: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
    };
  };
  blockUser: {
    parameters: {
      path: {
        account: string;
        user: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
    };
  };
  deactivateUser: {
    parameters: {
      path: {
        account: string;
        user: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
    };
  };
  eraseUser: {
    parameters: {
      path: {
        account: string;
        user: string;
      };
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["KnownAs"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Erased"];
        };
      };
    };
  };
  previewErasure: {
    parameters: {
      path: {
        account: string;
        user: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ErasurePreview"];
        };
      };
    };
  };
  listUserEvents: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        door?: "scim" | "csv" | "xml" | "invitations" | "links" | "learners" | "admin" | "cli";
        failed?: "true" | "false";
      };
      path: {
        account: string;
        user: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["EventPage"];
        };
      };
    };
  };
  readUserHistory: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        reads?: "true" | "false";
      };
      path: {
        account: string;
        user: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": {
            items: components["schemas"]["HistoryEntry"][];
            keptFrom: string;
            next?: string;
            total?: number;
          };
        };
      };
    };
  };
  readUserSources: {
    parameters: {
      path: {
        account: string;
        user: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["UserSources"];
        };
      };
    };
  };
  unblockUser: {
    parameters: {
      path: {
        account: string;
        user: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
    };
  };
  listSystemAdministrators: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["AdministratorPage"];
        };
      };
    };
  };
  createSystemAdministrator: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["AdministratorDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["Administrator"];
        };
      };
    };
  };
  readSystemAdministrator: {
    parameters: {
      path: {
        administrator: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Administrator"];
        };
      };
    };
  };
  deleteSystemAdministrator: {
    parameters: {
      path: {
        administrator: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  changeSystemAdministrator: {
    parameters: {
      path: {
        administrator: string;
      };
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AdministratorChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ChangedAdministrator"];
        };
      };
    };
  };
  sendSystemPasswordLink: {
    parameters: {
      path: {
        administrator: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  listSystemAdministratorSessions: {
    parameters: {
      path: {
        administrator: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["SessionList"];
        };
      };
    };
  };
  endSystemAdministratorSessions: {
    parameters: {
      path: {
        administrator: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["EndedSessions"];
        };
      };
    };
  };
  endSystemAdministratorSession: {
    parameters: {
      path: {
        administrator: string;
        session: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  listSystemAdministratorTokens: {
    parameters: {
      path: {
        administrator: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["PersonalTokenList"];
        };
      };
    };
  };
  deleteSystemAdministratorToken: {
    parameters: {
      path: {
        administrator: string;
        token: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  readBadge: {
    parameters: {
      path: {
        externalId: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Badge"];
        };
      };
      304: {
        content: never;
      };
    };
  };
  readOwnBadge: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Badge"];
        };
      };
      304: {
        content: never;
      };
    };
  };
  listOwnCourses: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["OwnCoursePage"];
        };
      };
    };
  };
  listRemedies: {
    parameters: {
      query?: {
        language?: "en" | "nl" | "fr" | "de";
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Remedies"];
        };
      };
    };
  };
  readSession: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
    };
  };
  signIn: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["SignIn"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
    };
  };
  signOut: {
    responses: {
      204: {
        content: never;
      };
    };
  };
  startOidc: {
    responses: {
      302: {
        content: never;
      };
    };
  };
  linkOidc: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["OidcLink"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["OidcLinkStart"];
        };
      };
    };
  };
  finishOidc: {
    responses: {
      302: {
        content: never;
      };
    };
  };
  changePassword: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["PasswordChange"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["ChangedPassword"];
        };
      };
    };
  };
  setPasswordByLink: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["PasswordByLink"];
      };
    };
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["PasswordSet"];
        };
      };
    };
  };
  listTokens: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["PersonalTokenList"];
        };
      };
    };
  };
  createToken: {
    requestBody: {
      content: {
        "application/json": components["schemas"]["PersonalTokenDraft"];
      };
    };
    responses: {
      201: {
        content: {
          "application/json": components["schemas"]["NewPersonalToken"];
        };
      };
    };
  };
  deleteToken: {
    parameters: {
      path: {
        token: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
  listSessions: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["SessionList"];
        };
      };
    };
  };
  endSessions: {
    responses: {
      200: {
        content: {
          "application/json": components["schemas"]["EndedSessions"];
        };
      };
    };
  };
  endSession: {
    parameters: {
      path: {
        session: string;
      };
    };
    responses: {
      204: {
        content: never;
      };
    };
  };
}
