// Things of the console in Dutch.

import type { Things } from './en.ts';

export const thingsNl: Things = {
  users: {
    one: 'Gebruiker',
    create: 'Nieuwe gebruiker',
    empty: 'Er zijn nog geen gebruikers.',
    next: 'Verbind een directory, importeer een bestand, nodig iemand uit, of voeg hier iemand toe.',
  },
  invitations: {
    one: 'Uitnodiging',
    create: 'Iemand uitnodigen',
    empty: 'Er is nu niemand uitgenodigd.',
    next: 'Wie je uitnodigt, krijgt een mail en registreert zich op de telefoon.',
  },
  groups: {
    one: 'Gebruikersgroep',
    create: 'Nieuwe gebruikersgroep',
    empty: 'Er zijn nog geen gebruikersgroepen.',
    next: 'Ze komen mee met de gebruikers van een directory of een bestand; je kunt er hier ook een maken.',
  },
  stores: {
    one: 'Winkel',
    create: 'Nieuwe winkel',
    empty: 'Er zijn nog geen winkels.',
    next: 'Ze komen mee met de gebruikers van een directory of een bestand; je kunt er hier ook een maken.',
  },
  orgUnits: {
    one: 'Organisatie-eenheid',
    create: 'Nieuwe organisatie-eenheid',
    empty: 'Er zijn nog geen organisatie-eenheden.',
    next: 'Begin met de bovenste; eenheden eronder hebben haar pad in het hunne, zoals Retail/Benelux.',
  },
  roles: {
    one: 'Rol',
    create: 'Nieuwe rol',
    empty: 'Er zijn nog geen rollen.',
    next: 'Maak er een voor elke rol die je bestanden aan mensen geven; een rij met een andere wordt geweigerd.',
  },
  organizations: {
    one: 'Organisatie',
    create: 'Nieuwe organisatie',
    empty: 'Er zijn nog geen organisaties.',
    next: 'Maak er een voor elke organisatie die je bestanden noemen; een rij met een andere wordt geweigerd.',
  },
  enrollmentProfiles: {
    one: 'Inschrijvingsprofiel',
    create: 'Nieuw inschrijvingsprofiel',
    empty: 'Er zijn nog geen inschrijvingsprofielen.',
    next: 'Maak er een voor elk profiel dat je bestanden noemen; een rij met een ander wordt geweigerd.',
  },
  courses: {
    one: 'Cursus',
    create: 'Nieuwe cursus',
    empty: 'Er zijn nog geen cursussen.',
    next: 'Publiceer er een voor iedereen of voor enkele gebruikersgroepen.',
  },
  imports: {
    one: 'Import',
    create: 'Nieuwe import',
    empty: 'Er is nog niets geïmporteerd.',
    next: 'Kies hierboven een CSV- of XML-bestand. Het wordt eerst gesimuleerd.',
  },
  connections: {
    one: 'Verbinding',
    create: 'Nieuwe verbinding',
    empty: 'Er zijn nog geen verbindingen.',
    next: 'Maak er een voor de directory die je gebruikers stuurt, en geef haar een token of stuur haar instellink.',
  },
  attributes: {
    one: 'Eigen attribuut',
    create: 'Nieuw eigen attribuut',
    empty: 'Er zijn nog geen eigen attributen.',
    next: 'Voeg er een toe voor wat je van mensen weet en geen ander veld heeft.',
  },
  events: {
    one: 'Verzoek',
    create: 'Nieuw verzoek',
    empty: 'Er waren nog geen verzoeken.',
    next: 'Ze verschijnen hier zodra een verbinding belt. Maak eerst een verbinding.',
  },
  audit: {
    one: 'Wijziging',
    create: 'Nieuwe wijziging',
    empty: 'Er is nog niets gewijzigd.',
    next: 'Elke wijziging van een gebruiker, groep of winkel verschijnt hier, met wie haar deed.',
  },
  administrators: {
    one: 'Beheerder',
    create: 'Nieuwe beheerder',
    empty: 'Het account heeft nog geen eigen beheerders.',
    next: 'Voeg iemand toe die voor de gebruikers zorgt; die krijgt een link om een wachtwoord in te stellen.',
  },
};
