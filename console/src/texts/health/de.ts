// Die Texte über den Zustand von Verbindungen auf Deutsch.

import type { HealthTexts } from './en.ts';

export const de: HealthTexts = {
  title: 'Zustand',
  loading: 'Wird geladen…',
  status: { ok: 'Läuft', warning: 'Bitte ansehen', problem: 'Läuft nicht', unused: 'Noch kein Aufruf' },
  problems: {
    inQuarantine:
      'Nach den veröffentlichten Schwellen hat Entra ID diesen Auftrag in Quarantäne gesetzt: Er läuft einmal am Tag und wird nach vier Wochen abgeschaltet.',
    tokenExpired:
      'Das Token ist abgelaufen: Jede Synchronisierung wird abgelehnt. Erstellen Sie ein neues und fügen Sie es im Client ein.',
    quarantineNear:
      'Entra ID setzt diesen Auftrag in Quarantäne, wenn weiter Fehler auftreten. Beheben Sie zuerst den häufigsten Fehler.',
    tokenExpiring:
      'Das Token läuft in %{days} ab. Erstellen Sie ein neues und fügen Sie es im Client ein, solange das alte gilt.',
    manyRefused: 'In den letzten 24 Stunden wurden viele Aufrufe abgelehnt. Ihre Seite zeigt die häufigsten Fehler.',
    serverErrors:
      'Der Server konnte in den letzten 24 Stunden mehrere Aufrufe nicht beantworten. Der Client versucht es von selbst noch einmal.',
    neverCalled:
      'Der Client hat noch nichts gesendet. Schicken Sie den Einrichtungslink an die Personen, die das Verzeichnis verwalten.',
  },
  oneDay: 'einem Tag',
  days: '%{n} Tagen',
  lastCall: 'Letzter Aufruf',
  lastSuccess: 'Letzter gelungener Aufruf',
  never: 'nie',
  client: 'Client',
  unknownClient: 'am User-Agent nicht erkannt',
  interval: 'Abstand der Synchronisierungen',
  observed: '%{n} Minuten beobachtet',
  published: 'etwa %{n} Minuten, sagt der Hersteller',
  unknown: 'nicht bekannt',
  next: 'Nächste Synchronisierung',
  due: 'erwartet %{time}',
  overdue:
    'war erwartet %{time}. Ein Client sendet oft nichts, solange sich nichts ändert; wenn Sie Änderungen erwarten, prüfen Sie, ob seine Synchronisierung läuft.',
  people: 'Benutzer',
  groups: 'Benutzergruppen',
  brought: '%{n} von dieser Verbindung, gezählt %{time}',
  here: '%{n} im Konto',
  listed: 'der Client hat zuletzt %{n} gelesen (%{time}), %{difference}',
  same: 'seitdem kein Unterschied',
  more: 'seitdem %{n} mehr hier',
  fewer: 'seitdem %{n} weniger hier',
  notListed: 'der Client liest nicht die ganze Liste, also gibt es nichts zu vergleichen',
  calls: 'Aufrufe',
  hours: 'Letzte 48 Stunden',
  month: 'Letzte 30 Tage',
  accepted: 'Angenommen',
  refused: 'Abgelehnt',
  failed: 'Serverfehler',
  summary: '%{requests} Aufrufe, %{refused} abgelehnt, %{failed} Serverfehler',
  table: 'Als Tabelle zeigen',
  time: 'Zeit',
  requests: 'Aufrufe',
  faults: 'Was am häufigsten scheitert (30 Tage)',
  showRefused: 'Die abgelehnten Anfragen zeigen',
  noFaults: 'In den letzten 30 Tagen wurde nichts abgelehnt.',
  once: 'einmal, %{time}',
  times: '%{n}-mal, zuletzt %{time}',
  quarantine: 'Quarantäne von Entra ID',
  forecast: { none: 'Nicht nahe', approaching: 'Nahe', inQuarantine: 'In Quarantäne' },
  counted: '%{failures} von %{operations} Vorgängen sind in den letzten %{hours} Stunden gescheitert (%{share} %).',
  left: 'Nach %{n} weiteren Fehlern in Folge: %{threshold}.',
  crossed: 'Überschritten: %{threshold}.',
  thresholds: {
    token: 'Aufrufe werden wegen ihres Tokens abgelehnt',
    share: 'mehr als 40 % Fehler, ab 5.000 Fehlern',
    failures: 'mehr als 40.000 Fehler, ohne die von Verweisen',
    allFailures: '60.000 Fehler insgesamt',
  },
  restart:
    'Beheben Sie die Ursache und klicken Sie dann in Entra auf Restart provisioning. Bei einem Token: Erstellen Sie zuerst ein neues, fügen Sie es als Secret Token ein und klicken Sie auf Test Connection.',
  overview: 'Verbindungen',
  allWork: 'Alle Verbindungen laufen.',
  requestsOverTime: 'Aufrufe und Ablehnungen, letzte 30 Tage',
  usersOverTime: 'Benutzer, letzte 30 Tage',
  activeUsers: 'Aktive Benutzer',
  inactiveUsers: 'Inaktive Benutzer',
  usersSummary: '%{users} Benutzer, davon %{active} aktiv, gezählt %{time}',
};
