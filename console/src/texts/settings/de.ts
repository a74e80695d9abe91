// The settings of an account in German: their names, and what can be chosen.

import type { settingsEn } from './en.ts';

export const settingsDe: typeof settingsEn = {
  saved: 'Gespeichert.',
  lead: 'Was ein Konto wählen kann. Ein leeres Feld bedeutet den Standardwert.',
  labels: {
    name: 'Name',
    timeZone: 'Zeitzone',
    importTime: 'Uhrzeit des täglichen Imports',
    importEncoding: 'Zeichensatz von Dateien',
    termsVersion: 'Version der Bedingungen',
    termsUrl: 'Adresse der Bedingungen',
    contact: 'Kontakt für Lernende',
    colour: 'Farbe',
    crewplannerSlug: 'CrewPlanner-Subdomain',
    requiredData: 'Benutzer ohne Pflichtangaben',
    login: 'Wie sich Lernende anmelden',
    endDatePolicy: 'An ihrem Enddatum werden Benutzer',
    crewplannerAlgorithm: 'Signatur der CrewPlanner-Links',
    importDelimiter: 'Trennzeichen von Dateien',
    inviteLifetimeDays: 'Gültigkeit einer Einladung in Tagen',
    passwordSync: 'Passwörter aus SCIM übernehmen',
    inviteImported: 'Neue Benutzer aus CSV-Dateien einladen',
  },
  choices: {
    enforce: 'werden abgelehnt',
    report: 'werden angenommen und als unvollständig angezeigt',
    password: 'mit einem Passwort',
    link: 'nur über den Link eines Partners',
    deactivate: 'deaktiviert',
    delete: 'gelöscht',
    tab: 'Tabulator',
    detect: 'erkannt',
  },
};
