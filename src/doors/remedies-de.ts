// Ursache und Abhilfe jedes Fehlercodes auf Deutsch.

import type { Remedies } from './remedies.ts';

export const de: Remedies = {
  required: {
    cause: 'Ein Pflichtattribut ist im Client nicht zugeordnet oder für diese Personen in der Quelle leer.',
    fix: 'Füllen Sie das Attribut in der Quelle aus, oder ordnen Sie es zu. Um unvollständige Benutzer anzunehmen und zu sehen, was fehlt, stellen Sie das Konto so ein, dass es Pflichtdaten nur meldet.',
  },
  tooLong: {
    cause: 'Ein Text in der Quelle ist länger, als dieser Server speichert.',
    fix: 'Kürzen Sie den Text in der Quelle, oder schneiden Sie ihn in der Attributzuordnung ab.',
  },
  tooMany: {
    cause: 'Eine Anfrage hat mehr Elemente, als eine Anfrage haben darf.',
    fix: 'Senden Sie weniger auf einmal; weisen Sie Gruppen der Anwendung nacheinander zu.',
  },
  wrongType: {
    cause: 'Die Attributzuordnung sendet einen anderen Typ, als das Attribut hat, etwa einen Text für eine Zahl.',
    fix: 'Berichtigen Sie den Ausdruck der Zuordnung; die Antwort auf eine abgelehnte Anfrage nennt das Attribut und den richtigen Typ.',
  },
  invalidValue: {
    cause: 'Ein Wert in der Quelle hat eine Form, die nicht erlaubt ist, etwa einen Ländernamen statt der Vorwahl.',
    fix: 'Berichtigen Sie den Wert in der Quelle, oder wandeln Sie ihn in der Attributzuordnung um; die Antwort nennt Attribut und Regel.',
  },
  uniqueness: {
    cause:
      'Ein anderer Benutzer oder eine andere Gruppe hat hier denselben Anmeldenamen oder dieselbe External ID: oft jemand, der früher importiert oder eingeladen wurde.',
    fix: 'Gleichen Sie über ein Attribut ab, das beide Seiten haben, damit der Client den vorhandenen Benutzer findet. Ändern Sie sonst einen der beiden.',
  },
  notFound: {
    cause: 'Der Client bezieht sich auf einen Benutzer oder eine Gruppe, die hier gelöscht wurde.',
    fix: 'Starten Sie die Synchronisierung im Client neu, damit er alle wieder sucht.',
  },
  memberNotFound: {
    cause:
      'Eine Gruppe hat ein Mitglied, das hier nicht da ist: Der Client hat die Person nicht angelegt, das Anlegen wurde abgelehnt, oder sie wurde hier gelöscht.',
    fix: 'Weisen Sie auch die Person der Anwendung zu, und suchen Sie vorher nach einem abgelehnten Anlegen. Wurde sie hier gelöscht, heben Sie die Zuweisung auf und weisen Sie sie neu zu.',
  },
  nestedGroup: {
    cause: 'Eine Gruppe hat eine andere Gruppe als Mitglied; Benutzergruppen haben hier keine Hierarchie.',
    fix: 'Weisen Sie die Gruppen mit den Personen selbst zu.',
  },
  mutability: {
    cause:
      'Der Client ändert ein Attribut, das nur der Server oder ein Administrator ändern darf, oder die Mitglieder einer abgeleiteten Gruppe.',
    fix: 'Nehmen Sie das Attribut aus der Zuordnung, oder die Gruppe aus der Zuweisung.',
  },
  userLimit: {
    cause: 'Das Konto hat so viele aktive Benutzer, wie sein Vertrag erlaubt.',
    fix: 'Deaktivieren Sie Personen, die gegangen sind, oder lassen Sie die Grenze anheben.',
  },
  ambiguousIdentity: {
    cause: 'Eine Zeile einer Datei passt zu mehr als einem Benutzer.',
    fix: 'Ergänzen Sie die External ID in der Zeile.',
  },
  possibleDuplicate: {
    cause:
      'Eine Zeile hat die E-Mail-Adresse eines Benutzers mit einer anderen External ID, der vielleicht dieselbe Person ist.',
    fix: 'Berichtigen Sie die External ID in der Datei, oder ändern Sie die E-Mail-Adresse eines der beiden.',
  },
  unknownReference: {
    cause:
      'Es wird eine Rolle, eine Einheit, eine Organisation, ein Einschreibeprofil oder eine Filiale genannt, die es hier nicht gibt.',
    fix: 'Legen Sie sie zuerst an, oder berichtigen Sie den Namen in der Quelle.',
  },
  inUse: {
    cause: 'Etwas soll entfernt werden, das Benutzer noch haben.',
    fix: 'Verschieben Sie zuerst die Benutzer, und entfernen Sie es dann.',
  },
  forbidden: {
    cause:
      'Die Zugangsdaten oder die Rolle des Administrators erlauben das nicht. Eine Verbindung liest Filialen und Organisationseinheiten über SCIM nur, solange sie sie nicht schreiben darf.',
    fix: 'Verwenden Sie ein Token dieser Verbindung, oder bitten Sie um das Recht. Für Filialen und Organisationseinheiten schalten Sie in der Verbindung „Schreibt Filialen und Organisationseinheiten“ ein, in der Konsole oder mit `connection set NAME --stores-and-units write`.',
  },
  preconditionFailed: {
    cause: 'Zwei Clients ändern dasselbe, und einer arbeitet mit einer alten Version.',
    fix: 'Mit der nächsten Synchronisierung löst es sich auf. Wiederholt es sich, lassen Sie nur eine Verbindung diese Benutzer schreiben.',
  },
  busy: {
    cause: 'Viele Anfragen ändern gleichzeitig dasselbe, oder der Server hat keinen Platz für weitere Anfragen.',
    fix: 'Der Client versucht es von selbst noch einmal. Wiederholt es sich jeden Tag, verteilen Sie die Arbeit: weniger Zuweisungen auf einmal.',
  },
  filter: {
    cause: 'Der Client sucht mit einem Attribut oder Operator, den der Server nicht hat.',
    fix: 'Wählen Sie userName, externalId oder die geschäftliche E-Mail als Abgleichsattribut in der Attributzuordnung des Clients.',
  },
  path: {
    cause: 'Die Attributzuordnung nennt ein Attribut, das es hier nicht gibt.',
    fix: 'Vergleichen Sie die Zuordnung mit der Attributtabelle, und entfernen oder berichtigen Sie die Zeile. Oder lassen Sie die Verbindung unbekannte Attribute übergehen.',
  },
  syntax: {
    cause: 'Der Client sendet eine Anfrage, die kein gültiges JSON oder keine SCIM-Nachricht ist.',
    fix: 'Öffnen Sie eine der abgelehnten Anfragen im Verlauf: Die Antwort nennt die Stelle. Melden Sie es dem Hersteller des Clients.',
  },
  cursor: {
    cause: 'Der Client setzt eine Liste zu spät fort, oder mit anderen Parametern als am Anfang.',
    fix: 'Starten Sie den Import neu. Wiederholt es sich, verwenden Sie Seiten mit startIndex.',
  },
  outage: {
    cause: 'Der Server oder seine Datenbank war nicht erreichbar.',
    fix: 'Der Client versucht es von selbst noch einmal. Dauert es an, fragen Sie den Betreiber des Servers, mit der Anfragenummer eines Ereignisses.',
  },
  expired: {
    cause: 'Das Token dieser Verbindung ist abgelaufen.',
    fix: 'Erstellen Sie hier ein neues Token und fügen Sie es im Client als geheimes Token ein. Testen Sie dort dann die Verbindung.',
  },
  revoked: {
    cause: 'Der Client verwendet ein Token, das widerrufen wurde.',
    fix: 'Fügen Sie das aktuelle Token im Client ein, oder erstellen Sie ein neues. Testen Sie dort dann die Verbindung.',
  },
  address: {
    cause: 'Der Client ruft eine Adresse auf, die es hier nicht gibt, oder etwas, das gelöscht wurde.',
    fix: 'Vergleichen Sie die Tenant URL mit der auf der Einrichtungsseite. Starten Sie sonst die Synchronisierung neu.',
  },
  method: {
    cause: 'Der Client verwendet eine Methode, die die Adresse nicht hat.',
    fix: 'Vergleichen Sie die Tenant URL mit der auf der Einrichtungsseite: Sie muss mit /scim/v2 enden.',
  },
  size: {
    cause: 'Eine Anfrage ist größer, als der Server annimmt.',
    fix: 'Senden Sie weniger Mitglieder oder Vorgänge auf einmal.',
  },
  mediaType: {
    cause: 'Der Client sendet einen Inhalt, der kein JSON ist.',
    fix: 'Stellen Sie den Inhaltstyp im Client auf application/scim+json.',
  },
  unknown: {
    cause: 'Die Anfragen wurden aus einem Grund abgelehnt, der in jeder Antwort steht.',
    fix: 'Öffnen Sie eine der abgelehnten Anfragen im Verlauf, und folgen Sie dem Satz der Antwort.',
  },
};
