// The texts of the pages and mails of learners in German.

import type { Texts } from './en.ts';

export const de: Texts = {
  signIn: {
    title: 'Anmelden',
    name: 'Anmeldename oder E-Mail',
    password: 'Passwort',
    button: 'Anmelden',
    forgot: 'Passwort vergessen?',
    wrong:
      'Dieser Anmeldename oder diese E-Mail und dieses Passwort gehören nicht zusammen. Wenn mehrere Personen deine E-Mail nutzen, melde dich mit deinem Anmeldenamen an.',
    ambiguous: 'Mehrere Personen nutzen diese E-Mail. Melde dich mit deinem Anmeldenamen an.',
    limited: 'Zu viele falsche Passwörter. Versuche es in {wait} noch einmal.',
    busy: 'Gerade melden sich viele Personen an. Versuche es gleich noch einmal.',
    empty: 'Fülle beide Felder aus.',
  },
  seconds: '{n} Sekunden',
  minutes: '{n} Minuten',
  forgot: {
    title: 'Ein neues Passwort setzen',
    lead: 'Gib deinen Anmeldenamen oder deine E-Mail an. Wenn wir dich kennen, schicken wir dir eine Mail mit einem Link, über den du ein Passwort setzt.',
    button: 'Den Link senden',
    sentTitle: 'Sieh in deine Mails',
    sent: 'Wenn wir dich kennen und deine E-Mail haben, ist eine Mail mit einem Link unterwegs. Der Link gilt einmal, eine Stunde lang. Nichts da? Sieh im Spam-Ordner nach oder frage {contact}.',
    limited: 'Von hier wurde zu oft ein Link angefordert. Versuche es später noch einmal.',
    back: 'Zurück zur Anmeldung',
  },
  password: {
    title: 'Wähle ein Passwort',
    label: 'Neues Passwort, mindestens 12 Zeichen',
    hint: 'Mehrere Wörter, die nichts miteinander zu tun haben, sind leicht zu merken und schwer zu erraten.',
    button: 'Das Passwort setzen',
    short: 'Das Passwort braucht mindestens 12 Zeichen.',
    long: 'Das Passwort ist zu lang.',
    weak: 'Dieses Passwort ist zu leicht zu erraten. Nimm mehrere Wörter, die nichts miteinander zu tun haben, und nicht deinen Namen.',
    doneTitle: 'Dein Passwort ist gesetzt',
    done: 'Du kannst dich jetzt damit anmelden. Auf allen Geräten bist du abgemeldet.',
    continue: 'Anmelden',
  },
  chooseLanguage: {
    title: 'Willkommen, {name}',
    titleUnnamed: 'Willkommen',
    lead: 'In welcher Sprache möchtest du lernen?',
    button: 'Weiter',
  },
  terms: {
    title: 'Nutzungsbedingungen',
    lead: 'Bevor es weitergeht: Akzeptiere die Nutzungsbedingungen und die Datenschutzerklärung von {account}.',
    read: 'Die Nutzungsbedingungen lesen (öffnet ein neues Fenster)',
    version: 'Version {version}',
    accept: 'Ich akzeptiere die Nutzungsbedingungen und die Datenschutzerklärung',
    button: 'Weiter',
    missing: 'Setze das Häkchen, um fortzufahren.',
  },
  done: {
    title: 'Du bist drin',
    lead: 'Deine Registrierung bei {account} ist abgeschlossen.',
    continue: 'Die App öffnen',
    later: 'Öffne die App von {account} und melde dich an.',
  },
  refused: {
    title: 'Du kommst nicht hinein',
    blocked: 'Dein Zugang ist gesperrt. Frage {contact}.',
    inactive: 'Dein Zugang ist nicht aktiv. Frage {contact}.',
    notRegistered:
      'Du hast dich noch nicht registriert. Öffne den Link in deiner Einladung oder bitte {contact}, sie noch einmal zu senden.',
    linkOnly: 'Bei {account} kommst du über den Link in deiner Planungs-App hinein, ohne Passwort.',
    incomplete:
      'Einige deiner Daten fehlen, daher kommst du noch nicht hinein: {missing}. Bitte {contact}, sie zu ergänzen.',
    managerWithoutStore:
      'Du leitest eine Filiale, aber dir ist noch keine zugewiesen. Bitte {contact}, dir eine zuzuweisen, und komm dann wieder.',
    other: 'Als jemand anderes anmelden',
  },
  contact: 'deine Administration',
  missing: {
    name: 'dein Name',
    contact: 'deine E-Mail oder Telefonnummer',
    store: 'deine Filiale',
    group: 'deine Gruppe',
    manager: 'deine Führungskraft',
    other: 'weitere Daten',
  },
  link: {
    usedTitle: 'Dieser Link wurde schon benutzt',
    used: 'Du hast dich mit diesem Link schon registriert. Melde dich mit deinem Passwort an. Wenn du es vergessen hast, kannst du dort ein neues setzen.',
    usedByLink: 'Du hast dich mit diesem Link schon registriert. Komm über den Link in deiner Planungs-App hinein.',
    expiredTitle: 'Dieser Link ist abgelaufen',
    expired: 'Die Zeit für die Registrierung ist vorbei. Bitte {contact} um eine neue Einladung.',
    revokedTitle: 'Diese Einladung wurde zurückgezogen',
    revoked: 'Die Einladung gilt nicht mehr. Wenn du das für ein Versehen hältst, frage {contact}.',
    unknownTitle: 'Dieser Link funktioniert nicht',
    unknown: 'Der Link ist nicht vollständig oder nicht richtig. Öffne ihn in der Mail selbst oder kopiere ihn ganz.',
    resetTitle: 'Dieser Link gilt nicht mehr',
    reset: 'Er wurde schon benutzt oder ist älter als eine Stunde. Fordere auf der Seite der Anmeldung einen neuen an.',
    signIn: 'Zur Anmeldung',
  },
  signOut: {
    title: 'Abmelden',
    lead: 'Möchtest du dich abmelden?',
    everywhere: 'Auf allen meinen Geräten',
    button: 'Abmelden',
    doneTitle: 'Du bist abgemeldet',
    done: 'Du kannst dieses Fenster schließen.',
  },
  failed: {
    title: 'Das hat nicht geklappt',
    expired:
      'Diese Seite ist zu alt, oder die Anmeldung hat in einem anderen Fenster begonnen. Geh zurück zur App und melde dich noch einmal an.',
    foreign: 'Das Formular kam von einer anderen Website. Nichts wurde geändert.',
    request: 'Die App hat etwas verlangt, das nicht möglich ist. Geh zurück zur App und versuche es noch einmal.',
    server: 'Bei uns stimmt etwas nicht. Versuche es in ein paar Minuten noch einmal.',
    busy: 'Gerade sind viele Personen hier. Versuche es in ein paar Sekunden noch einmal.',
    way: 'Diesen Weg zur Anmeldung gibt es nicht. Prüfe die Adresse.',
    linkInvalid:
      'Dieser Link funktioniert nicht. Öffne MobieTrain noch einmal aus deiner Planungs-App; hilft das nicht, frage {contact}.',
    linkExpired: 'Dieser Link ist zu alt. Öffne MobieTrain noch einmal aus deiner Planungs-App.',
    linkUsed:
      'Dieser Link wurde schon benutzt; er funktioniert einmal. Öffne MobieTrain noch einmal aus deiner Planungs-App.',
    linkRefused: 'Deine Planungs-App hat Daten gesendet, mit denen wir dich nicht einlassen können. Frage {contact}.',
    linkOff: 'Der Link aus deiner Planungs-App ist für dieses Konto nicht eingerichtet. Frage {contact}.',
  },
  mail: {
    resetSubject: 'Setze dein Passwort für {account}',
    reset:
      'Hallo {name},\n\nöffne diesen Link, um ein neues Passwort für {account} zu setzen. Er gilt einmal, eine Stunde lang:\n\n{url}\n\nDein Anmeldename ist {loginName}.\n\nWenn du das nicht angefordert hast, tu nichts: Dein Passwort bleibt, wie es ist.',
    inviteSubject: 'Deine Einladung zu {account}',
    invite:
      'Hallo {name},\n\ndu bist eingeladen, mit {account} zu lernen. Öffne diesen Link, um deine Sprache und ein Passwort zu wählen:\n\n{url}\n\nDer Link gilt bis einschließlich {lastDay}. Wenn du dich bis dahin nicht registrierst, werden deine Daten gelöscht.',
    reminderSubject: 'Deine Einladung zu {account} ist noch offen',
    reminder:
      'Hallo {name},\n\ndu hast dich noch nicht bei {account} registriert. Öffne diesen Link, um deine Sprache und ein Passwort zu wählen:\n\n{url}\n\nDer Link gilt bis einschließlich {lastDay}. Wenn du dich bis dahin nicht registrierst, werden deine Daten gelöscht.',
    tokenExpirySubject: 'Ein Token von {connection} läuft am {lastDay} ab',
    tokenExpiry:
      'Hallo {name},\n\ndas Token {token} der Verbindung {connection} in {account} läuft am {lastDay} ab. Von da an lehnt der Server jede Synchronisierung ab, und Entra ID setzt den Auftrag sofort in Quarantäne.\n\nErstelle ein neues Token und füge es im Client ein, solange das alte noch gilt:\n\n{url}\n\nBeide Tokens gelten, bis das alte abläuft oder widerrufen wird.',
    tokenExpiryButton: 'Verbindung öffnen',
    resetButton: 'Passwort setzen',
    inviteButton: 'Registrieren',
    sms: '{account}: Registriere dich bis {lastDay} über diesen Link: {url}',
  },
};
