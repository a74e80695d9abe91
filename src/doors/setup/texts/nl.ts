// The texts of the set-up page in Dutch.

import type { SetupTexts } from './en.ts';

export const nl: SetupTexts = {
  title: 'Verbind je directory met {account}',
  lead: 'Mensen uit je directory verschijnen via SCIM 2.0 in {account}. Verandert of vertrekt iemand, dan volgt {account}.',
  choose: 'Welk product beheert je mensen?',
  continue: 'Verder',
  other: 'Een ander product',
  change: 'Een ander product kiezen',
  values: 'Je gegevens',
  url: 'Tenant URL',
  token: 'Secret token',
  tokenButton: 'Maak het secret token',
  tokenAgain: 'Maak nog een secret token',
  tokenOnce: 'Kopieer het token nu: het wordt alleen deze keer getoond. Het is geldig tot {day}.',
  tokenUnused:
    'Een secret token dat begint met {head} is hier gemaakt op {time} en één keer getoond. Het kan niet nog eens worden getoond, en er is nog geen oproep mee gekomen. Heb je het niet gekopieerd, maak er dan nog een: dit wordt dan ingetrokken.',
  tokenUsed:
    'Een secret token dat begint met {head} is hier gemaakt op {time} en is in gebruik, het laatst op {last}. Het kan niet nog eens worden getoond. Maak er nog een om van token te wisselen; dit blijft werken tot een beheerder het intrekt.',
  tokenMost:
    'Er zijn twee secret tokens van deze pagina in gebruik, of er zijn er te veel gemaakt; meer kan niet. Vraag {contact} om een nieuwe link als je er nog een nodig hebt.',
  tokenRace:
    'Op hetzelfde moment is in een ander venster een secret token gemaakt; het wordt daar getoond. Is het kwijt, maak er dan nog een.',
  copy: 'Kopieer',
  copied: 'Gekopieerd',
  steps: 'Stappen',
  mapping: 'Attribute mapping',
  mappingLead:
    'Download een van deze drie. Ze verschillen in het attribuut waarmee Entra ID mensen vindt die er al zijn (het matching attribute), en in waar externalId van komt, dat iemand voorgoed identificeert.',
  mappings: {
    externalId: [
      'Match op externalId, gemaakt van objectId',
      'Aanbevolen als er nog niemand is, of als iedereen uit deze Entra ID kwam. Een objectId verandert nooit, ook niet met een nieuwe naam of loginnaam.',
    ],
    userName: [
      'Match op userName; externalId komt van objectId',
      'Aanbevolen als er al mensen zijn, uit bestanden of een ander systeem, en hun loginnaam de userPrincipalName is. Entra ID neemt ze over. Wie een andere loginnaam heeft, wordt nog eens aangemaakt of geweigerd.',
    ],
    employeeId: [
      'Match op externalId, gemaakt van employeeId',
      'Alleen als er al mensen zijn met hun personeelsnummer als External ID, bijvoorbeeld uit CSV-bestanden. Iedereen heeft in Entra ID een employeeId nodig, en geen mag opnieuw worden gebruikt.',
    ],
  },
  profile: 'Attributen voor de Profile Editor',
  columns: ['Display name', 'Variable name', 'External name', 'External namespace', 'Data type'],
  checklist: 'Controlelijst',
  noCall: 'Er is nog geen oproep aangekomen.',
  noCallHelp:
    'Zegt je product dat de gegevens niet kloppen en verschijnt hier geen oproep, dan roept het een ander adres op of stuurt het een token dat niet van deze verbinding is. Kopieer de URL en het token opnieuw.',
  lastCall: 'Laatste oproep: {time}',
  waiting: 'wacht',
  statusPage: 'De controlelijst op een eigen pagina, die zichzelf ververst',
  back: 'Terug naar de stappen',
  wrongTitle: 'Er kwam een oproep met een verkeerd token',
  wrongToken: {
    revoked:
      '{time}: er kwam een oproep met een token van deze verbinding dat is ingetrokken. Het begint met {head}. Vul het nieuwste token in.',
    expired:
      '{time}: er kwam een oproep met een token van deze verbinding dat verlopen is. Het begint met {head}. Maak er nog een en vul dat in.',
    unknown:
      '{time}: er kwam een oproep met een token dat begint met {head}, net als een van deze verbinding, maar een ander is. Kopieer het hele token opnieuw, zonder het woord Bearer ervoor.',
  },
  refusedTitle: 'Een oproep is geweigerd',
  more: 'Meer lezen: {code}',
  refused: '{time}: {method} {path} kreeg het antwoord {status}. {detail}',
  ticks: {
    test: 'Verbinding getest',
    create: 'Een persoon is aangemaakt',
    update: 'Een persoon is gewijzigd',
    group: 'Een groep is aangekomen',
    deactivate: 'Een persoon is gedeactiveerd',
  },
  expiredTitle: 'Deze link is verlopen',
  revokedTitle: 'Deze link is ingetrokken',
  unknownTitle: 'Deze link werkt niet',
  over: 'Vraag {contact} om een nieuwe. Wat al verbonden is, blijft werken.',
  unknown: 'De link is niet volledig of niet juist. Open hem in de mail zelf, of kopieer hem helemaal.',
  contact: 'de beheerder die je de link heeft gestuurd',
  entra: [
    'Open in het Microsoft Entra admin center “Enterprise apps” en “New application”, dan “Create your own application”. Kies “Integrate any other application you don’t find in the gallery (Non-gallery)”.',
    'Open in de nieuwe applicatie “Provisioning” en maak een configuratie met de Tenant URL en het Secret token van hierboven. Druk op “Test Connection”; de controlelijst hieronder krijgt een vinkje.',
    'Open “Attribute mapping”. Open onder “Show advanced options” de schema-editor (“Review your schema here”), download het huidige schema als reservekopie, en zet de regels en attributen van de mapping hieronder in de plaats van die van “customappsso”. De mapping zet externalId op objectId, en maakt van de usage location een landnummer.',
    'Wijs onder “Users and groups” enkele mensen toe. Toegewezen groepen komen ook mee; daarvoor is een licentie Entra ID P1 nodig. Zonder die licentie kan {account} groepen maken van de afdeling: vraag het aan {contact}.',
    'Druk op “Provision on demand”, kies één persoon, en volg de controlelijst.',
    'Druk op “Start provisioning”. Entra ID roept ongeveer elke 40 minuten op; de eerste cyclus duurt langer.',
  ],
  okta: [
    'Open in de Okta Admin Console “Applications”, “Create App Integration”, en maak een app met single sign-on. Bewerk op het tabblad “General” de “App Settings” en kies “SCIM” bij “Provisioning”.',
    'Op het tabblad “Provisioning”, onder “Integration”: “SCIM connector base URL” is de Tenant URL, “Unique identifier field for users” is userName, “Authentication Mode” is “HTTP Header” met het Secret token, zonder het woord Bearer ervoor.',
    'Vink “Push New Users”, “Push Profile Updates” en “Push Groups” aan. Druk op “Test Connector Configuration”, dan op “Save”.',
    'Zet onder “To App” “Create Users”, “Update User Attributes” en “Deactivate Users” aan. Laat “Sync Password” uit, tenzij {contact} iets anders zegt.',
    'Voeg in de “Profile Editor” de attributen van de tabel hieronder die je nodig hebt toe aan het profiel van de app, en map ze.',
    'Wijs mensen toe op het tabblad “Assignments”. Kies op “Push Groups” andere groepen dan die van de toewijzing. Een app die hier is gemaakt stuurt PUT, een uit de catalogus PATCH. Beide werken.',
  ],
  onelogin: [
    'Open in OneLogin “Applications”, “Add App”, en zoek “SCIM Provisioner with SAML (SCIM v2 Enterprise)”.',
    'Op “Configuration”: “SCIM Base URL” is de Tenant URL, “SCIM Bearer Token” is het Secret token. Druk op “Enable” bij “API Status”.',
    'Vink op “Provisioning” “Enable provisioning” aan, en kies wat er gebeurt als mensen worden verwijderd: “Suspend” deactiveert hen hier.',
    'Map op “Parameters” wat je nodig hebt; wijs op “Users” mensen toe en keur hen goed.',
  ],
  jumpcloud: [
    'Open in het JumpCloud Admin Portal “SSO Applications”, “Add New Application”, en “Custom Application”; kies “Export users to this app (Identity Management)”.',
    'Kies op “Identity Management” “SCIM API” en versie “SCIM 2.0”: “Base URL” is de Tenant URL, “Token Key” is het Secret token; vul het e-mailadres van een testgebruiker in. Druk op “Test Connection”, dan op “Activate”.',
    'Wijs onder “User Groups” groepen toe; vink “Enable management of User Groups” aan om de groepen zelf te sturen.',
  ],
  otherSteps: [
    'Vul de Tenant URL in als basis-URL van SCIM 2.0, en het Secret token als bearer token (de header Authorization).',
    'Stuur userName, name.givenName, name.familyName, emails, en een externalId dat voor een persoon nooit verandert.',
    'Stuur active: false om een persoon te deactiveren; DELETE verwijdert de persoon.',
    'Maak eerst één persoon aan, en volg de controlelijst.',
  ],
};
