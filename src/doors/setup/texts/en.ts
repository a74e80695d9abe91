// The texts of the set-up page in English. Names of screens and buttons are those of each product.

export const en = {
  title: 'Connect your directory with {account}',
  lead: 'People of your directory appear in {account} by SCIM 2.0. If somebody changes or leaves, {account} follows.',
  choose: 'Which product manages your people?',
  continue: 'Continue',
  other: 'Another product',
  change: 'Choose another product',
  values: 'Your values',
  url: 'Tenant URL',
  token: 'Secret token',
  tokenButton: 'Create the secret token',
  tokenAgain: 'Create another secret token',
  tokenOnce: 'Copy the token now: it is shown only this once. It is valid until {day}.',
  tokenUnused:
    'A secret token that begins with {head} was made here at {time} and shown once. It can’t be shown again, and no call has come with it yet. If you did not copy it, create another one: this one is then revoked.',
  tokenUsed:
    'A secret token that begins with {head} was made here at {time} and is in use, last at {last}. It can’t be shown again. For a change of tokens, create another one; this one keeps working until an administrator revokes it.',
  tokenMost:
    'Two secret tokens of this page are in use, or too many were made, and there can be no more. For another one, ask {contact} for a new set-up link.',
  tokenRace:
    'A secret token was created at the same moment in another window, and is shown there. If it is lost, create another one.',
  copy: 'Copy',
  copied: 'Copied',
  steps: 'Steps',
  mapping: 'Attribute mapping',
  mappingLead:
    'Download one of these three. They differ in the attribute by which Entra ID finds people who are here already (the matching attribute), and in what externalId is made of, which identifies a person for good.',
  mappings: {
    externalId: [
      'Match by externalId, made of objectId',
      'Recommended if nobody is here yet, or if everybody came from this Entra ID. An objectId never changes, also with a new name or login name.',
    ],
    userName: [
      'Match by userName; externalId is made of objectId',
      'Recommended if people are here already, from files or another system, and their login name is the userPrincipalName. Entra ID takes them over. Those with another login name are created a second time or refused.',
    ],
    employeeId: [
      'Match by externalId, made of employeeId',
      'Only if people are here already with their employee number as External ID, for example from CSV files. Everybody needs an employeeId in Entra ID, and none may be used again.',
    ],
  },
  profile: 'Attributes for the Profile Editor',
  columns: ['Display name', 'Variable name', 'External name', 'External namespace', 'Data type'],
  checklist: 'Checklist',
  noCall: 'No call has arrived yet.',
  noCallHelp:
    'If your product says that the credentials are wrong and no call appears here, it calls another address, or sends a token that is none of this connection. Copy the URL and the token again.',
  lastCall: 'Last call: {time}',
  waiting: 'waiting',
  statusPage: 'The checklist on a page of its own, which refreshes itself',
  back: 'Back to the steps',
  wrongTitle: 'A call came with a wrong token',
  wrongToken: {
    revoked:
      '{time}: a call came with a token of this connection that was revoked. It begins with {head}. Enter the newest token in its place.',
    expired:
      '{time}: a call came with a token of this connection that has expired. It begins with {head}. Create another one, and enter it in its place.',
    unknown:
      '{time}: a call came with a token that begins with {head}, as one of this connection does, but is another one. Copy the whole token again, without the word Bearer before it.',
  },
  refusedTitle: 'A call was refused',
  more: 'Read more: {code}',
  refused: '{time}: {method} {path} was answered {status}. {detail}',
  ticks: {
    test: 'Connection test',
    create: 'A person was created',
    update: 'A person was changed',
    group: 'A group arrived',
    deactivate: 'A person was deactivated',
  },
  expiredTitle: 'This set-up link has expired',
  revokedTitle: 'This set-up link was withdrawn',
  unknownTitle: 'This set-up link does not work',
  over: 'Ask {contact} for a new one. What is connected already keeps working.',
  unknown: 'The link is not complete or not right. Open it in the mail itself, or copy all of it.',
  contact: 'the administrator who sent you the link',
  entra: [
    'In the Microsoft Entra admin center, open “Enterprise apps” and “New application”, then “Create your own application”. Choose “Integrate any other application you don’t find in the gallery (Non-gallery)”.',
    'In the new application, open “Provisioning”, and create a configuration with the Tenant URL and the Secret token from above. Press “Test Connection”; the checklist below should tick.',
    'Open “Attribute mapping”. Under “Show advanced options”, open the schema editor (“Review your schema here”), download the present schema as a backup, and put the rules and attributes of the mapping below in place of those of “customappsso”. The mapping sets externalId to objectId, and makes a calling code of the usage location.',
    'Under “Users and groups”, assign a few people. Groups that are assigned are provisioned too; that needs a licence of Entra ID P1. Without it, let {account} make groups of the department: ask {contact}.',
    'Press “Provision on demand”, choose one person, and watch the checklist.',
    'Press “Start provisioning”. Entra ID calls about every 40 minutes; the first cycle takes longer.',
  ],
  okta: [
    'In the Okta Admin Console, open “Applications”, “Create App Integration”, and make an app with single sign-on. On its tab “General”, edit “App Settings” and choose “SCIM” for “Provisioning”.',
    'On the tab “Provisioning”, under “Integration”: “SCIM connector base URL” is the Tenant URL, “Unique identifier field for users” is userName, “Authentication Mode” is “HTTP Header” with the Secret token, without the word Bearer before it.',
    'Tick “Push New Users”, “Push Profile Updates” and “Push Groups”. Press “Test Connector Configuration”, then “Save”.',
    'Under “To App”, enable “Create Users”, “Update User Attributes” and “Deactivate Users”. Leave “Sync Password” off unless {contact} says otherwise.',
    'In “Profile Editor”, add the attributes of the table below that you need to the app’s profile, and map them.',
    'On the tab “Assignments”, assign people. On “Push Groups”, choose groups other than those of the assignment. An app made here sends PUT; one from the catalog sends PATCH. Both work.',
  ],
  onelogin: [
    'In OneLogin, open “Applications”, “Add App”, and search for “SCIM Provisioner with SAML (SCIM v2 Enterprise)”.',
    'On “Configuration”: “SCIM Base URL” is the Tenant URL, “SCIM Bearer Token” is the Secret token. Press “Enable” for “API Status”.',
    'On “Provisioning”, tick “Enable provisioning”, and choose what happens when people are deleted: “Suspend” deactivates them here.',
    'On “Parameters”, map what you need; on “Users”, assign people and approve them.',
  ],
  jumpcloud: [
    'In the JumpCloud Admin Portal, open “SSO Applications”, “Add New Application”, and “Custom Application”; choose “Export users to this app (Identity Management)”.',
    'On “Identity Management”, choose “SCIM API” and version “SCIM 2.0”: “Base URL” is the Tenant URL, “Token Key” is the Secret token; enter a test user’s e-mail. Press “Test Connection”, then “Activate”.',
    'Under “User Groups”, assign groups; tick “Enable management of User Groups” to send the groups themselves.',
  ],
  otherSteps: [
    'Enter the Tenant URL as the base URL of SCIM 2.0, and the Secret token as a bearer token (the header Authorization).',
    'Send userName, name.givenName, name.familyName, emails, and an externalId that never changes for a person.',
    'To deactivate a person, send active: false; DELETE removes the person.',
    'Create one person first, and watch the checklist.',
  ],
};

/** The texts of a language. */
export type SetupTexts = typeof en;
