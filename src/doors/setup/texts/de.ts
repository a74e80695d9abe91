// The texts of the set-up page in German.

import type { SetupTexts } from './en.ts';

export const de: SetupTexts = {
  title: 'Verbinden Sie Ihr Verzeichnis mit {account}',
  lead: 'Personen aus Ihrem Verzeichnis erscheinen über SCIM 2.0 in {account}. Ändert sich jemand oder scheidet aus, folgt {account}.',
  choose: 'Welches Produkt verwaltet Ihre Personen?',
  continue: 'Weiter',
  other: 'Ein anderes Produkt',
  change: 'Ein anderes Produkt wählen',
  values: 'Ihre Werte',
  url: 'Tenant URL',
  token: 'Secret token',
  tokenButton: 'Secret token erstellen',
  tokenAgain: 'Ein weiteres Secret token erstellen',
  tokenOnce: 'Kopieren Sie das Token jetzt: Es wird nur dieses eine Mal gezeigt. Es gilt bis {day}.',
  tokenUnused:
    'Ein Secret token, das mit {head} beginnt, wurde hier am {time} erstellt und einmal gezeigt. Es kann nicht noch einmal gezeigt werden, und es ist noch kein Aufruf mit ihm gekommen. Haben Sie es nicht kopiert, erstellen Sie ein weiteres: Dieses wird dann widerrufen.',
  tokenUsed:
    'Ein Secret token, das mit {head} beginnt, wurde hier am {time} erstellt und ist in Gebrauch, zuletzt am {last}. Es kann nicht noch einmal gezeigt werden. Für einen Wechsel erstellen Sie ein weiteres; dieses gilt, bis ein Administrator es widerruft.',
  tokenMost:
    'Zwei Secret tokens dieser Seite sind in Gebrauch, oder es wurden zu viele erstellt; mehr sind nicht möglich. Bitten Sie {contact} um einen neuen Link, wenn Sie noch eines brauchen.',
  tokenRace:
    'Im selben Moment wurde in einem anderen Fenster ein Secret token erstellt und wird dort gezeigt. Ist es verloren, erstellen Sie ein weiteres.',
  copy: 'Kopieren',
  copied: 'Kopiert',
  steps: 'Schritte',
  mapping: 'Attribute mapping',
  mappingLead:
    'Laden Sie eines dieser drei herunter. Sie unterscheiden sich im Attribut, mit dem Entra ID Personen findet, die schon hier sind (das Matching attribute), und darin, woraus externalId gebildet wird, das eine Person auf Dauer bezeichnet.',
  mappings: {
    externalId: [
      'Suche über externalId, aus objectId',
      'Empfohlen, wenn noch niemand hier ist oder alle aus diesem Entra ID kamen. Eine objectId ändert sich nie, auch nicht mit einem neuen Namen oder Anmeldenamen.',
    ],
    userName: [
      'Suche über userName; externalId kommt aus objectId',
      'Empfohlen, wenn schon Personen hier sind, aus Dateien oder einem anderen System, und ihr Anmeldename der userPrincipalName ist. Entra ID übernimmt sie. Wer einen anderen Anmeldenamen hat, wird ein zweites Mal angelegt oder abgelehnt.',
    ],
    employeeId: [
      'Suche über externalId, aus employeeId',
      'Nur wenn schon Personen hier sind, die ihre Personalnummer als External ID haben, zum Beispiel aus CSV-Dateien. Alle brauchen in Entra ID eine employeeId, und keine darf noch einmal vergeben werden.',
    ],
  },
  profile: 'Attribute für den Profile Editor',
  columns: ['Display name', 'Variable name', 'External name', 'External namespace', 'Data type'],
  checklist: 'Checkliste',
  noCall: 'Noch ist kein Aufruf angekommen.',
  noCallHelp:
    'Sagt Ihr Produkt, dass die Anmeldedaten falsch sind, und es erscheint hier kein Aufruf, so ruft es eine andere Adresse auf oder schickt ein Token, das nicht von dieser Verbindung ist. Kopieren Sie URL und Token noch einmal.',
  lastCall: 'Letzter Aufruf: {time}',
  waiting: 'offen',
  statusPage: 'Die Checkliste auf einer eigenen Seite, die sich selbst aktualisiert',
  back: 'Zurück zu den Schritten',
  wrongTitle: 'Ein Aufruf kam mit einem falschen Token',
  wrongToken: {
    revoked:
      '{time}: Ein Aufruf kam mit einem Token dieser Verbindung, das widerrufen wurde. Es beginnt mit {head}. Tragen Sie das neueste Token ein.',
    expired:
      '{time}: Ein Aufruf kam mit einem Token dieser Verbindung, das abgelaufen ist. Es beginnt mit {head}. Erstellen Sie ein weiteres und tragen Sie es ein.',
    unknown:
      '{time}: Ein Aufruf kam mit einem Token, das mit {head} beginnt wie eines dieser Verbindung, aber ein anderes ist. Kopieren Sie das ganze Token noch einmal, ohne das Wort Bearer davor.',
  },
  refusedTitle: 'Ein Aufruf wurde abgelehnt',
  more: 'Mehr dazu: {code}',
  refused: '{time}: {method} {path} wurde mit {status} beantwortet. {detail}',
  ticks: {
    test: 'Verbindungstest',
    create: 'Eine Person wurde angelegt',
    update: 'Eine Person wurde geändert',
    group: 'Eine Gruppe ist angekommen',
    deactivate: 'Eine Person wurde deaktiviert',
  },
  expiredTitle: 'Dieser Link ist abgelaufen',
  revokedTitle: 'Dieser Link wurde zurückgezogen',
  unknownTitle: 'Dieser Link funktioniert nicht',
  over: 'Bitten Sie {contact} um einen neuen. Was schon verbunden ist, funktioniert weiter.',
  unknown: 'Der Link ist unvollständig oder falsch. Öffnen Sie ihn in der E-Mail selbst, oder kopieren Sie ihn ganz.',
  contact: 'den Administrator, der Ihnen den Link geschickt hat',
  entra: [
    'Öffnen Sie im Microsoft Entra admin center „Enterprise apps“ und „New application“, dann „Create your own application“. Wählen Sie „Integrate any other application you don’t find in the gallery (Non-gallery)“.',
    'Öffnen Sie in der neuen Anwendung „Provisioning“ und legen Sie eine Konfiguration mit Tenant URL und Secret token von oben an. Drücken Sie „Test Connection“; die Checkliste unten hakt das ab.',
    'Öffnen Sie „Attribute mapping“. Öffnen Sie unter „Show advanced options“ den Schema-Editor („Review your schema here“), laden Sie das jetzige Schema als Sicherung herunter, und setzen Sie die Regeln und Attribute des Mappings unten an die Stelle derer von „customappsso“. Das Mapping setzt externalId auf objectId und macht aus der usage location eine Landesvorwahl.',
    'Weisen Sie unter „Users and groups“ einige Personen zu. Zugewiesene Gruppen werden mit übertragen; dafür ist eine Lizenz Entra ID P1 nötig. Ohne sie kann {account} Gruppen aus der Abteilung bilden: Fragen Sie {contact}.',
    'Drücken Sie „Provision on demand“, wählen Sie eine Person, und beobachten Sie die Checkliste.',
    'Drücken Sie „Start provisioning“. Entra ID ruft etwa alle 40 Minuten auf; der erste Durchlauf dauert länger.',
  ],
  okta: [
    'Öffnen Sie in der Okta Admin Console „Applications“, „Create App Integration“, und legen Sie eine App mit Single Sign-on an. Bearbeiten Sie auf dem Reiter „General“ die „App Settings“ und wählen Sie bei „Provisioning“ „SCIM“.',
    'Auf dem Reiter „Provisioning“, unter „Integration“: „SCIM connector base URL“ ist die Tenant URL, „Unique identifier field for users“ ist userName, „Authentication Mode“ ist „HTTP Header“ mit dem Secret token, ohne das Wort Bearer davor.',
    'Haken Sie „Push New Users“, „Push Profile Updates“ und „Push Groups“ an. Drücken Sie „Test Connector Configuration“, dann „Save“.',
    'Schalten Sie unter „To App“ „Create Users“, „Update User Attributes“ und „Deactivate Users“ ein. Lassen Sie „Sync Password“ aus, außer {contact} sagt etwas anderes.',
    'Fügen Sie im „Profile Editor“ die Attribute der Tabelle unten, die Sie brauchen, zum Profil der App hinzu, und ordnen Sie sie zu.',
    'Weisen Sie auf dem Reiter „Assignments“ Personen zu. Wählen Sie unter „Push Groups“ andere Gruppen als die der Zuweisung. Eine hier angelegte App sendet PUT, eine aus dem Katalog PATCH. Beides funktioniert.',
  ],
  onelogin: [
    'Öffnen Sie in OneLogin „Applications“, „Add App“, und suchen Sie „SCIM Provisioner with SAML (SCIM v2 Enterprise)“.',
    'Unter „Configuration“: „SCIM Base URL“ ist die Tenant URL, „SCIM Bearer Token“ ist das Secret token. Drücken Sie bei „API Status“ „Enable“.',
    'Haken Sie unter „Provisioning“ „Enable provisioning“ an, und wählen Sie, was beim Löschen von Personen geschieht: „Suspend“ deaktiviert sie hier.',
    'Ordnen Sie unter „Parameters“ zu, was Sie brauchen; weisen Sie unter „Users“ Personen zu und bestätigen Sie sie.',
  ],
  jumpcloud: [
    'Öffnen Sie im JumpCloud Admin Portal „SSO Applications“, „Add New Application“, und „Custom Application“; wählen Sie „Export users to this app (Identity Management)“.',
    'Wählen Sie unter „Identity Management“ „SCIM API“ und die Version „SCIM 2.0“: „Base URL“ ist die Tenant URL, „Token Key“ ist das Secret token; geben Sie die E-Mail eines Testbenutzers an. Drücken Sie „Test Connection“, dann „Activate“.',
    'Weisen Sie unter „User Groups“ Gruppen zu; haken Sie „Enable management of User Groups“ an, um die Gruppen selbst zu senden.',
  ],
  otherSteps: [
    'Tragen Sie die Tenant URL als Basis-URL von SCIM 2.0 ein, und das Secret token als Bearer-Token (den Header Authorization).',
    'Senden Sie userName, name.givenName, name.familyName, emails, und eine externalId, die sich für eine Person nie ändert.',
    'Um eine Person zu deaktivieren, senden Sie active: false; DELETE entfernt die Person.',
    'Legen Sie zuerst eine Person an, und beobachten Sie die Checkliste.',
  ],
};
