// The settings of an account in Dutch: their names, and what can be chosen.

import type { settingsEn } from './en.ts';

export const settingsNl: typeof settingsEn = {
  saved: 'Bewaard.',
  lead: 'Wat een account kan kiezen. Een leeg veld betekent de standaardwaarde.',
  labels: {
    name: 'Naam',
    timeZone: 'Tijdzone',
    importTime: 'Tijd van de dagelijkse import',
    importEncoding: 'Codering van bestanden',
    termsVersion: 'Versie van de voorwaarden',
    termsUrl: 'Adres van de voorwaarden',
    contact: 'Contact voor cursisten',
    colour: 'Kleur',
    crewplannerSlug: 'CrewPlanner-subdomein',
    requiredData: 'Gebruikers zonder verplichte gegevens',
    login: 'Hoe cursisten zich aanmelden',
    endDatePolicy: 'Op hun einddatum worden gebruikers',
    crewplannerAlgorithm: 'Handtekening van CrewPlanner-links',
    importDelimiter: 'Scheidingsteken van bestanden',
    inviteLifetimeDays: 'Geldigheid van een uitnodiging in dagen',
    passwordSync: 'Wachtwoorden uit SCIM overnemen',
    inviteImported: 'Nieuwe gebruikers uit CSV-bestanden uitnodigen',
  },
  choices: {
    enforce: 'worden geweigerd',
    report: 'worden aanvaard en als onvolledig getoond',
    password: 'met een wachtwoord',
    link: 'alleen via de link van een partner',
    deactivate: 'gedeactiveerd',
    delete: 'verwijderd',
    tab: 'tab',
    detect: 'herkend',
  },
};
