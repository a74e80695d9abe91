// Things of the console in German.

import type { Things } from './en.ts';

export const thingsDe: Things = {
  users: {
    one: 'Benutzer',
    create: 'Neuer Benutzer',
    empty: 'Es gibt noch keine Benutzer.',
    next: 'Verbinden Sie ein Verzeichnis, importieren Sie eine Datei, laden Sie jemanden ein oder legen Sie hier jemanden an.',
  },
  invitations: {
    one: 'Einladung',
    create: 'Jemanden einladen',
    empty: 'Zurzeit ist niemand eingeladen.',
    next: 'Wen Sie einladen, der bekommt eine E-Mail und registriert sich auf dem Telefon.',
  },
  groups: {
    one: 'Benutzergruppe',
    create: 'Neue Benutzergruppe',
    empty: 'Es gibt noch keine Benutzergruppen.',
    next: 'Sie kommen mit den Benutzern eines Verzeichnisses oder einer Datei; Sie können auch hier eine anlegen.',
  },
  stores: {
    one: 'Filiale',
    create: 'Neue Filiale',
    empty: 'Es gibt noch keine Filialen.',
    next: 'Sie kommen mit den Benutzern eines Verzeichnisses oder einer Datei; Sie können auch hier eine anlegen.',
  },
  orgUnits: {
    one: 'Organisationseinheit',
    create: 'Neue Organisationseinheit',
    empty: 'Es gibt noch keine Organisationseinheiten.',
    next: 'Beginnen Sie mit der obersten; der Pfad der Einheiten darunter beginnt mit ihrem, zum Beispiel Retail/Benelux.',
  },
  roles: {
    one: 'Rolle',
    create: 'Neue Rolle',
    empty: 'Es gibt noch keine Rollen.',
    next: 'Legen Sie eine für jede Rolle an, die Ihre Dateien jemandem geben; eine Zeile mit einer anderen wird abgelehnt.',
  },
  organizations: {
    one: 'Organisation',
    create: 'Neue Organisation',
    empty: 'Es gibt noch keine Organisationen.',
    next: 'Legen Sie eine für jede Organisation an, die Ihre Dateien nennen; eine Zeile mit einer anderen wird abgelehnt.',
  },
  enrollmentProfiles: {
    one: 'Einschreibeprofil',
    create: 'Neues Einschreibeprofil',
    empty: 'Es gibt noch keine Einschreibeprofile.',
    next: 'Legen Sie eines für jedes Profil an, das Ihre Dateien nennen; eine Zeile mit einem anderen wird abgelehnt.',
  },
  courses: {
    one: 'Kurs',
    create: 'Neuer Kurs',
    empty: 'Es gibt noch keine Kurse.',
    next: 'Veröffentlichen Sie einen für alle oder für einige Benutzergruppen.',
  },
  imports: {
    one: 'Import',
    create: 'Neuer Import',
    empty: 'Es wurde noch nichts importiert.',
    next: 'Wählen Sie oben eine CSV- oder XML-Datei. Sie wird zuerst simuliert.',
  },
  connections: {
    one: 'Verbindung',
    create: 'Neue Verbindung',
    empty: 'Es gibt noch keine Verbindungen.',
    next: 'Legen Sie eine für das Verzeichnis an, das Ihre Benutzer sendet, und geben Sie ihr ein Token oder senden Sie ihren Einrichtungslink.',
  },
  attributes: {
    one: 'Eigenes Attribut',
    create: 'Neues eigenes Attribut',
    empty: 'Es gibt noch keine eigenen Attribute.',
    next: 'Legen Sie eines für das an, was Sie von Personen wissen und kein anderes Feld hat.',
  },
  events: {
    one: 'Anfrage',
    create: 'Neue Anfrage',
    empty: 'Es gab noch keine Anfragen.',
    next: 'Sie erscheinen hier, sobald eine Verbindung sich meldet. Legen Sie zuerst eine Verbindung an.',
  },
  audit: {
    one: 'Änderung',
    create: 'Neue Änderung',
    empty: 'Es wurde noch nichts geändert.',
    next: 'Jede Änderung eines Benutzers, einer Gruppe oder einer Filiale erscheint hier, mit dem, der sie vorgenommen hat.',
  },
  administrators: {
    one: 'Administrator',
    create: 'Neuer Administrator',
    empty: 'Das Konto hat noch keine eigenen Administratoren.',
    next: 'Legen Sie jemanden an, der sich um die Benutzer kümmert; die Person bekommt einen Link, um ein Passwort zu setzen.',
  },
};
